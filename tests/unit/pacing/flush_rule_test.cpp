#include "pacing/flush_rule.h"

#include <gtest/gtest.h>

namespace weir::pacing {
namespace {

constexpr FlushRule kObserves{.blend = 0};
constexpr FlushRule kGoesOn{.blend = 0.5};
constexpr FlushRule kMoment{.blend = 0.5, .is_moment = true};

double worth(const FlushRule& rule, double rows, const ExpectedRate& expected) {
  return rule.worth(rows, 0, rule.rate(expected));
}

TEST(FlushRule, CountsRowSecondsAndWhatOneMoreRowWouldCost) {
  const ExpectedRate one_a_minute{.lasting = 1.0 / 60, .now = 1.0 / 60};
  EXPECT_DOUBLE_EQ(kObserves.worth(3, 200, kObserves.rate(one_a_minute)), 200);
  // Half of 200, and half of 3 * 4 / 2 minutes.
  EXPECT_DOUBLE_EQ(kGoesOn.worth(3, 200, kGoesOn.rate(one_a_minute)), 100 + 180);
}

TEST(FlushRule, AMomentAndARateThatLastsAreTheSameWhenTheyAreEqual) {
  const ExpectedRate even{.lasting = 0.01, .now = 0.01};
  EXPECT_DOUBLE_EQ(worth(kMoment, 5, even), worth(kGoesOn, 5, even));
}

TEST(FlushRule, ARuleThatKnowsTheMomentWaitsLongerInABurstAndSendsEarlierAfterIt) {
  const ExpectedRate burst{.lasting = 0.01, .now = 0.1};
  const ExpectedRate lull{.lasting = 0.01, .now = 0.001};
  EXPECT_LT(worth(kMoment, 5, burst), worth(kGoesOn, 5, burst));
  EXPECT_GT(worth(kMoment, 5, lull), worth(kGoesOn, 5, lull));
}

TEST(FlushRule, ABatchIsWorthMoreTheLongerTheSilence) {
  Clustering clustering;
  for (int i = 0; i < 1000; ++i) clustering.came(1);
  clustering.expected(1, 100);
  clustering.expected(1000, 1000);
  clustering.renew();
  const ExpectedRate expected{.lasting = 0.01, .now = 0.01, .clustering = &clustering};
  EXPECT_GT(kMoment.rate(expected, 1).now, 2 * 0.01);
  EXPECT_LT(kMoment.rate(expected, 1000).now, 0.5 * 0.01);
}

}  // namespace
}  // namespace weir::pacing
