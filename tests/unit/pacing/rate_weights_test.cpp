#include "pacing/rate_weights.h"

#include <gtest/gtest.h>

#include <random>

namespace weir::pacing {
namespace {

// Only inserts have been seen, or only deletes, and so on: at one a minute.
constexpr double kMinute = 1.0 / 60;
constexpr SeenRates kInserts{.own = {kMinute, 0, 0}};
constexpr SeenRates kDeletes{.own = {0, 0, kMinute}};
constexpr SeenRates kOthers{.all_just_now = kMinute};

// So many changes come, evenly, in a day in which this has been seen.
void live(RateWeights& weights, const SeenRates& seen, int changes) {
  for (int i = 0; i < changes; ++i) weights.came(seen);
  weights.passed(seen, 86400);
  weights.renew();
}

TEST(RateWeights, BelieveWhatIsUsualUntilChangesSayOtherwise) {
  RateWeights weights;
  const double inserts = weights.rate(kInserts);
  EXPECT_GT(inserts, weights.rate(kDeletes));
  EXPECT_GT(weights.rate(kDeletes), 0);
  weights.renew();
  EXPECT_NEAR(weights.rate(kInserts), inserts, 1e-9);
}

TEST(RateWeights, LearnWhichChangesAreFollowedByOthers) {
  RateWeights weights;
  for (int day = 0; day < 20; ++day) {
    live(weights, kInserts, 1440);
    live(weights, kDeletes, 72);
    live(weights, kOthers, 720);
  }
  EXPECT_NEAR(weights.rate(kInserts), kMinute, 0.05 * kMinute);
  EXPECT_NEAR(weights.rate(kDeletes), 0.05 * kMinute, 0.02 * kMinute);
  EXPECT_NEAR(weights.rate(kOthers), 0.5 * kMinute, 0.05 * kMinute);
}

TEST(RateWeights, TellApartWhatIsSeenTogether) {
  RateWeights weights;
  std::mt19937_64 random(3);
  std::exponential_distribution<double> rate(60);
  // One insert is followed by 0.9 changes, one update by 0.2; both are seen all the time.
  for (int hour = 0; hour < 2000; ++hour) {
    const SeenRates seen{.own = {rate(random), rate(random), 0}};
    std::poisson_distribution<int> changes(3600 * (0.9 * seen.own[0] + 0.2 * seen.own[1]));
    for (int i = changes(random); i > 0; --i) weights.came(seen);
    weights.passed(seen, 3600);
  }
  weights.renew();
  EXPECT_NEAR(weights.rate(kInserts), 0.9 * kMinute, 0.05 * kMinute);
  EXPECT_NEAR(weights.rate({.own = {0, kMinute, 0}}), 0.2 * kMinute, 0.05 * kMinute);
}

TEST(RateWeights, ExpectNoLessThanNothing) {
  RateWeights weights;
  // Whenever deletes are seen beside inserts, fewer changes come.
  for (int day = 0; day < 20; ++day) {
    live(weights, kInserts, 1440);
    live(weights, {.own = {kMinute, 0, kMinute}}, 300);
  }
  EXPECT_GT(weights.rate(kDeletes), 0);
  EXPECT_LT(weights.rate(kDeletes), 0.01 * kMinute);
}

TEST(RateWeights, KnowAfterARecallWhatAllHaveCounted) {
  RateWeights one;
  RateWeights other;
  for (int day = 0; day < 20; ++day) live(day % 2 == 0 ? one : other, kDeletes, 1440);
  RateWeights::Counts all = one.take_unshared();
  add(all, other.take_unshared());
  RateWeights knows_all;
  knows_all.recall(all);
  EXPECT_GT(knows_all.rate(kDeletes), one.rate(kDeletes));
  EXPECT_NEAR(knows_all.rate(kDeletes), kMinute, 0.02 * kMinute);
  EXPECT_EQ(one.take_unshared().came[2], 0);
}

}  // namespace
}  // namespace weir::pacing
