#include "pacing/price_controller.h"

#include <algorithm>
#include <limits>

#include "pacing/price_grid.h"
#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// Of the day's calls so much is kept for its surprises, melting away as it passes.
constexpr double kCaution = 0.01;
constexpr double kEndless = 1e12;

}  // namespace

double solve_price(const BudgetLeft& left, const std::function<double(std::size_t)>& pushes_at,
                   const PollForecast& polls) {
  const double spendable =
      left.calls - kCaution * left.calls_per_day * left.seconds_left / kSecondsPerDay;
  if (spendable <= 0) return std::numeric_limits<double>::infinity();
  const auto calls_at = [&](std::size_t i) {
    // A price of 0 would have polls look without end.
    return pushes_at(i) + std::min(polls.calls_at(grid_prices()[i]), kEndless);
  };
  double calls_below = calls_at(0);
  if (calls_below <= spendable) return 0;
  std::size_t too_low = 0;
  std::size_t enough = kPriceCount - 1;
  double calls_above = calls_at(enough);
  const double highest = grid_prices().back();
  if (calls_above > spendable)
    return polls.empty() ? highest
                         : std::max(highest, polls.price_for(spendable - pushes_at(enough)));
  while (enough - too_low > 1) {
    const std::size_t middle = (too_low + enough) / 2;
    const double calls = calls_at(middle);
    (calls > spendable ? too_low : enough) = middle;
    (calls > spendable ? calls_below : calls_above) = calls;
  }
  // Below the lowest price of the grid pushes hardly differ, and polls are told exactly.
  if (too_low == 0 && !polls.empty())
    return std::min(grid_prices()[enough], polls.price_for(spendable - pushes_at(0)));
  const double share = (calls_below - spendable) / std::max(calls_below - calls_above, 1e-9);
  return price_between(too_low, std::clamp(share, 0.0, 1.0));
}

}  // namespace weir::pacing
