#include "pacing/day_shape.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

constexpr double kHour = 3600;
// The wave before anything is learned: its height, and its quietest hour.
constexpr double kWave = 0.45;
constexpr double kQuietHour = 2;
// So many rows an hour outweigh it.
constexpr double kWaveRows = 30;
// What was learned fades.
constexpr double kFadeSeconds = 10 * kSecondsPerDay;

double wave(double hour) {
  return 1 - kWave * std::cos(2 * std::numbers::pi * (hour + 0.5 - kQuietHour) / 24);
}

}  // namespace

DayShape::DayShape() { renew(); }

void DayShape::recall(const HoursSeen& seen) {
  seen_ = seen;
  renew();
}

std::size_t DayShape::hour(double time) const {
  const double of_day = std::fmod(time - midnight_, kSecondsPerDay);
  const double positive = of_day < 0 ? of_day + kSecondsPerDay : of_day;
  return std::min(kHours - 1, static_cast<std::size_t>(positive / kHour));
}

double DayShape::hour_end(double time) const {
  return midnight_ + kHour * (std::floor((time - midnight_) / kHour) + 1);
}

void DayShape::learn(double from, double to, double found, double expected_per_second,
                     std::size_t sources) {
  if (to <= from) return;
  // All sources together learn for all of the time, so each look fades its share.
  const double fade = std::exp(-(to - from) / kFadeSeconds / static_cast<double>(sources));
  for (ChangesSeen& hour : seen_) {
    hour.found *= fade;
    hour.expected *= fade;
  }
  for (double time = from; time < to;) {
    const double end = std::min(hour_end(time), to);
    ChangesSeen& in_hour = seen_.at(hour(time));
    in_hour.found += found * (end - time) / (to - from);
    in_hour.expected += expected_per_second * (end - time);
    time = end;
  }
}

// An hour is smoothed with its neighbours.
void DayShape::renew() {
  double sum = 0;
  for (std::size_t h = 0; h < kHours; ++h) {
    const std::size_t before = (h + kHours - 1) % kHours;
    const std::size_t after = (h + 1) % kHours;
    const auto smooth = [&](double ChangesSeen::*part) {
      return seen_.at(h).*part + (seen_.at(before).*part + seen_.at(after).*part) / 2;
    };
    const double found = smooth(&ChangesSeen::found);
    const double expected = smooth(&ChangesSeen::expected);
    shape_.at(h) = (found + kWaveRows * wave(static_cast<double>(h))) / (expected + kWaveRows);
    sum += shape_.at(h);
  }
  for (double& value : shape_) value *= static_cast<double>(kHours) / sum;
}

double DayShape::integral(double from, double to) const {
  double sum = 0;
  for (double time = from; time < to;) {
    const double end = std::min(hour_end(time), to);
    sum += shape_.at(hour(time)) * (end - time);
    time = end;
  }
  return sum;
}

double DayShape::root_integral(double from, double to) const {
  double sum = 0;
  for (double time = from; time < to;) {
    const double end = std::min(hour_end(time), to);
    sum += std::sqrt(shape_.at(hour(time))) * (end - time);
    time = end;
  }
  return sum;
}

// In an hour of shape f that begins with `rows` stale rows, after x seconds they have been stale
// for rows x + f x²/2 more.
double DayShape::when_stale_for(double from, double need, double latest) const {
  double rows = 0;
  double stale = 0;
  for (double time = from; time < latest;) {
    const double f = shape_.at(hour(time));
    const double width = hour_end(time) - time;
    const double after = stale + rows * width + f * width * width / 2;
    if (after >= need) {
      const double root = std::sqrt(rows * rows + 2 * f * (need - stale));
      return std::min(time + (root - rows) / f, latest);
    }
    stale = after;
    rows += f * width;
    time += width;
  }
  return latest;
}

}  // namespace weir::pacing
