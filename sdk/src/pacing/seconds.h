// Times of the pacing engine's formulas: seconds since 1970 as a double. Its events are TimePoints,
// exact to the millisecond; decaying rates and row-seconds are not integers. Pure.
#pragma once

#include <weir/clock.h>

namespace weir::pacing {

constexpr double seconds(Milliseconds duration) {
  return static_cast<double>(duration.count()) / 1000.0;
}

inline double seconds(TimePoint time) { return seconds(time.time_since_epoch()); }

inline constexpr double kSecondsPerDay = 86400;

}  // namespace weir::pacing
