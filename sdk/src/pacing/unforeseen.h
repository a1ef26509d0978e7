// Unforeseen: the calls that a burst which nobody forecast would take of the rest of the day.
//
// Past days may say that nothing comes once the office has closed. The price would then spend every
// call by that time, and an import in the evening would wait until midnight. So a burst of unknown
// length is always one of the things that the rest of the day may bring. It takes a call more each
// time its length has grown by the same factor, and its worth with it: its calls fall evenly with
// the logarithm of the price. What is forecast for the last hour serves such a burst as well. Pure.
#pragma once

#include <algorithm>
#include <cmath>

#include "pacing/price_curve.h"
#include "pacing/price_grid.h"

namespace weir::pacing {

// Before the last hour of the day the calls for a burst do not melt away.
inline constexpr double kLastHour = 3600;

struct Unforeseen {
  // The root of the day's calls times this: 2 of 50, 5 of 300, 15 of 2,500.
  static constexpr double kShareOfRoot = 0.3;
  // At so many times the usual price no burst is reckoned with.
  static constexpr double kLargest = 4096;

  double calls_per_day = 0;
  double seconds_left = 0;
  // At which the calls that were made of late would have been a day's.
  double usual_price = 0;

  double calls_at(double price) const {
    const double most =
        kShareOfRoot * std::sqrt(calls_per_day) * std::min(seconds_left / kLastHour, 1.0);
    if (price <= usual_price) return most;
    const double dearer = std::log(price / std::max(usual_price, 1.0)) / std::log(kLargest);
    return most * std::clamp(1 - dearer, 0.0, 1.0);
  }
};

// To the calls that are forecast until midnight at each grid price. `last_hour`: those of them that
// come in the day's last hour.
inline void add_unforeseen(CallsByPrice& until_midnight, const CallsByPrice& last_hour,
                           const Unforeseen& burst) {
  for (std::size_t i = 0; i < kPriceCount; ++i)
    until_midnight[i] += std::max(burst.calls_at(grid_prices()[i]) - last_hour[i], 0.0);
}

}  // namespace weir::pacing
