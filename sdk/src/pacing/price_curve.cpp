#include "pacing/price_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "pacing/call_history.h"
#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// Of the day's calls so much is kept for its surprises, melting away as it passes.
constexpr double kCaution = 0.01;
constexpr double kEndless = 1e12;
// The curve is worked out anew after so long; what an even pace spends meanwhile was planned.
constexpr double kPlanned = seconds(kSlot);

// The highest price at which twice as many calls are made as at the last: the price makes most of
// them, and from there on they would go by its root.
std::size_t made_by_price(const CallsByPrice& calls) {
  std::size_t i = 1;
  while (i + 2 < kPriceCount && calls[i + 1] >= 2 * calls.back()) ++i;
  return i;
}

}  // namespace

CallsByPrice averaged(const CallsByPrice& calls) {
  CallsByPrice means = {};
  for (std::size_t i = 0; i < kPriceCount; ++i) {
    const PricesAround prices(i);
    double logarithms = 0;
    for (std::size_t k = prices.first; k <= prices.last; ++k) logarithms += std::log1p(calls.at(k));
    means.at(i) = std::expm1(logarithms / prices.count());
  }
  return means;
}

double forced_calls(const CallsByPrice& calls) {
  const double least = calls.back();
  if (least <= 0) return 0;
  const std::size_t by_price = made_by_price(calls);
  const double ratio = std::sqrt(grid_prices().back() / grid_prices()[by_price]);
  const double forced = least - std::max(calls[by_price] - least, 0.0) / (ratio - 1);
  // In the evening a dear shadow makes calls that a cheaper one has made by day.
  return std::clamp(forced, 0.0, *std::min_element(calls.begin() + 1, calls.end()));
}

void leave_to_price(CallsByPrice& calls) {
  const std::size_t by_price = made_by_price(calls);
  for (std::size_t i = by_price + 1; i < kPriceCount; ++i)
    calls[i] = calls[by_price] * std::sqrt(grid_prices()[by_price] / grid_prices()[i]);
}

// Above the grid calls go by the root of the price, but for those that deadlines force.
PriceCurve::PriceCurve(const BudgetLeft& left, const CallsByPrice& pushes, PollForecast polls,
                       double mean_weight)
    : left_(left), pushes_(pushes), polls_(std::move(polls)), mean_weight_(mean_weight) {
  // A dearer shadow that has made more calls by chance does not make calls cheaper.
  for (std::size_t i = 1; i < kPriceCount; ++i) pushes_[i] = std::min(pushes_[i], pushes_[i - 1]);
  const double forced = std::min(left.forced, pushes_.back());
  const double by_price = pushes_.back() - forced;
  above_grid_ = polls_.with({{.root_integral = by_price * std::sqrt(grid_price(kPriceCount - 1)),
                              .calls = 1,
                              .fewest = 0,
                              .most = kEndless},
                             {.root_integral = 0, .calls = 1, .fewest = forced, .most = forced}},
                            mean_weight);
}

double PriceCurve::calls_at(std::size_t i) const {
  // A price of 0 would have polls look without end.
  return pushes_[i] + std::min(polls_.calls_at(grid_price(i)), kEndless);
}

// With less time left than the curve was worked out for, less of what it expects is still to come.
double PriceCurve::price(double calls_left, double seconds_left) const {
  const double planned =
      left_.seconds_left > 0 ? 1 + left_.calls * kPlanned / left_.seconds_left : 1;
  const double spent_as_planned = std::clamp(left_.calls - calls_left, 0.0, planned);
  const double caution = kCaution * left_.calls_per_day * seconds_left / kSecondsPerDay;
  double spendable = calls_left + spent_as_planned - caution - left_.kept;
  if (calls_left <= 0 || spendable <= 0) return std::numeric_limits<double>::infinity();
  if (seconds_left > 0) spendable *= left_.seconds_left / seconds_left;
  std::size_t too_low = 0;
  std::size_t enough = kPriceCount - 1;
  double calls_below = calls_at(0);
  if (calls_below <= spendable) return 0;
  double calls_above = calls_at(enough);
  if (calls_above > spendable)
    return std::max(grid_price(enough), above_grid_.price_for(spendable));
  while (enough - too_low > 1) {
    const std::size_t middle = (too_low + enough) / 2;
    const double calls = calls_at(middle);
    (calls > spendable ? too_low : enough) = middle;
    (calls > spendable ? calls_below : calls_above) = calls;
  }
  // Below the lowest price of the grid pushes hardly differ, and polls are told exactly.
  if (too_low == 0 && !polls_.empty())
    return std::min(grid_price(enough), polls_.price_for(spendable - pushes_[0]));
  const double share = (calls_below - spendable) / std::max(calls_below - calls_above, 1e-9);
  return mean_weight_ * price_between(too_low, std::clamp(share, 0.0, 1.0));
}

}  // namespace weir::pacing
