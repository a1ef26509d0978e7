#include "pacing/day_shape.h"

#include <gtest/gtest.h>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

constexpr double kHour = 3600;

// Against an hour of average business.
double business(const DayShape& shape, double hour) {
  return shape.profile().integral(hour * kHour, (hour + 1) * kHour) / kHour;
}

TEST(DayShape, AtFirstExpectsTheNightHalfAsBusyAsAverageAndTheAfternoonHalfAsMuchAgain) {
  const DayShape shape;
  EXPECT_NEAR(business(shape, 1), 0.55, 0.01);
  EXPECT_NEAR(business(shape, 7), 0.94, 0.01);
  EXPECT_NEAR(business(shape, 13), 1.45, 0.01);
  EXPECT_NEAR(business(shape, 20), 0.94, 0.01);
}

TEST(DayShape, SpreadsADaysChangesOverItsHours) {
  const DayShape shape;
  EXPECT_NEAR(shape.profile().integral(0, kSecondsPerDay), kSecondsPerDay, 1e-6);
}

TEST(DayShape, CountsTheHoursFromMidnight) {
  DayShape shape;
  const double at_one = business(shape, 1);
  shape.set_midnight(-8 * kHour);
  EXPECT_DOUBLE_EQ(business(shape, 1 - 8), at_one);
  EXPECT_DOUBLE_EQ(business(shape, 1 + 16), at_one) << "also of the days after";
}

TEST(DayProfile, NeedsNoTimeUntilRowsHaveBeenStaleForNothing) {
  const DayProfile profile;
  EXPECT_EQ(profile.when_stale_for(100, 0, 200), 100);
  EXPECT_EQ(profile.when_stale_for(100, 50, 200), 110) << "a row a second";
  EXPECT_EQ(profile.when_stale_for(100, 1e9, 200), 200) << "the latest";
}

// A hundred rows in any hour, as expected.
TEST(DayShape, BelievesAFlatWeekMoreThanTheFirstWave) {
  DayShape shape;
  const double ratio_at_first = business(shape, 13) / business(shape, 1);
  const double week = 7 * kSecondsPerDay;
  for (double time = 0; time < week; time += kHour)
    shape.learn(time, time + kHour, 100, 100 / kHour, 1);
  EXPECT_DOUBLE_EQ(business(shape, 13) / business(shape, 1), ratio_at_first) << "until renewed";
  shape.renew();
  EXPECT_NEAR(business(shape, 13) / business(shape, 1), 1, 0.1);
}

}  // namespace
}  // namespace weir::pacing
