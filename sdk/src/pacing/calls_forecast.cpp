#include "pacing/calls_forecast.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// Lately.
constexpr std::int64_t kShortWindow = 2 * kSlotsPerHour;
// How fast a surge of two hours is believed to give way to the level of the day.
constexpr double kReversion = 12 * kSlotsPerHour;
// A ratio of two counts is taken as if both had so many calls more.
constexpr double kFewCalls = 7;
// The level of today so far is believed the more the longer it has lasted, with this time constant;
// of a surge beyond it, so much.
constexpr double kBelieved = 5 * kSlotsPerHour;
constexpr double kSurge = 0.4;
// A day further back counts so much less. One that was unlike today hardly counts at all: one that
// was busier or calmer by a factor of 1.6 half, of 2 a quarter.
constexpr double kDayWeight = 0.65;
constexpr double kUnlikeness = 3;
constexpr double kRecentWeight = 0.15;
// With less than that, the past days say nothing.
constexpr double kNoWeight = 1e-12;
// The daily wave: least at two in the night, 40 % up and down.
constexpr double kWave = 0.4;
constexpr double kWaveLowHour = 2;
// Before anything is known, so many quarter hours' worth of calls at even pace are assumed.
constexpr double kAssumedQuarters = 2;
constexpr double kAssumedOver = 1.5;
constexpr double kQuartersPerDay = 96;
// Slots are taken one by one for an hour, and in half hours beyond.
constexpr std::int64_t kFine = kSlotsPerHour;
constexpr std::int64_t kCoarse = kSlotsPerHour / 2;

double slots(TimePoint time) { return seconds(time) / seconds(kSlot); }

// The integral of the daily wave, in quarter hours, between two hours of the day.
double wave(double from_hour, double to_hour) {
  const double turn = 2 * std::numbers::pi / 24;
  const auto swing = [&](double hour) { return std::sin(turn * (hour - kWaveLowHour)) / turn; };
  return 4 * ((to_hour - from_hour) - kWave * (swing(to_hour) - swing(from_hour)));
}

// A lull of two hours does not make a day unlike another; a surge does.
double likeness(double level, double surge) {
  const double busier = std::max(surge, 0.0);
  return std::exp(-kUnlikeness * (level * level + busier * busier));
}

}  // namespace

double CallsForecast::until_midnight(std::size_t shadow, TimePoint now,
                                     const std::vector<OrgDay>& days) const {
  const OrgDay& today = days.front();
  const std::int64_t slot = slot_of(now);
  const std::int64_t so_far = slot - slot_of(today.begin);
  const double belief = 1 - std::exp(-static_cast<double>(so_far) / kBelieved);
  double sum = 0;
  double weights = 0;
  double recency = 1;
  for (std::size_t back = 1; back < days.size(); ++back, recency *= kDayWeight) {
    // Days are laid over each other by their ends: a change of the clocks happens early in a day.
    const std::int64_t offset = slot_of(today.end) - slot_of(days[back].end);
    if (slot - offset < history_.first_slot()) break;
    const double level = log_ratio(shadow, slot, offset, std::max(so_far, kShortWindow));
    const double surge = log_ratio(shadow, slot, offset, kShortWindow);
    const double weight = recency * likeness(level, surge);
    if (weight < kNoWeight) continue;
    const Trend trend{.level = belief * level, .surge = kSurge * (surge - level)};
    sum += weight *
           like_day(shadow, now, {.begin = slot, .end = slot_of(today.end), .back = offset}, trend);
    weights += weight;
  }
  const double recent = like_recently(shadow, now, today);
  if (weights == 0) return recent;
  return (sum + kRecentWeight * recent) / (weights + kRecentWeight);
}

double CallsForecast::like_day(std::size_t shadow, TimePoint now, const Slots& rest,
                               const Trend& trend) const {
  const auto calls_before = [&](std::int64_t at) {
    return history_.before(at - rest.back, shadow);
  };
  double sum = 0;
  double left_of_slot = 1 - (slots(now) - static_cast<double>(rest.begin));
  for (std::int64_t at = rest.begin; at < rest.end;) {
    const std::int64_t next = std::min(rest.end, at + (at - rest.begin < kFine ? 1 : kCoarse));
    const double ahead = static_cast<double>(at + next) / 2 - slots(now);
    const double calls = (calls_before(next) - calls_before(at)) * left_of_slot;
    const double fading = std::exp(-std::max(ahead, 0.0) / kReversion);
    if (calls > 0) sum += calls * std::exp(trend.level + trend.surge * fading);
    left_of_slot = 1;
    at = next;
  }
  return sum;
}

// How busy the time before `slot` was against the same time `offset` slots earlier.
double CallsForecast::log_ratio(std::size_t shadow, std::int64_t slot, std::int64_t offset,
                                std::int64_t window) const {
  const std::int64_t known = slot - offset - history_.first_slot();
  const std::int64_t length = std::clamp<std::int64_t>(known, 0, window);
  const auto calls = [&](std::int64_t end) {
    return history_.before(end, shadow) - history_.before(end - length, shadow);
  };
  return std::log((calls(slot) + kFewCalls) / (calls(slot - offset) + kFewCalls));
}

double CallsForecast::like_recently(std::size_t shadow, TimePoint now, const OrgDay& today) const {
  const std::int64_t slot = slot_of(now);
  const std::int64_t known = history_.empty() ? 0 : slot - history_.first_slot();
  const std::int64_t length = std::clamp<std::int64_t>(known, 0, kShortWindow);
  const double calls = history_.before(slot, shadow) - history_.before(slot - length, shadow);
  const double hour = 24 - seconds(today.end - now) / 3600;
  const double seen = wave(hour - static_cast<double>(length) / kSlotsPerHour, hour);
  const double assumed = kAssumedQuarters * calls_per_day_ / kQuartersPerDay;
  const double rate = (calls + assumed) / (seen + kAssumedOver);
  return rate * wave(hour, 24);
}

}  // namespace weir::pacing
