#include "pacing/price_curve.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pacing/price_grid.h"
#include "pacing/unforeseen.h"

namespace weir::pacing {
namespace {

// Calls that fall with the root of the price, as the square-root law has it.
CallsByPrice square_root_law(double calls_at_one = 10'000) {
  CallsByPrice calls = {};
  for (std::size_t i = 0; i < kPriceCount; ++i)
    calls.at(i) = calls_at_one / std::sqrt(std::max(grid_prices().at(i), 1.0));
  return calls;
}

// For so many calls at the highest price of the grid.
double at_one(double calls_at_highest) {
  return calls_at_highest * std::sqrt(grid_prices().back());
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

TEST(PriceCurve, GoesByTheRootOfThePriceAboveTheGrid) {
  for (const double factor : {1.01, 1.5, 4.0, 100.0}) {
    const double price = price_at(noon(500), square_root_law(at_one(495 * factor)));
    EXPECT_NEAR(price / (grid_prices().back() * factor * factor), 1, 1e-3) << factor;
  }
}

TEST(PriceCurve, IsFiniteWhateverIsForecast) {
  const double price = price_at(noon(500), at_any_price(1e15));
  EXPECT_GT(price, grid_prices().back());
  EXPECT_TRUE(std::isfinite(price));
}

// At 500 calls of noon the highest price of the grid is met.
TEST(PriceCurve, RisesSmoothlyOverTheEdgeOfTheGrid) {
  const PriceCurve curve(noon(700), square_root_law(at_one(500)), PollForecast({}));
  double before = curve.price(600, 43'200);
  ASSERT_LT(before, grid_prices().back());
  for (double calls = 599; calls > 400; --calls) {
    const double price = curve.price(calls, 43'200);
    EXPECT_GT(price, before) << calls;
    EXPECT_LT(price, 1.01 * before) << calls;
    before = price;
  }
  EXPECT_GT(before, grid_prices().back());
}

TEST(PriceCurve, SharesOnePriceBetweenPushesAndPollsAboveTheGrid) {
  const double highest = grid_prices().back();
  const PollForecast polls({{.root_integral = at_one(600), .calls = 1, .fewest = 0, .most = 1e9}});
  const double price = price_at(noon(500), square_root_law(at_one(390)), polls);
  EXPECT_NEAR(price / (4 * highest), 1, 1e-3);  // 495 of 990
}

TEST(PriceCurve, LeavesToThePriceWhatDeadlinesDoNotForce) {
  CallsByPrice pushes = square_root_law(at_one(410));
  for (double& calls : pushes) calls += 290;
  EXPECT_NEAR(forced_calls(pushes), 290, 1);
  BudgetLeft left = noon(500);
  left.forced = 290;
  EXPECT_NEAR(price_at(left, pushes) / (4 * grid_prices().back()), 1, 1e-3);  // 205 of 410
}

TEST(PriceCurve, KeepsTheCallsThatDeadlinesMayTakeBeyondTheForecast) {
  BudgetLeft left = noon(500);
  left.kept = 95;
  EXPECT_NEAR(price_at(left), std::pow(10'000 / 400.0, 2), 5);
  left.kept = 500;
  EXPECT_TRUE(std::isinf(price_at(left)));
}

TEST(PriceCurve, KnowsOfNoForcedCallsWhereThePriceMakesThemAll) {
  EXPECT_NEAR(forced_calls(square_root_law(at_one(1000))), 0, 1e-6);
  EXPECT_EQ(forced_calls({}), 0);
  EXPECT_EQ(forced_calls(at_any_price(70)), 70);
}

// Rows of weight 1,000 are worth a thousand times as much, and so is a call that takes them.
TEST(PriceCurve, CountsRowsOfTheMeanWeight) {
  const PollForecast::Source poll{.root_integral = 100, .calls = 1, .fewest = 0, .most = 1e9};
  PollForecast::Source heavy = poll;
  heavy.root_integral *= std::sqrt(1000);
  for (const double pushes : {10'000.0, 100'000.0, at_one(600)}) {
    const PriceCurve curve(noon(900), square_root_law(pushes), PollForecast({poll}));
    const PriceCurve of_heavy(noon(900), square_root_law(pushes), PollForecast({heavy}), 1000);
    for (double calls = 850; calls > 50; calls -= 100) {
      const double price = curve.price(calls, 43'200);
      EXPECT_NEAR(of_heavy.price(calls, 43'200) / price, 1000, 1e-6) << calls;
    }
  }
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

constexpr Unforeseen kEvening = {.calls_per_day = 100, .seconds_left = 14'400, .usual_price = 1000};

double evening_price(double calls_left, const CallsByPrice& last_hour = {}) {
  CallsByPrice calls = last_hour;
  add_unforeseen(calls, last_hour, kEvening);
  return price_at({.calls_per_day = 100, .calls = calls_left, .seconds_left = 14'400}, calls);
}

TEST(Unforeseen, TheLastCallsGoToLargeBurstsAlone) {
  EXPECT_LE(evening_price(4), 1);
  EXPECT_NEAR(evening_price(3), 1600, 100);
  EXPECT_GT(evening_price(2), 5000);
  EXPECT_GT(evening_price(1), 30'000);
}

TEST(Unforeseen, IsServedByWhatIsForecastForTheLastHour) {
  CallsByPrice calls = at_any_price(3);
  add_unforeseen(calls, at_any_price(3), kEvening);
  EXPECT_EQ(calls, at_any_price(3));
}

TEST(Unforeseen, MeltsAwayInTheLastHour) {
  Unforeseen burst = kEvening;
  burst.seconds_left = kLastHour;
  EXPECT_EQ(burst.calls_at(1000), kEvening.calls_at(1000));
  burst.seconds_left = kLastHour / 2;
  EXPECT_EQ(burst.calls_at(1000), kEvening.calls_at(1000) / 2);
  burst.seconds_left = 0;
  EXPECT_EQ(burst.calls_at(0), 0);
}

TEST(Unforeseen, NeverMakesADearerPriceBringMoreCalls) {
  for (std::size_t i = 1; i < kPriceCount; ++i)
    EXPECT_LE(kEvening.calls_at(grid_prices().at(i)), kEvening.calls_at(grid_prices().at(i - 1)));
}

}  // namespace
}  // namespace weir::pacing
