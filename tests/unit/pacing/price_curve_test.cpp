#include "pacing/price_curve.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pacing/price_grid.h"

namespace weir::pacing {
namespace {

// Calls that fall with the root of the price, as the square-root law has it.
CallsByPrice square_root_law() {
  CallsByPrice calls = {};
  for (std::size_t i = 0; i < kPriceCount; ++i)
    calls.at(i) = 10'000 / std::sqrt(std::max(grid_prices().at(i), 1.0));
  return calls;
}

CallsByPrice at_any_price(double calls) {
  CallsByPrice same = {};
  same.fill(calls);
  return same;
}

BudgetLeft noon(double calls) {
  return {.calls_per_day = 1000, .calls = calls, .seconds_left = 43'200};
}

double price_at(const BudgetLeft& left, const CallsByPrice& pushes = square_root_law(),
                const PollForecast& polls = PollForecast({})) {
  return PriceCurve(left, pushes, polls).price(left.calls, left.seconds_left);
}

TEST(PriceCurve, FindsThePriceAtWhichTheCallsLast) {
  // Two in a hundred are kept for surprises, and half the day is over.
  const double price = price_at(noon(500));
  EXPECT_NEAR(price, std::pow(10'000 / 490.0, 2), 10);
}

TEST(PriceCurve, IsZeroWhenThereAreCallsForEachChange) { EXPECT_EQ(price_at(noon(20'000)), 0); }

TEST(PriceCurve, IsInfiniteWhenNothingIsLeft) {
  EXPECT_TRUE(std::isinf(price_at(noon(0))));
  EXPECT_TRUE(std::isinf(price_at(noon(5))));  // kept for surprises
}

TEST(PriceCurve, RisesAsCallsGetShort) {
  double before = 0;
  for (const double calls : {900.0, 600.0, 300.0, 100.0, 20.0}) {
    const double price = price_at(noon(calls));
    EXPECT_GT(price, before);
    before = price;
  }
}

TEST(PriceCurve, StopsAtItsHighestPriceWhateverIsForecast) {
  EXPECT_EQ(price_at(noon(500), at_any_price(1e9)), grid_prices().back());
}

TEST(PriceCurve, SharesOnePriceBetweenPushesAndPolls) {
  const PollForecast polls({{.root_integral = 5'000, .calls = 1, .fewest = 0, .most = 1e9}});
  const double price = price_at(noon(500), square_root_law(), polls);
  const double pushes = 10'000 / std::sqrt(price);
  EXPECT_NEAR(pushes + polls.calls_at(price), 490, 10);
  EXPECT_GT(price, price_at(noon(500)));
}

// From noon on 500 calls are for 12 hours, so that 3.5 of them are planned in five minutes.
TEST(PriceCurve, ThePlannedCallsOfAPeriodDoNotMoveThePrice) {
  const PriceCurve curve(noon(500), square_root_law(), PollForecast({}));
  EXPECT_DOUBLE_EQ(curve.price(496, 43'200), curve.price(500, 43'200));
}

TEST(PriceCurve, EachCallBeyondThePlanRaisesThePrice) {
  const PriceCurve curve(noon(500), square_root_law(), PollForecast({}));
  double before = curve.price(495, 43'200);
  for (double calls = 494; calls > 10; --calls) {
    const double price = curve.price(calls, 43'200);
    EXPECT_GT(price, before) << calls;
    before = price;
  }
  EXPECT_TRUE(std::isinf(curve.price(0, 43'200)));
}

TEST(PriceCurve, IsAsHighAsWhenItIsWorkedOutAnewWithWhatIsLeft) {
  const PriceCurve curve(noon(500), square_root_law(), PollForecast({}));
  const double planned = 1 + 500 * 300 / 43'200.0;
  EXPECT_NEAR(curve.price(200, 43'200), price_at(noon(200 + planned)), 1e-6);
}

TEST(PriceCurve, ExpectsLessWithLessTimeLeft) {
  const PriceCurve curve(noon(500), square_root_law(), PollForecast({}));
  EXPECT_LT(curve.price(300, 40'000), curve.price(300, 43'200));
}

TEST(PriceCurve, MakesNoCallCheaperForADearShadowThatCalledOftenByChance) {
  CallsByPrice by_chance = square_root_law();
  by_chance.at(20) = 5 * by_chance.at(18);
  const PriceCurve curve(noon(500), by_chance, PollForecast({}));
  double before = 0;
  for (double calls = 900; calls > 10; --calls) {
    EXPECT_GE(curve.price(calls, 43'200), before) << calls;
    before = curve.price(calls, 43'200);
  }
}

TEST(PriceCurve, HasNothingToSpendBeforeAnythingIsKnown) {
  EXPECT_TRUE(std::isinf(PriceCurve().price(0, 0)));
}

}  // namespace
}  // namespace weir::pacing
