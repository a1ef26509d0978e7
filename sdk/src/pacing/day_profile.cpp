#include "pacing/day_profile.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pacing/seconds.h"

namespace weir::pacing {

std::size_t DayProfile::half_hour(double time) const {
  const double of_day = std::fmod(time - midnight_, kSecondsPerDay);
  const double positive = of_day < 0 ? of_day + kSecondsPerDay : of_day;
  return std::min(kHalfHours - 1, static_cast<std::size_t>(positive / kHalfHourSeconds));
}

double DayProfile::half_hour_end(double time) const {
  return midnight_ + kHalfHourSeconds * (std::floor((time - midnight_) / kHalfHourSeconds) + 1);
}

DayProfile DayProfile::mixed(const HalfHours& other, double share) const {
  DayProfile mix = *this;
  for (std::size_t i = 0; i < kHalfHours; ++i)
    mix.busy_.at(i) += share * (other.at(i) - mix.busy_.at(i));
  return mix;
}

double DayProfile::integral(double from, double to) const {
  double sum = 0;
  for (double time = from; time < to;) {
    const double end = std::min(half_hour_end(time), to);
    sum += busy_.at(half_hour(time)) * (end - time);
    time = end;
  }
  return sum;
}

double DayProfile::root_integral(double from, double to) const {
  double sum = 0;
  for (double time = from; time < to;) {
    const double end = std::min(half_hour_end(time), to);
    sum += std::sqrt(busy_.at(half_hour(time))) * (end - time);
    time = end;
  }
  return sum;
}

// In a half hour of pace f that begins with `rows` stale rows, after x seconds they have been stale
// for rows x + f x²/2 more.
double DayProfile::when_stale_for(double from, double need, double latest) const {
  if (need <= 0) return from;
  double rows = 0;
  double stale = 0;
  for (double time = from; time < latest;) {
    const double f = busy_.at(half_hour(time));
    const double width = half_hour_end(time) - time;
    const double after = stale + rows * width + f * width * width / 2;
    if (after >= need) {
      const double root = std::sqrt(rows * rows + 2 * f * (need - stale));
      return std::min(time + 2 * (need - stale) / (root + rows), latest);
    }
    stale = after;
    rows += f * width;
    time += width;
  }
  return latest;
}

void normalize(HalfHours& busy) {
  const double sum = std::accumulate(busy.begin(), busy.end(), 0.0);
  for (double& value : busy) value *= static_cast<double>(kHalfHours) / sum;
}

}  // namespace weir::pacing
