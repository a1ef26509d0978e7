// PriceCurve: how many calls pushes and polls are expected to make until the org day ends, at each
// price, and so the price at which the calls that are left last until then.
//
// It is worked out every few minutes, which takes a forecast for each price. Between two times the
// price is read from it anew with each call, at no cost: what is spent beyond the plan raises the
// price at once. With more calls left than even a price of zero would spend, a call is worth
// nothing: the price is zero. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>

#include "pacing/poll_forecast.h"
#include "pacing/price_grid.h"

namespace weir::pacing {

// So many more calls a day the platform's support grants on request.
inline constexpr std::int64_t kMoreCalls = 1000;

// What the day has left for automatic calls.
struct BudgetLeft {
  double calls_per_day = 0;
  double calls = 0;         // that may still be spent
  double seconds_left = 0;  // until the org day ends
  double forced = 0;        // calls of them that deadlines are forecast to take at any price
  double kept = 0;          // and those that they may take beyond the forecast
};

using CallsByPrice = std::array<double, kPriceCount>;

// The geometric mean over the prices around each (pacing/price_grid.h). The logarithm of calls is
// nearly straight in that of the price, so that it has no bias.
CallsByPrice averaged(const CallsByPrice& calls);

// How many of these calls are made at any price. What the price makes goes by its root.
double forced_calls(const CallsByPrice& calls);

// The same calls as if none were made at any price.
void leave_to_price(CallsByPrice& calls);

class PriceCurve {
 public:
  // Nothing is known: there is nothing to spend.
  PriceCurve() = default;

  // `pushes`: the calls that pushes are expected to make until the day ends, at each grid price for
  // rows of the mean weight (pacing/mean_weight.h); `polls` tells the same of polls.
  PriceCurve(const BudgetLeft& left, const CallsByPrice& pushes, PollForecast polls,
             double mean_weight = 1);

  // With so many calls and seconds left, of a day with as many calls. In stale row-seconds;
  // infinite when nothing is left.
  double price(double calls_left, double seconds_left) const;

 private:
  double grid_price(std::size_t i) const { return mean_weight_ * grid_prices()[i]; }
  double calls_at(std::size_t i) const;

  BudgetLeft left_ = {};  // when it was worked out
  CallsByPrice pushes_ = {};
  PollForecast polls_{{}};
  PollForecast above_grid_{{}};  // of pushes and polls together
  double mean_weight_ = 1;
};

}  // namespace weir::pacing
