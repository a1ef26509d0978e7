#include "output/rehearsal_report.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "output/numbers.h"
#include "output/printable.h"
#include "output/report.h"
#include "output/text_table.h"

namespace weir::cli {
namespace {

using nlohmann::ordered_json;
using DaySide = RehearsedDay::Side;
using SourceSide = RehearsedSource::Side;

constexpr double kHour = 3600;

std::string decimal(double number, int places, const char* unit = "") {
  std::array<char, 64> text = {};
  std::snprintf(text.data(), text.size(), "%.*f%s", places, number, unit);
  return text.data();
}

double rounded(double number) { return std::stod(decimal(number, 3)); }

ordered_json day_side(const DaySide& side, std::int64_t other_calls) {
  return {{"calls", side.calls + side.looks + other_calls},
          {"calls_for_rows", side.calls},
          {"calls_for_polls", side.looks},
          {"stale_row_h", rounded(side.stale_row_seconds / kHour)}};
}

ordered_json source_side(const SourceSide& side) {
  ordered_json json = {{"calls", side.calls},
                       {"stale_row_h", rounded(side.stale_row_seconds / kHour)},
                       {"staleness_95_s", nullptr},
                       {"deadlines_kept", nullptr}};
  if (side.staleness_95)
    json["staleness_95_s"] = rounded(static_cast<double>(side.staleness_95->count()) / 1000);
  if (side.deadlines_kept) json["deadlines_kept"] = rounded(*side.deadlines_kept);
  return json;
}

ordered_json poll_side(const SourceSide& side) {
  ordered_json json = source_side(side);
  json.erase("deadlines_kept");
  return json;
}

ordered_json org_json(const OrgRehearsal& org) {
  const Rehearsal& rehearsal = org.rehearsal;
  ordered_json days = ordered_json::array();
  for (const RehearsedDay& day : rehearsal.days)
    days.push_back({{"org_day", day.org_day},
                    {"was", day_side(day.was, day.other_calls)},
                    {"would", day_side(day.would, day.other_calls)}});
  ordered_json sources = ordered_json::array();
  for (const auto& [name, source] : rehearsal.sources) {
    ordered_json was = source_side(source.was);
    was["within_new_deadline"] = nullptr;
    if (const auto& share = source.was_within_new_deadline)
      was["within_new_deadline"] = rounded(*share);
    sources.push_back(
        {{"source", name}, {"was", std::move(was)}, {"would", source_side(source.would)}});
  }
  ordered_json polls = ordered_json::array();
  for (const auto& [name, poll] : rehearsal.polls)
    polls.push_back(
        {{"poll", name}, {"was", poll_side(poll.was)}, {"would", poll_side(poll.would)}});
  return {{"org", org.org},
          {"history_begins", rehearsal.history_begins
                                 ? ordered_json(iso_time(*rehearsal.history_begins))
                                 : ordered_json()},
          {"days", std::move(days)},
          {"sources", std::move(sources)},
          {"polls", std::move(polls)},
          {"without_history", rehearsal.without_history}};
}

// What was beside what would be.
std::string beside(const std::string& was, const std::string& would) { return was + " > " + would; }

TableLine day_line(const std::string& name, const RehearsedDay& day) {
  return {name,
          beside(grouped(day.was.calls + day.was.looks + day.other_calls),
                 grouped(day.would.calls + day.would.looks + day.other_calls)),
          beside(decimal(day.was.stale_row_seconds / kHour, 1),
                 decimal(day.would.stale_row_seconds / kHour, 1))};
}

std::string days_text(const Rehearsal& rehearsal) {
  std::vector<TableLine> lines = {{"ORG DAY", "CALLS", "STALE ROW-HOURS"}};
  RehearsedDay total;
  for (const RehearsedDay& day : rehearsal.days) {
    lines.push_back(day_line(day.org_day, day));
    total.other_calls += day.other_calls;
    total.was.calls += day.was.calls;
    total.was.looks += day.was.looks;
    total.would.looks += day.would.looks;
    total.was.stale_row_seconds += day.was.stale_row_seconds;
    total.would.calls += day.would.calls;
    total.would.stale_row_seconds += day.would.stale_row_seconds;
  }
  lines.push_back(day_line("total", total));
  std::string text = text_table(lines);
  if (total.other_calls > 0)
    text += "Among them " + counted(total.other_calls, "call") +
            " for other things, taken as they were.\n";
  return text;
}

std::string staleness(const SourceSide& side) {
  if (!side.staleness_95) return "-";
  return decimal(static_cast<double>(side.staleness_95->count()) / 60'000, 1, " min");
}

std::string share(const std::optional<double>& share) {
  return share ? decimal(*share * 100, 1, "%") : "-";
}

std::string sources_text(const Rehearsal& rehearsal) {
  std::vector<TableLine> lines = {{"DATA SOURCE", "CALLS", "STALE ROW-HOURS",
                                   "95 OF 100 ROWS WITHIN", "DEADLINES KEPT", "OF THE NEW ONE"}};
  for (const auto& [name, source] : rehearsal.sources) {
    const SourceSide& was = source.was;
    const SourceSide& would = source.would;
    lines.push_back({printable(name), beside(grouped(was.calls), grouped(would.calls)),
                     beside(decimal(was.stale_row_seconds / kHour, 1),
                            decimal(would.stale_row_seconds / kHour, 1)),
                     beside(staleness(was), staleness(would)),
                     beside(share(was.deadlines_kept), share(would.deadlines_kept)),
                     beside(share(source.was_within_new_deadline), share(would.deadlines_kept))});
  }
  return text_table(lines);
}

std::string polls_text(const Rehearsal& rehearsal) {
  if (rehearsal.polls.empty()) return "";
  std::vector<TableLine> lines = {{"POLL", "CALLS", "95 OF 100 NEWS WITHIN"}};
  for (const auto& [name, poll] : rehearsal.polls)
    lines.push_back({printable(name), beside(grouped(poll.was.calls), grouped(poll.would.calls)),
                     beside(staleness(poll.was), staleness(poll.would))});
  return "\n" + text_table(lines);
}

std::string org_text(const OrgRehearsal& org) {
  const Rehearsal& rehearsal = org.rehearsal;
  std::string text = org.org.empty() ? "" : printable(org.org) + ":\n";
  if (!rehearsal.history_begins) {
    text += "Nothing is kept yet of when rows changed: weir run keeps it (history in [daemon]).\n";
  } else if (rehearsal.days.empty()) {
    text += "No whole day is kept yet: the history begins at " +
            iso_time(*rehearsal.history_begins) + ".\n";
  } else {
    text += "What happened > what would have happened:\n" + days_text(rehearsal) + "\n" +
            sources_text(rehearsal) + polls_text(rehearsal);
  }
  for (const std::string& source : rehearsal.without_history)
    text += "No history of " + printable(source) + ": nothing of it changed, or it is new.\n";
  return text;
}

}  // namespace

std::string as_json(const std::vector<OrgRehearsal>& all) {
  ordered_json orgs = ordered_json::array();
  for (const OrgRehearsal& org : all) orgs.push_back(org_json(org));
  return ordered_json{{"orgs", std::move(orgs)}}.dump(-1, ' ', false,
                                                      ordered_json::error_handler_t::replace);
}

std::string as_text(const std::vector<OrgRehearsal>& all) {
  std::string text;
  for (const OrgRehearsal& org : all) text += (text.empty() ? "" : "\n") + org_text(org);
  return text;
}

}  // namespace weir::cli
