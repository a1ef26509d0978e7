// DayProfile: how busy the half hours of an organization's day are against each other, averaging 1.
//
// The hours are counted from a midnight. Times are seconds (pacing/seconds.h). A question costs at
// most a step for each half hour. A value.
#pragma once

#include <array>
#include <cstddef>
#include <tuple>

namespace weir::pacing {

using HalfHours = std::array<double, 48>;
inline constexpr std::size_t kHalfHours = std::tuple_size_v<HalfHours>;
inline constexpr double kHalfHourSeconds = 1800;

class DayProfile {
 public:
  // A day without busy hours.
  DayProfile() { busy_.fill(1); }
  DayProfile(double midnight, const HalfHours& busy) : midnight_(midnight), busy_(busy) {}

  // Any midnight of the organization; its hours are counted from here.
  void set_midnight(double midnight) { midnight_ = midnight; }
  double midnight() const { return midnight_; }

  const HalfHours& busy() const { return busy_; }

  // Which half hour of the day it is, and when it ends.
  std::size_t half_hour(double time) const;
  double half_hour_end(double time) const;

  // This one and another, which counts for `share` of it.
  DayProfile mixed(const HalfHours& other, double share) const;

  // The integral of the profile, and of its square root.
  double integral(double from, double to) const;
  double root_integral(double from, double to) const;

  // The time at which rows that come at the profile's pace, from `from` on, have been stale for
  // `need` seconds in sum; at most `latest`.
  double when_stale_for(double from, double need, double latest) const;

 private:
  double midnight_ = 0;
  HalfHours busy_ = {};
};

// So that they average 1.
void normalize(HalfHours& busy);

}  // namespace weir::pacing
