#include "pacing/calls_forecast.h"

#include <algorithm>
#include <cmath>
#include <limits>
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
constexpr double kWeekdayWeight = 2;
constexpr std::size_t kDaysPerWeek = 7;
constexpr double kUnlikeness = 3;
constexpr double kRecentWeight = 0.15;
// With less than that, the past days say nothing.
constexpr double kNoWeight = 1e-12;
// The daily wave: least at two in the night, 40 % up and down.
constexpr double kWave = 0.4;
constexpr double kWaveLowHour = 2;
// Before anything is known, so many quarter hours' worth of calls at even pace are assumed; beside
// past days somewhat more, over less.
constexpr double kAssumedQuarters = 4;
constexpr double kAssumedRecently = 2;
constexpr double kAssumedRecentlyOver = 1.5;
// On a first day a surge of two hours is believed whole, and gives way to the day so far.
constexpr double kFirstDayReversion = 6;
constexpr double kFirstDayStep = 0.5;
constexpr double kQuartersPerDay = 96;
// Slots are taken one by one for an hour, and in half hours beyond.
constexpr std::int64_t kFine = kSlotsPerHour;
constexpr std::int64_t kCoarse = kSlotsPerHour / 2;

double hour_of(TimePoint now, const OrgDay& today) { return 24 - seconds(today.end - now) / 3600; }

double slots(TimePoint time) { return seconds(time) / seconds(kSlot); }

// The integral of the daily wave, in quarter hours, between two hours of the day.
double wave(double from_hour, double to_hour) {
  const double turn = 2 * std::numbers::pi / 24;
  const auto swing = [&](double hour) { return std::sin(turn * (hour - kWaveLowHour)) / turn; };
  return 4 * ((to_hour - from_hour) - kWave * (swing(to_hour) - swing(from_hour)));
}

// How much a day counts that lies so many days back: yesterday most, but of the days before it most
// the same day of the week.
double recency_of(std::size_t back) {
  const double recency = std::pow(kDayWeight, static_cast<double>(back) - 1);
  if (back % kDaysPerWeek != 0) return recency;
  return recency +
         kWeekdayWeight * std::pow(kDayWeight, static_cast<double>(back) / kDaysPerWeek - 1);
}

// A lull of two hours does not make a day unlike another; a surge does.
double likeness(double level, double surge) {
  const double busier = std::max(surge, 0.0);
  return std::exp(-kUnlikeness * (level * level + busier * busier));
}

}  // namespace

double CallsForecast::until_midnight(std::size_t shadow, TimePoint now, TimePoint from,
                                     const std::vector<OrgDay>& days) const {
  const OrgDay& today = days.front();
  const std::int64_t slot = slot_of(now);
  const std::int64_t so_far = slot - slot_of(today.begin);
  const double belief = 1 - std::exp(-static_cast<double>(so_far) / kBelieved);
  double sum = 0;
  double weights = 0;
  for (std::size_t back = 1; back < days.size(); ++back) {
    // Days are laid over each other by their ends: a change of the clocks happens early in a day.
    const std::int64_t offset = slot_of(today.end) - slot_of(days[back].end);
    if (slot - offset < history_.first_slot()) break;
    const double level = log_ratio(shadow, slot, offset, std::max(so_far, kShortWindow));
    const double surge = log_ratio(shadow, slot, offset, kShortWindow);
    const double weight = recency_of(back) * likeness(level, surge);
    if (weight < kNoWeight) continue;
    const Trend trend{.level = belief * level, .surge = kSurge * (surge - level)};
    sum += weight * like_day(shadow, now, from,
                             {.begin = slot_of(from), .end = slot_of(today.end), .back = offset},
                             trend);
    weights += weight;
  }
  if (weights == 0) return like_so_far(shadow, now, from, today);
  const double recent = like_recently(shadow, now, from, today);
  return (sum + kRecentWeight * recent) / (weights + kRecentWeight);
}

double CallsForecast::like_day(std::size_t shadow, TimePoint now, TimePoint from, const Slots& rest,
                               const Trend& trend) const {
  const auto calls_before = [&](std::int64_t at) {
    return history_.before(at - rest.back, shadow);
  };
  double sum = 0;
  double left_of_slot = 1 - (slots(from) - static_cast<double>(rest.begin));
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

// Calls in each quarter hour of an average day, as of the slots before `slot`, when `assumed`
// quarter hours at even pace are added, as if they had lasted `over`.
double CallsForecast::rate(std::size_t shadow, const Slots& seen, double hour, double assumed,
                           double over) const {
  const double calls = history_.before(seen.end, shadow) - history_.before(seen.begin, shadow);
  const double length = static_cast<double>(seen.end - seen.begin) / kSlotsPerHour;
  return (calls + assumed * calls_per_day_ / kQuartersPerDay) / (wave(hour - length, hour) + over);
}

double CallsForecast::like_recently(std::size_t shadow, TimePoint now, TimePoint from,
                                    const OrgDay& today) const {
  const double hour = hour_of(now, today);
  return rate(shadow, known(slot_of(now), kShortWindow), hour, kAssumedRecently,
              kAssumedRecentlyOver) *
         wave(hour_of(from, today), 24);
}

// The rate of the last two hours, which returns to that of all that was seen.
double CallsForecast::like_so_far(std::size_t shadow, TimePoint now, TimePoint from,
                                  const OrgDay& today) const {
  const double hour = hour_of(now, today);
  const auto rate_of = [&](std::int64_t window) {
    return rate(shadow, known(slot_of(now), window), hour, kAssumedQuarters, kAssumedQuarters);
  };
  const double so_far = rate_of(std::numeric_limits<std::int64_t>::max());
  const double surge = std::log(rate_of(kShortWindow) / so_far);
  double sum = 0;
  for (double begin = hour_of(from, today); begin < 24; begin += kFirstDayStep) {
    const double end = std::min(begin + kFirstDayStep, 24.0);
    const double ahead = (begin + end) / 2 - hour;
    sum += so_far * wave(begin, end) * std::exp(surge * std::exp(-ahead / kFirstDayReversion));
  }
  return sum;
}

// The last slots before `slot`, as many as the window has and are known.
CallsForecast::Slots CallsForecast::known(std::int64_t slot, std::int64_t window) const {
  const std::int64_t all = history_.empty() ? 0 : slot - history_.first_slot();
  return {.begin = slot - std::clamp<std::int64_t>(all, 0, window), .end = slot, .back = 0};
}

}  // namespace weir::pacing
