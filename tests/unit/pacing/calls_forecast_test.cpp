#include "pacing/calls_forecast.h"

#include <gtest/gtest.h>

namespace weir::pacing {
namespace {

using namespace std::chrono_literals;

const TimePoint kMidnight{std::chrono::days{19'723}};
constexpr std::size_t kShadow = 3;

class CallsForecastTest : public ::testing::Test {
 protected:
  // As many calls in each slot between the two.
  void record(TimePoint from, TimePoint to, double calls_per_slot) {
    if (history_.empty()) history_.open(slot_of(from));
    for (std::int64_t slot = slot_of(from); slot < slot_of(to); ++slot)
      history_.add(slot, kShadow, calls_per_slot);
  }

  double forecast(TimePoint now, int past_days) const {
    std::vector<OrgDay> days;
    const TimePoint today = std::chrono::floor<std::chrono::days>(now);
    for (int back = 0; back <= past_days; ++back)
      days.push_back({.begin = today - back * 24h, .end = today - (back - 1) * 24h});
    return CallsForecast(history_, kCallsPerDay).until_midnight(kShadow, now, days);
  }

  static constexpr std::int64_t kCallsPerDay = 960;
  CallHistory history_;
};

TEST_F(CallsForecastTest, ExpectsADayLikeTheOneBefore) {
  record(kMidnight, kMidnight + 36h, 2);
  EXPECT_NEAR(forecast(kMidnight + 36h, 1), 288, 15);
}

TEST_F(CallsForecastTest, FollowsTheShapeOfTheDayBefore) {
  // All calls of a day come in the evening.
  record(kMidnight, kMidnight + 18h, 0);
  record(kMidnight + 18h, kMidnight + 24h, 10);
  record(kMidnight + 24h, kMidnight + 36h, 0);
  EXPECT_GT(forecast(kMidnight + 36h, 1), 0.6 * 720);
}

TEST_F(CallsForecastTest, BelievesALullNearlyFullyAndASurgeOnlyALittle) {
  record(kMidnight, kMidnight + 24h, 10);
  CallHistory yesterday = history_;
  record(kMidnight + 24h, kMidnight + 36h, 2.5);
  const double calm = forecast(kMidnight + 36h, 1);
  history_ = yesterday;
  record(kMidnight + 24h, kMidnight + 36h, 40);
  const double busy = forecast(kMidnight + 36h, 1);
  const double usual = 1440;
  // A quarter of the calls is believed more of than four times the calls.
  EXPECT_LT(calm, 0.6 * usual);
  EXPECT_LT(busy, 4 * usual);
  EXPECT_GT(busy, usual);
}

TEST_F(CallsForecastTest, OnAFirstDayCarriesTheLastTwoHoursOn) {
  record(kMidnight, kMidnight + 10h, 1);
  record(kMidnight + 10h, kMidnight + 12h, 4);
  const double rest = forecast(kMidnight + 12h, 0);
  EXPECT_GT(rest, 300);
  EXPECT_LT(rest, 800);
}

TEST_F(CallsForecastTest, DoesNotTakeTheFirstMinutesForFree) {
  record(kMidnight, kMidnight + 5min, 0);
  EXPECT_GT(forecast(kMidnight + 5min, 0), 0.5 * kCallsPerDay);
}

TEST_F(CallsForecastTest, ExpectsNothingAtTheEndOfTheDay) {
  record(kMidnight, kMidnight + 48h - 1ms, 5);
  EXPECT_LT(forecast(kMidnight + 48h - 1ms, 1), 6);
}

}  // namespace
}  // namespace weir::pacing
