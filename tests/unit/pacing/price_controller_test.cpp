#include "pacing/price_controller.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pacing/price_grid.h"

namespace weir::pacing {
namespace {

// Calls that fall with the root of the price, as the square-root law has it.
double calls_at(std::size_t i) { return 10'000 / std::sqrt(std::max(grid_prices().at(i), 1.0)); }

BudgetLeft noon(double calls) {
  return {.calls_per_day = 1000, .calls = calls, .seconds_left = 43'200};
}

TEST(PriceController, FindsThePriceAtWhichTheCallsLast) {
  // Two in a hundred are kept for surprises, and half the day is over.
  const double price = solve_price(noon(500), calls_at);
  EXPECT_NEAR(price, std::pow(10'000 / 490.0, 2), 10);
}

TEST(PriceController, IsZeroWhenThereAreCallsForEachChange) {
  EXPECT_EQ(solve_price(noon(20'000), calls_at), 0);
}

TEST(PriceController, IsInfiniteWhenNothingIsLeft) {
  EXPECT_TRUE(std::isinf(solve_price(noon(0), calls_at)));
  EXPECT_TRUE(std::isinf(solve_price(noon(5), calls_at)));  // kept for surprises
}

TEST(PriceController, RisesAsCallsGetShort) {
  double before = 0;
  for (const double calls : {900.0, 600.0, 300.0, 100.0, 20.0}) {
    const double price = solve_price(noon(calls), calls_at);
    EXPECT_GT(price, before);
    before = price;
  }
}

TEST(PriceController, StopsAtItsHighestPriceWhateverIsForecast) {
  EXPECT_EQ(solve_price(noon(500), [](std::size_t) { return 1e9; }), grid_prices().back());
}

TEST(PriceController, SharesOnePriceBetweenPushesAndPolls) {
  const PollForecast polls({{.root_integral = 5'000, .calls = 1, .fewest = 0, .most = 1e9}});
  const double price = solve_price(noon(500), calls_at, polls);
  const double pushes = 10'000 / std::sqrt(price);
  EXPECT_NEAR(pushes + polls.calls_at(price), 490, 10);
  EXPECT_GT(price, solve_price(noon(500), calls_at));
}

}  // namespace
}  // namespace weir::pacing
