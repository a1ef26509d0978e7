#include "daemon/seeing/status_page.h"

#include <weir/version.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "daemon/seeing/day_chart.h"
#include "daemon/seeing/pace_words.h"
#include "daemon/seeing/page_parts.h"
#include "daemon/seeing/why.h"
#include "output/command_words.h"
#include "output/numbers.h"

namespace weir::daemon {
namespace {

using cli::counted;
using cli::grouped;

constexpr std::size_t kMostVerdicts = 3;
constexpr std::size_t kManySources = 50;
constexpr std::size_t kLastCalls = 20;

std::string heading(const std::string& id, const std::string& text) {
  return "<section aria-labelledby=\"" + id + "\"><h2 id=\"" + id + "\">" + text + "</h2>\n";
}

// A table that scrolls in itself where it is too wide; then the keyboard must reach it.
std::string table(const std::string& caption, const std::vector<std::string>& columns,
                  const std::string& rows) {
  std::string text = R"(<div class="wide" role="region" tabindex="0" aria-label=")" + caption +
                     "\"><table><caption>" + caption + "</caption><thead><tr>";
  for (const std::string& column : columns) text += "<th scope=\"col\">" + column + "</th>";
  return text + "</tr></thead>\n<tbody>" + rows + "</tbody></table></div>\n";
}

std::string row(const std::vector<std::string>& cells) {
  std::string text = "<tr><th scope=\"row\">" + cells.front() + "</th>";
  for (std::size_t i = 1; i < cells.size(); ++i) text += "<td>" + cells[i] + "</td>";
  return text + "</tr>\n";
}

std::string one_verdict(const Verdict& verdict, TimePoint now) {
  const std::string kind = verdict.is_error ? "error" : "warning";
  std::string text =
      "<li class=\"" + kind + "\"><strong>" + (verdict.is_error ? "✖ Error: " : "▲ Warning: ");
  if (!verdict.org.empty()) text += html(verdict.org) + ", ";
  text += html(verdict.name) + "</strong>, " + moment(verdict.since, now) + ": ";
  return text + html(verdict.text) + ". <span class=\"do\">Next: " + html(verdict.what_to_do) +
         "</span></li>\n";
}

std::string verdict_part(const Status& status) {
  const std::vector<Verdict> all = verdict_of(status);
  if (all.empty()) {
    return "<section id=\"verdict\" role=\"status\" class=\"well\"><h2>✔ All is "
           "well</h2></section>\n";
  }
  const auto errors = std::count_if(all.begin(), all.end(),
                                    [](const Verdict& verdict) { return verdict.is_error; });
  const auto warnings = static_cast<std::int64_t>(all.size()) - errors;
  std::string title = errors > 0 ? "✖ " + counted(errors, "error") : "▲ ";
  if (warnings > 0) title += (errors > 0 ? ", " : "") + counted(warnings, "warning");
  std::string text = std::string(R"(<section id="verdict" role="status" class=")") +
                     (errors > 0 ? "error" : "warning") + "\"><h2>" + title + "</h2><ul>\n";
  for (std::size_t i = 0; i < std::min(all.size(), kMostVerdicts); ++i)
    text += one_verdict(all[i], status.now);
  text += "</ul>";
  if (all.size() > kMostVerdicts) {
    text += "<p>And " + std::to_string(all.size() - kMostVerdicts) +
            " more: they are marked in the tables below.</p>";
  }
  return text + "</section>\n";
}

std::string today_part(const OrgStatus& org, TimePoint now) {
  const Usage& usage = org.usage;
  std::string text = heading("today", "Today");
  if (!org.is_known)
    return text +
           "<p><strong>How many calls are left is not known</strong>, for the store has not told "
           "it since weir run was started.</p>\n</section>\n";
  if (org.numbers_at)
    text += "<p>Here and in the tables below is what the store told " +
            moment(org.numbers_at, now) + "; it has not answered since.</p>\n";
  text += "<p><strong>" + grouped(usage.left) + " of " + grouped(usage.limit) +
          " calls left</strong>; " +
          (std::isfinite(usage.price_row_seconds)
               ? "a call is sent when it saves " + cli::row_seconds(usage.price_row_seconds) +
                     " stale row-seconds"
               : "no call is sent before the reset") +
          ".</p>\n";
  text += calls_bar(usage);
  text += "<p>" + std::string(usage.lasts_until
                                  ? "At the rate of the last hour they are spent " +
                                        moment(usage.lasts_until, now)
                                  : "At the rate of the last hour they last past the reset");
  text += "; the reset, midnight in " + html(usage.time_zone) + ", is " +
          moment(usage.resets_at, now) + ".</p>\n";
  return text + day_chart(usage, now) + "</section>\n";
}

bool is_trouble(const SourceStatus& source) {
  return source.state == SourceState::kFailing || source.state == SourceState::kHeld ||
         !source.error.empty() || source.dead_letters > 0;
}

std::string state_cell(const SourceStatus& source) {
  const bool fails = source.state == SourceState::kFailing || !source.error.empty();
  const char* const icon = fails ? "✖ " : is_trouble(source) ? "▲ " : "✔ ";
  std::string text = std::string("<span class=\"") +
                     (fails                ? "error"
                      : is_trouble(source) ? "warning"
                                           : "well") +
                     "\">" + icon + std::string(name_of(source.state)) + "</span>";
  if (source.is_elsewhere) text += "<br>another daemon reads it";
  if (!source.error.empty()) text += "<br>" + html(source.error);
  if (source.held_deletes > 0) text += "<br>" + counted(source.held_deletes, "delete") + " held";
  if (source.dead_letters > 0) text += "<br>" + counted(source.dead_letters, "dead letter");
  return text;
}

// By trouble, then by the age of the oldest stale row.
std::vector<const SourceStatus*> in_order(const std::vector<SourceStatus>& sources) {
  std::vector<const SourceStatus*> all;
  for (const SourceStatus& source : sources) all.push_back(&source);
  const auto rank = [](const SourceStatus* source) {
    return std::tuple(!is_trouble(*source), source->oldest_at.value_or(TimePoint::max()),
                      std::string_view(source->source));
  };
  std::sort(all.begin(), all.end(),
            [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  return all;
}

std::string sources_part(const OrgStatus& org, TimePoint now, const PageQuestion& question) {
  std::string text = heading("sources", "Data sources");
  const bool only_trouble = org.sources.size() > kManySources && !question.all_sources;
  std::string rows;
  std::size_t shown = 0;
  for (const SourceStatus* source : in_order(org.sources)) {
    if (only_trouble && !is_trouble(*source)) continue;
    ++shown;
    rows += row({html(source->source), state_cell(*source), html(source->deliver),
                 grouped(source->stale_rows), moment(source->oldest_at, now),
                 moment(source->sent_at, now), moment(source->next_at, now),
                 grouped(source->calls_today)});
  }
  if (only_trouble) {
    const std::string org_part =
        question.org.empty() ? "" : "org=" + std::string(question.org) + "&amp;";
    text += "<p>" + std::to_string(shown) + " of " + std::to_string(org.sources.size()) +
            " have trouble. <a href=\"?" + org_part + "all=1\">Show all " +
            std::to_string(org.sources.size()) + "</a></p>\n";
  }
  if (shown > 0) {
    text += table(
        "Data sources, trouble first",
        {"Data source", "State", "Goes by", "Stale rows", "Oldest", "Sent", "Next", "Calls today"},
        rows);
  }
  return text + "</section>\n";
}

std::string pace_cell(const PollStatus& poll) {
  if (!poll.interval) return poll.why.empty() ? "–" : html(poll.why);
  return "every " + interval_words(*poll.interval) +
         (poll.why.empty() ? "" : ": " + html(poll.why));
}

std::string handler_cell(const PollStatus& poll) {
  if (!poll.error.empty()) return "<span class=\"error\">✖ failing</span><br>" + html(poll.error);
  return std::string("<span class=\"well\">✔ ") +
         (poll.is_elsewhere ? "another daemon polls" : "ok") + "</span>";
}

std::string polls_part(const OrgStatus& org, TimePoint now) {
  if (org.polls.empty()) return "";
  std::string rows;
  for (const PollStatus& poll : org.polls) {
    rows +=
        row({html(poll.poll), moment(poll.looked_at, now), poll.found ? grouped(*poll.found) : "–",
             pace_cell(poll), moment(poll.next_at, now), handler_cell(poll), grouped(poll.waiting),
             grouped(poll.dead_letters)});
  }
  return heading("polls", "Polls") +
         table("Polls and their handlers",
               {"Poll", "Looked", "Found", "Interval and why", "Next", "Handler", "Waiting",
                "Dead letters"},
               rows) +
         "</section>\n";
}

std::string calls_part(const OrgStatus& org, TimePoint now) {
  std::string text = heading("calls", "Last calls");
  std::string rows;
  for (std::size_t i = 0; i < std::min(org.usage.log.size(), kLastCalls); ++i) {
    const CallRecord& call = org.usage.log[i];
    rows += row({moment(call.time, now), html(call.method + " " + call.target), grouped(call.rows),
                 call.status ? std::to_string(*call.status) : "no answer",
                 html(call_reason_words(call.reason))});
  }
  if (rows.empty()) return text + "<p>No calls yet.</p></section>\n";
  return text +
         table("The last calls, newest first", {"Time", "Call", "Rows", "Status", "Why"}, rows) +
         "</section>\n";
}

std::string daemon_part(const Status& status, const OrgStatus* org) {
  std::string text = heading("daemon", "This daemon") + "<dl>";
  if (org != nullptr) {
    text += "<dt>Connections open</dt><dd>" + std::to_string(org->usage.open_connections) + " of " +
            std::to_string(org->usage.connections_allowed) + "</dd>";
    text += "<dt>Dead letters</dt><dd><code>" + html(cli::command("outbox list", org->org)) +
            "</code> and <code>" + html(cli::command("entries list", org->org)) + "</code></dd>";
  }
  text += "<dt>Settings</dt><dd>" + html(status.config.file) + ", loaded " +
          moment(status.config.loaded_at, status.now) + "</dd><dt>Version</dt><dd>" +
          std::string(kVersion) + ", started " + moment(status.started_at, status.now) + "</dd>";
  return text + "</dl></section>\n";
}

std::string orgs_part(const Status& status) {
  std::string rows;
  for (const OrgStatus& org : status.orgs) {
    const auto troubles = (org.store_error.empty() ? 0 : 1) +
                          std::count_if(org.sources.begin(), org.sources.end(), is_trouble) +
                          std::count_if(org.polls.begin(), org.polls.end(), [](const auto& poll) {
                            return !poll.error.empty() || poll.dead_letters > 0;
                          });
    std::int64_t stale = 0;
    for (const SourceStatus& source : org.sources) stale += source.stale_rows;
    rows += row(
        {"<a href=\"?org=" + percent_encoded(org.org) + "\">" + html(org.org) + "</a>",
         troubles == 0 ? "<span class=\"well\">✔ well</span>"
                       : "<span class=\"error\">✖ " + counted(troubles, "trouble") + "</span>",
         org.is_known ? grouped(org.usage.left) + " of " + grouped(org.usage.limit) : "not known",
         grouped(stale), org.is_known ? moment(org.usage.resets_at, status.now) : "–"});
  }
  return heading("orgs", "Organizations") +
         table("Organizations and their calls",
               {"Organization", "State", "Calls left", "Stale rows", "Reset"}, rows) +
         "</section>\n";
}

const OrgStatus* chosen(const Status& status, std::string_view encoded) {
  if (status.orgs.size() == 1 && encoded.empty()) return &status.orgs.front();
  for (const OrgStatus& org : status.orgs) {
    if (!encoded.empty() && percent_encoded(org.org) == encoded) return &org;
  }
  return nullptr;
}

}  // namespace

std::string status_page(const Status& status, const PageQuestion& question) {
  const OrgStatus* const org = chosen(status, question.org);
  const std::string name = org == nullptr || org->org.empty() ? "Weir" : html(org->org) + " – Weir";
  std::string page =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" +
      name +
      "</title><link rel=\"stylesheet\" href=\"/status.css\">"
      "<script src=\"/status.js\" defer></script></head>\n<body>"
      "<header><h1>" +
      name + "</h1><p id=\"contact\" role=\"status\"></p></header>\n<main id=\"parts\">";
  page += verdict_part(status);
  if (org == nullptr) {
    page += orgs_part(status);
  } else {
    if (status.orgs.size() > 1)
      page += "<nav aria-label=\"Organizations\"><a href=\"/\">All organizations</a></nav>\n";
    page += today_part(*org, status.now) + sources_part(*org, status.now, question) +
            polls_part(*org, status.now) + calls_part(*org, status.now);
  }
  return page + daemon_part(status, org) + "</main></body></html>\n";
}

}  // namespace weir::daemon
