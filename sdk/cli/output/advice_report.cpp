#include "output/advice_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace weir::cli {
namespace {

using nlohmann::ordered_json;

constexpr double kSecondsPerHour = 3600;

std::string number(double value) {
  std::array<char, 32> text = {};
  std::snprintf(text.data(), text.size(),
                value < 10 && value != std::floor(value) ? "%.1f" : "%.0f", value);
  return text.data();
}

std::string row_hours(double row_seconds) {
  return number(row_seconds / kSecondsPerHour) + " row-hours";
}

std::string name_of(Measure measure) {
  switch (measure) {
    case Measure::kPlatformSync:
      return "platform_sync";
    case Measure::kDataSourceConnector:
      return "data_source_connector";
    case Measure::kFormConnector:
      return "form_connector";
    case Measure::kLongerDeadline:
      return "longer_deadline";
    case Measure::kMoreCalls:
      return "more_calls";
  }
  return "";
}

std::string what_to_do(const Advice& advice) {
  switch (advice.measure) {
    case Measure::kPlatformSync:
      return "Move " + advice.target + " to Platform Sync";
    case Measure::kDataSourceConnector:
      return "Let a data source connector fetch " + advice.target;
    case Measure::kFormConnector:
      return "Replace the polls of " + advice.target +
             " by a REST form connector and a look an hour";
    case Measure::kLongerDeadline:
      return "Double the deadline of " +
             (advice.target.empty() ? std::string("all data sources") : advice.target);
    case Measure::kMoreCalls:
      return "Ask the platform's support for 1,000 more calls a day";
  }
  return "";
}

std::string about_deadlines(const AdviceReport& report) {
  std::string text;
  if (report.calls_for_deadlines)
    text += "\n- Lengthen the deadlines: they take " + number(*report.calls_for_deadlines) +
            " calls a day, more than the day has, so they cannot all be kept.";
  for (const auto& [source, rows] : report.missed_deadlines)
    text += "\n- Lengthen the deadline of " + source + ": " + std::to_string(rows) +
            " rows missed it, for the day has too few calls.";
  return text;
}

// What the words mean, once.
std::string notes(const AdviceReport& report) {
  const auto is_given = [&](Measure measure) {
    return std::any_of(report.advice.begin(), report.advice.end(),
                       [&](const Advice& advice) { return advice.measure == measure; });
  };
  std::string text;
  if (is_given(Measure::kPlatformSync))
    text += "\nPlatform Sync: the app asks your own service, at no call (docs/platform-sync.md).";
  if (is_given(Measure::kDataSourceConnector))
    text +=
        "\nA data source connector fetches the rows every 15 minutes, at no call: here pushes are "
        "on average further apart.";
  if (is_given(Measure::kFormConnector))
    text += "\nA REST form connector delivers each entry, at no call (docs/polling.md).";
  return text.empty() ? text : "\n" + text;
}

std::string what_it_saves(const Advice& advice) {
  std::string text;
  if (advice.calls_freed > 0) text = number(advice.calls_freed) + " calls a day are freed";
  if (!advice.row_seconds_saved) return text;
  if (!text.empty()) text += "; ";
  const bool is_of_others =
      advice.measure == Measure::kPlatformSync || advice.measure == Measure::kDataSourceConnector;
  return text + (is_of_others ? "all other rows" : "rows") + " are stale " +
         number(100 * advice.share_saved.value_or(0)) + " % less (" +
         row_hours(*advice.row_seconds_saved) + " a day)";
}

ordered_json as_object(const Advice& advice) {
  ordered_json object = {{"measure", name_of(advice.measure)},
                         {"target", advice.target},
                         {"calls_freed", advice.calls_freed}};
  if (advice.row_seconds_saved) {
    object["row_s_saved"] = std::round(*advice.row_seconds_saved);
    object["share_saved"] = advice.share_saved.value_or(0);
  }
  return object;
}

}  // namespace

std::string as_json(const AdviceReport& report) {
  ordered_json advice = ordered_json::array();
  for (const Advice& each : report.advice) advice.push_back(as_object(each));
  ordered_json object = {{"days", report.days}, {"calls_per_day", report.calls}};
  if (report.stale_row_seconds)
    object["stale_row_s_per_day"] = std::round(*report.stale_row_seconds);
  if (report.calls_for_deadlines) object["calls_for_deadlines"] = *report.calls_for_deadlines;
  if (!report.missed_deadlines.empty()) object["missed_deadlines"] = report.missed_deadlines;
  object["advice"] = std::move(advice);
  return object.dump();
}

std::string as_text(const AdviceReport& report) {
  if (report.days == 0)
    return "No advice yet: it is computed from whole org days, and none has passed. Try again "
           "tomorrow, or give recorded changes with --changes.";
  std::string text = "In " + std::to_string(report.days) +
                     (report.days == 1 ? " day: " : " days: ") + number(report.calls) +
                     " calls a day";
  if (report.stale_row_seconds)
    text += ", rows were stale for " + row_hours(*report.stale_row_seconds) + " a day";
  text += report.stale_row_seconds ? "." : ". How stale rows were is not known yet.";
  text += about_deadlines(report);
  if (report.advice.empty()) return text + "\nNothing would save 1 % of it.";
  for (const Advice& advice : report.advice)
    text += "\n- " + what_to_do(advice) + ": " + what_it_saves(advice) + ".";
  return text + notes(report);
}

}  // namespace weir::cli
