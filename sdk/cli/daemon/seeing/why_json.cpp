#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/seeing/why.h"
#include "output/flag_words.h"
#include "output/report.h"

namespace weir::daemon {
namespace {

using WhyJson = nlohmann::ordered_json;

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kReasons = {{
    {"price", "its rows were worth the price of a call"},
    {"deadline", "a row had waited for as long as its deadline allows"},
    {"interactive", "somebody asked to send at once, at any price"},
    {"poll", "the news to expect were worth the price of a look, or somebody told of news"},
    {"adopt", "the platform's rows were read before the first publish"},
    {"diff", "somebody asked for the differences from the platform"},
    {"read", "somebody read the platform's rows"},
    {"backfill", "somebody asked for the entries of past days"},
    {"download", "somebody fetched a file"},
    {"clock", "the platform was asked for its time"},
}};

WhyJson time_or_null(const std::optional<TimePoint>& time) {
  return time ? WhyJson(cli::iso_time(*time)) : WhyJson();
}

// JSON has no infinity: a price at which nothing is sent is null.
// Of a small one three digits that mean something: a price of 0.002 is more than a worth of 0.0001.
WhyJson number_or_null(double number) {
  if (!std::isfinite(number)) return {};
  const double digits = number == 0 ? 0 : std::ceil(std::log10(std::abs(number)));
  const double scale = std::pow(10, std::max(3 - digits, 2.0));
  return std::round(number * scale) / scale;
}

WhyJson seconds_or_null(const std::optional<Milliseconds>& duration) {
  return duration ? WhyJson(duration->count() / 1000) : WhyJson();
}

WhyJson head_of(const WhyAbout& about, const char* kind) {
  return {{"schema", 1},
          {"org", about.org},
          {"time_zone", about.time_zone},
          {"now", cli::iso_time(about.now)},
          {kind, about.name}};
}

// A text that is no UTF-8 must not take the rest with it.
std::string one_line(const WhyJson& json) {
  return json.dump(-1, ' ', false, WhyJson::error_handler_t::replace);
}

WhyJson instead_of(const std::optional<WaitReason::Deadline>& deadline) {
  if (!deadline) return {};
  return {{"deadline_s", deadline->deadline.count() / 1000},
          {"sent_at", cli::iso_time(deadline->sent_at)},
          {"more_calls_a_day", number_or_null(deadline->more_calls_a_day)}};
}

}  // namespace

void tell_reset(SourceWhy& why, const Result<Usage>& usage) {
  if (why.reason.limited_by == LimitedBy::kDaySpent && usage) why.reason.sent_by = usage->resets_at;
}

std::string as_json(const SourceWhy& why) {
  WhyJson json = head_of(why.about, "source");
  const WaitReason& reason = why.reason;
  const bool is_held = reason.limited_by == LimitedBy::kNothingWaits && !why.held.empty();
  const bool is_due =
      reason.limited_by == LimitedBy::kConnection || reason.limited_by == LimitedBy::kRest;
  // Due, and nobody is known who would send it.
  const bool is_left = is_due && !why.has_daemon;
  const auto weighed = [&](double number) { return is_left ? WhyJson() : number_or_null(number); };
  // A rest after a failure holds for whoever sends.
  const bool is_planned = !is_left || reason.limited_by == LimitedBy::kRest;
  const auto planned = [&](const auto& time) {
    return is_planned ? time_or_null(time) : WhyJson();
  };
  json.update({{"limited_by",
                is_left ? "no_daemon" : name_of(is_held ? LimitedBy::kHeld : reason.limited_by)},
               {"stale_rows", reason.stale_rows},
               {"since", time_or_null(reason.since)},
               {"worth_row_s", weighed(reason.worth)},
               {"needed_row_s", weighed(reason.needed)},
               {"price_row_s", weighed(reason.price)},
               {"sent_by", planned(reason.sent_by)},
               {"sent_at_latest", planned(reason.sent_at_latest)},
               {"last_failure", cli::with_flags(reason.failure)},
               {"deadline_instead", is_left ? WhyJson() : instead_of(reason.deadline_instead)},
               {"held", why.held},
               {"source_failure", why.failure},
               {"do", why.what_to_do}});
  return one_line(json);
}

std::string as_json(const PollWhy& why) {
  WhyJson json = head_of(why.about, "poll");
  const PollPace& pace = why.pace;
  json.update({{"limited_by", name_of(pace.limited_by)},
               {"next_at", time_or_null(pace.next_at)},
               {"interval_s", seconds_or_null(pace.interval)},
               {"interval_by", name_of(pace.interval_by)},
               {"rows_per_hour", number_or_null(pace.rows_per_hour)},
               {"price_row_s", number_or_null(pace.price)},
               {"interval_with_more_calls_s", seconds_or_null(pace.interval_with_more_calls)},
               {"last_failure", why.failure}});
  return one_line(json);
}

std::string as_json(const CallsWhy& why) {
  WhyJson json = head_of(why.about, "of");
  WhyJson calls = WhyJson::array();
  for (const CallRecord& call : why.calls)
    calls.push_back({{"time", cli::iso_time(call.time)},
                     {"method", call.method},
                     {"target", call.target},
                     {"rows", call.rows},
                     {"status", call.status ? WhyJson(*call.status) : WhyJson()},
                     {"charged", call.charged},
                     {"reason", call.reason},
                     {"why", call_reason_words(call.reason)}});
  json.update({{"calls", std::move(calls)}});
  return one_line(json);
}

std::string call_reason_words(std::string_view reason) {
  const auto known = std::find_if(kReasons.begin(), kReasons.end(),
                                  [&](const auto& each) { return each.first == reason; });
  if (known != kReasons.end()) return std::string(known->second);
  if (reason.empty()) return "a program made it and gave no reason";
  return "a program made it for \"" + std::string(reason) + "\"";
}

}  // namespace weir::daemon
