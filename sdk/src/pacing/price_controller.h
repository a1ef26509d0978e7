// PriceController: the price at which the calls that are left last until the org day ends.
//
// The forecast falls as the price rises; the price is where it meets what is left. With more calls
// left than even a price of zero would spend, a call is worth nothing: the price is zero. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <functional>

#include "pacing/poll_forecast.h"

namespace weir::pacing {

// What the day has left for automatic calls.
struct BudgetLeft {
  double calls_per_day;
  double calls;         // that may still be spent
  double seconds_left;  // until the org day ends
};

// `pushes_at(i)`: the calls that pushes are expected to make at grid price i until the day ends,
// falling in i; `polls` tells the same of polls. Infinite when nothing is left.
double solve_price(const BudgetLeft& left, const std::function<double(std::size_t)>& pushes_at,
                   const PollForecast& polls = PollForecast({}));

}  // namespace weir::pacing
