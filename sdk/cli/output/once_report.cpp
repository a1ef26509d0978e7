#include "output/once_report.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "output/command_words.h"
#include "output/flag_words.h"
#include "output/numbers.h"
#include "output/printable.h"
#include "output/report.h"

namespace weir::cli {
namespace {

using daemon::OrgOutcome;
using daemon::PollOutcome;
using daemon::SourceOutcome;
using nlohmann::ordered_json;

SendSummary summary_of(const SourceOutcome& outcome, const OrgOutcome& org, bool is_dry) {
  SendSummary summary{.source = outcome.source,
                      .sent = outcome.sent.changes,
                      .waiting = outcome.waiting,
                      .waiting_deletes = outcome.waiting_deletes,
                      .calls = outcome.sent.calls,
                      .dead_letters = outcome.sent.dead_letters,
                      .dry_run = is_dry,
                      .is_of_kept = !outcome.rows || outcome.rows->is_held,
                      .has_failed = outcome.has_sending_failed};
  if (org.usage) summary.calls_left = org.usage->left;
  if (summary.is_of_kept) return summary;
  const daemon::RowHandover& rows = *outcome.rows;
  summary.rows = rows.rows;
  summary.to_upsert = rows.upserted;
  summary.to_delete = rows.deleted;
  summary.unchanged = rows.unchanged;
  summary.calls = is_dry ? rows.calls_needed : outcome.sent.calls + rows.calls;
  summary.set_aside = rows.set_aside;
  summary.is_first = rows.is_first;
  summary.replaces_all_rows = rows.replaces_all_rows;
  summary.doubtful = rows.doubtful;
  summary.store_was_put_back = rows.store_was_put_back;
  return summary;
}

bool is_held(const SourceOutcome& outcome) { return outcome.rows && outcome.rows->is_held; }

const char* word_of(daemon::Guard guard) {
  switch (guard) {
    case daemon::Guard::kFirst:
      return "first";
    case daemon::Guard::kEmpty:
      return "empty";
    case daemon::Guard::kDeletes:
      return "max_deletes";
    case daemon::Guard::kNone:
      break;
  }
  return "";
}

std::string name_of(const OrgOutcome& org, const std::string& part) {
  return printable(org.org.empty() ? part : org.org + " " + part);
}

ordered_json error_json(const std::optional<Error>& error) {
  if (!error) return nullptr;
  return ordered_json::parse(as_json(Error{.code = error->code, .message = error->message}))
      .at("error");
}

ordered_json source_json(const SourceOutcome& outcome, const OrgOutcome& org, bool is_dry) {
  ordered_json json = ordered_json::parse(as_json(summary_of(outcome, org, is_dry)));
  for (const char* of_all : {"calls_left", "dry_run"}) json.erase(of_all);
  if (outcome.is_elsewhere) json["read_elsewhere"] = true;
  json["held"] = nullptr;
  if (is_held(outcome))
    json["held"] = {{"guard", word_of(outcome.rows->guard)},
                    {"rows", outcome.rows->rows},
                    {"deletes", outcome.rows->held_deletes},
                    {"reason", outcome.rows->reason},
                    {"do", outcome.rows->what_to_do}};
  json["error"] = error_json(outcome.error);
  return json;
}

ordered_json poll_json(const PollOutcome& outcome) {
  ordered_json json = {{"poll", outcome.poll},
                       {"handed_over", outcome.handed_over},
                       {"waiting", outcome.waiting},
                       {"dead_letters", outcome.dead_letters}};
  if (outcome.is_elsewhere) json["polled_elsewhere"] = true;
  if (!outcome.problem.empty()) json["reason"] = outcome.problem;
  json["error"] = error_json(outcome.error);
  return json;
}

std::string source_line(const SourceOutcome& outcome, const OrgOutcome& org, bool is_dry) {
  if (outcome.is_elsewhere) return name_of(org, outcome.source) + ": another process reads it\n";
  // Told among the problems.
  const bool says_nothing = !outcome.rows || is_held(outcome);
  if (says_nothing && (outcome.error || is_held(outcome)) && outcome.sent.calls == 0) return "";
  SendSummary summary = summary_of(outcome, org, is_dry);
  const std::string line = as_text(summary) + "\n";
  return org.org.empty() ? line : printable(org.org) + " " + line;
}

std::string poll_line(const PollOutcome& outcome, const OrgOutcome& org) {
  if (outcome.is_elsewhere) return name_of(org, outcome.poll) + ": another process has this poll\n";
  if (outcome.is_left_behind || (outcome.error && outcome.handed_over == 0)) return "";
  return name_of(org, outcome.poll) + ": " + counted(outcome.handed_over, "entry", "entries") +
         " handed over\n";
}

void add_problem(std::string& text, const std::string& name, const std::string& problem) {
  text += "weir: " + (name.empty() ? "" : name + ": ") + printable(with_flags(problem)) + "\n";
}

// The first that applies.
constexpr std::array kMostUrgentFirst = {kConfig,  kAuthentication,  kStore,  kOtherFailure,
                                         kService, kBudgetExhausted, kPartial};

}  // namespace

std::string as_json(const OnceReport& report) {
  ordered_json orgs = ordered_json::array();
  for (const OrgOutcome& org : report.orgs) {
    ordered_json json = {
        {"org", org.org}, {"sources", ordered_json::array()}, {"polls", ordered_json::array()}};
    for (const SourceOutcome& outcome : org.sources)
      json["sources"].push_back(source_json(outcome, org, report.is_dry));
    for (const PollOutcome& outcome : org.polls) json["polls"].push_back(poll_json(outcome));
    json["calls_left"] = org.usage ? ordered_json(org.usage->left) : ordered_json();
    json["error"] = error_json(org.error);
    orgs.push_back(std::move(json));
  }
  const ordered_json json = {{"dry_run", report.is_dry}, {"orgs", std::move(orgs)}};
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string as_text(const OnceReport& report) {
  std::string text;
  for (const OrgOutcome& org : report.orgs) {
    for (const SourceOutcome& outcome : org.sources)
      text += source_line(outcome, org, report.is_dry);
    for (const PollOutcome& outcome : org.polls) text += poll_line(outcome, org);
  }
  return text;
}

std::string problems_of(const OnceReport& report) {
  std::string text;
  for (const OrgOutcome& org : report.orgs) {
    if (org.error) add_problem(text, printable(org.org), org.error->message);
    for (const SourceOutcome& outcome : org.sources) {
      const std::string name = name_of(org, outcome.source);
      if (is_held(outcome))
        add_problem(
            text, name,
            "held, nothing is changed: " + outcome.rows->reason + ". " + outcome.rows->what_to_do);
      if (outcome.error) add_problem(text, name, outcome.error->message);
      if (outcome.sent.dead_letters > 0)
        add_problem(text, name, "refused for good: " + outcome.sent.last_refusal);
    }
    for (const PollOutcome& outcome : org.polls) {
      const std::string name = name_of(org, outcome.poll);
      if (outcome.error) add_problem(text, name, outcome.error->message);
      if (outcome.waiting > 0)
        add_problem(text, name,
                    counted(outcome.waiting, "entry waits", "entries wait") +
                        (outcome.is_left_behind ? ": " : " for another try: ") + outcome.problem);
      if (outcome.dead_letters > 0)
        add_problem(text, name,
                    counted(outcome.dead_letters, "dead letter") + "; " +
                        command("entries list --poll " + shell_word(outcome.poll), org.org) +
                        " shows why");
    }
  }
  return text;
}

ExitCode exit_code_of(const OnceReport& report) {
  std::vector<ExitCode> codes;
  const auto add = [&](const std::optional<Error>& error) {
    if (error) codes.push_back(exit_code_of(error->code));
  };
  for (const OrgOutcome& org : report.orgs) {
    add(org.error);
    for (const SourceOutcome& outcome : org.sources) {
      add(outcome.error);
      if (is_held(outcome)) codes.push_back(kOtherFailure);
      const bool has_set_aside = outcome.rows && outcome.rows->set_aside > 0;
      if (outcome.sent.dead_letters > 0 || has_set_aside) codes.push_back(kPartial);
    }
    for (const PollOutcome& outcome : org.polls) {
      add(outcome.error);
      if (outcome.waiting > 0 || outcome.dead_letters > 0) codes.push_back(kPartial);
    }
  }
  const auto urgent = std::find_first_of(kMostUrgentFirst.begin(), kMostUrgentFirst.end(),
                                         codes.begin(), codes.end());
  return urgent == kMostUrgentFirst.end() ? kOk : *urgent;
}

}  // namespace weir::cli
