#include "simulation/spending_rule.h"

#include <algorithm>
#include <cmath>

namespace weir::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Milliseconds kPeriod = minutes{5};
// In the last hour a burst is paced as if an hour were left.
constexpr Milliseconds kShortestDay = hours{1};
// A data source may for ever call at so many times the even pace.
constexpr double kTimesEvenPace = 2;
// A row is worth the next call of a burst when it has waited so large a part of an even pace.
constexpr double kShareOfPace = 0.007;
// On a day that left no call, rows waited for at least this part of its second half of calls.
constexpr double kStalePart = 0.5;
// Shortly before midnight the calls that are left are worth little.
constexpr Milliseconds kLongEnough = hours{2};

double in_seconds(Milliseconds duration) { return std::chrono::duration<double>(duration).count(); }

void drop_before(std::deque<TimePoint>& times, TimePoint begin) {
  while (!times.empty() && times.front() <= begin) times.pop_front();
}

}  // namespace

std::optional<std::string> SpendingRule::call(const DayNow& day, TimePoint now) {
  drop_before(calls_, now - kPeriod);
  drop_before(failures_, now - kPeriod);
  if (day.day != at_first_.day) calls_.clear();
  if (calls_.empty()) at_first_ = day;
  calls_.push_back(now);
  const auto calls = static_cast<double>(calls_.size());
  const double most = most_calls(at_first_) + static_cast<double>(failures_.size());
  if (calls <= most) return std::nullopt;
  return std::to_string(calls_.size()) + " calls within five minutes, of " +
         std::to_string(at_first_.calls_left) + " that were left with " +
         std::to_string(at_first_.until_midnight / minutes{1}) + " minutes to go and " +
         std::to_string(rows_) + " rows handed over; " + std::to_string(std::lround(most)) +
         " are the most";
}

double SpendingRule::most_calls(const DayNow& day) const {
  const double left = static_cast<double>(std::max<std::int64_t>(day.calls_left, 1));
  const double even_pace = in_seconds(std::max(day.until_midnight, kShortestDay)) / left;
  const double waiting = static_cast<double>(rows_) * in_seconds(kPeriod);
  const double burst = 1.5 * std::pow(waiting / (2 * kShareOfPace * even_pace), 0.2);
  const double lasting = kTimesEvenPace * in_seconds(kPeriod) / even_pace;
  return static_cast<double>(queues_) * (1 + lasting + burst);
}

std::optional<std::string> SpendingRule::look(const DayNow& day, bool rows_wait, TimePoint now) {
  std::optional<std::string> wrong;
  if (day.day != today_.day) {
    wrong = verdict();
    fresh_ = stale_ = {};
  } else if (looked_at_ && 2 * today_.calls_left <= calls_per_day_) {
    (rows_wait_ ? stale_ : fresh_) += now - *looked_at_;
  }
  today_ = day;
  looked_at_ = now;
  rows_wait_ = rows_wait;
  return wrong;
}

std::optional<std::string> SpendingRule::verdict() const {
  const Milliseconds whole = fresh_ + stale_;
  if (!looked_at_ || today_.calls_left > 0 || whole < kLongEnough) return std::nullopt;
  const double part = in_seconds(stale_) / in_seconds(whole);
  if (part >= kStalePart) return std::nullopt;
  return today_.day + " has no call left, and rows waited for only " +
         std::to_string(std::lround(100 * part)) + " % of the time since half of them were gone";
}

}  // namespace weir::simulation
