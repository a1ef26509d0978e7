#include "pacing/clustering.h"

#include <gtest/gtest.h>

namespace weir::pacing {
namespace {

// So often one change came where one was expected.
void come_as_expected(Clustering& clustering, double since_last, int times) {
  for (int i = 0; i < times; ++i) {
    clustering.came(since_last);
    clustering.expected(since_last, 1);
  }
}

TEST(Clustering, WithoutChangesTheRateIsTakenAtItsWord) {
  Clustering clustering;
  clustering.renew();
  for (const double since_last : {0.0, 10.0, 1e4, 1e7}) EXPECT_EQ(clustering.ratio(since_last), 1);
}

TEST(Clustering, MoreThanExpectedSoonAfterAChangeMakesAnotherLikelier) {
  Clustering clustering;
  for (int i = 0; i < 1000; ++i) {
    clustering.came(2);
    clustering.expected(2, 0.1);
    clustering.expected(60, 0.9);
  }
  clustering.renew();
  EXPECT_GT(clustering.ratio(2), 5);
  EXPECT_LT(clustering.ratio(60), 0.3);
}

TEST(Clustering, AFewChangesProveNothing) {
  Clustering clustering;
  clustering.came(2);
  clustering.renew();
  EXPECT_LT(clustering.ratio(2), 1.1);
}

TEST(Clustering, TheRatioNeverRisesWithTheSilence) {
  Clustering clustering;
  come_as_expected(clustering, 2, 1000);
  for (int i = 0; i < 3000; ++i) clustering.came(60);
  clustering.expected(60, 1000);
  clustering.renew();
  EXPECT_EQ(clustering.ratio(2), clustering.ratio(60));
  EXPECT_NEAR(clustering.ratio(2), 2, 0.2);
}

TEST(Clustering, AStepEndsWhereTheNextBegins) {
  double end = 0;
  for (int steps = 0; steps < 12; ++steps) {
    EXPECT_GT(Clustering::step_end(end), end);
    end = Clustering::step_end(end);
  }
  EXPECT_GT(end, 80000);
  EXPECT_GT(Clustering::step_end(end), 1e300);
}

}  // namespace
}  // namespace weir::pacing
