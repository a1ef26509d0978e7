#include "comparison.h"

#include <weir/simulation.h>

#include <array>
#include <cstdio>
#include <map>
#include <stdexcept>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;

// More than any policy makes of this day.
constexpr std::int64_t kWithoutEnd = 1'000'000;

struct Calls {
  std::vector<SimulatedCall> made = {};
  std::int64_t changes = 0;
};

std::vector<RecordedRow> rows_at_the_start(const StormDay& day) {
  std::vector<RecordedRow> rows;
  for (const auto& [source, table] : day.initial) {
    for (const auto& [key, row] : table)
      rows.push_back({.source = source, .key = key, .values = {row.begin() + 1, row.end()}});
  }
  return rows;
}

RecordedChange recorded(const TimedChange& change) {
  RecordedChange result{
      .time = change.time, .source = change.source, .key = key_of(change.change), .values = {}};
  if (const auto* upsert = std::get_if<Upsert>(&change.change))
    result.values.emplace(upsert->row.begin() + 1, upsert->row.end());
  return result;
}

Calls calls_of(const StormDay& day, const SimulationOptions& options) {
  Calls calls;
  std::size_t next = 0;
  const NextChange next_change = [&]() -> Result<std::optional<RecordedChange>> {
    if (next == day.changes.size()) return std::optional<RecordedChange>();
    return std::optional<RecordedChange>(recorded(day.changes[next++]));
  };
  const auto report = simulate(
      options, rows_at_the_start(day), next_change,
      {.call = [&](const SimulatedCall& call) { calls.made.push_back(call); }, .state = {}});
  if (!report) throw std::runtime_error(report.error().message);
  for (const SimulatedDay& simulated : report->days) calls.changes += simulated.changes;
  return calls;
}

double mean_wait(const StormDay& day, const std::vector<SimulatedCall>& calls) {
  std::map<std::string, std::vector<TimePoint>> waiting;
  double seconds = 0;
  const auto carry = [&](const std::string& source, TimePoint when) {
    for (const TimePoint changed : waiting[source])
      seconds += std::chrono::duration<double>(when - changed).count();
    waiting[source].clear();
  };
  std::size_t next = 0;
  const auto hand_over_until = [&](TimePoint time) {
    for (; next < day.changes.size() && day.changes[next].time <= time; ++next)
      waiting[day.changes[next].source].push_back(day.changes[next].time);
  };
  for (const SimulatedCall& call : calls) {
    hand_over_until(call.time);
    carry(call.source, call.time);
  }
  hand_over_until(day.changes.back().time);
  const TimePoint midnight = day.midnight + 24h;
  for (const auto& [source, times] : waiting) carry(source, midnight);
  return seconds / static_cast<double>(day.changes.size());
}

std::string time_of_day(const StormDay& day, TimePoint time) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(time - day.midnight);
  std::array<char, 8> text = {};
  std::snprintf(text.data(), text.size(), "%02d:%02d", static_cast<int>(minutes.count() / 60 % 24),
                static_cast<int>(minutes.count() % 60));
  return text.data();
}

Alternative alternative(const StormDay& day, const std::string& name, SimulationOptions options) {
  const std::int64_t limit = options.calls_per_day;
  const Calls within = calls_of(day, options);
  options.calls_per_day = kWithoutEnd;
  const Calls wanted = calls_of(day, options);
  Alternative result{.name = name,
                     .calls = static_cast<std::int64_t>(within.made.size()),
                     .calls_wanted = static_cast<std::int64_t>(wanted.made.size()),
                     .mean_seconds_until_current = mean_wait(day, within.made)};
  if (result.calls_wanted > limit && !within.made.empty())
    result.spent_at = time_of_day(day, within.made.back().time);
  return result;
}

}  // namespace

std::vector<Alternative> alternatives(const StormDay& day, std::int64_t calls) {
  SimulationOptions options{.time_zone = day.time_zone, .calls_per_day = calls};
  options.policy = SimulatedPolicy::kImmediate;
  std::vector<Alternative> all = {alternative(day, "one call per change", options)};
  options.policy = SimulatedPolicy::kInterval;
  for (const int minutes : {5, 30}) {
    options.interval = std::chrono::minutes{minutes};
    all.push_back(alternative(day, "every " + std::to_string(minutes) + " minutes", options));
  }
  return all;
}

std::int64_t changes_that_matter(const StormDay& day) {
  return calls_of(day, {.time_zone = day.time_zone,
                        .calls_per_day = kWithoutEnd,
                        .policy = SimulatedPolicy::kImmediate})
      .changes;
}

}  // namespace weir::demo
