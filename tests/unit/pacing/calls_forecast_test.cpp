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

  double forecast(TimePoint now, int past_days) const { return forecast(now, past_days, now); }

  double forecast(TimePoint now, int past_days, TimePoint from) const {
    std::vector<OrgDay> days;
    const TimePoint today = std::chrono::floor<std::chrono::days>(now);
    for (int back = 0; back <= past_days; ++back)
      days.push_back({.begin = today - back * 24h, .end = today - (back - 1) * 24h});
    return CallsForecast(history_, kCallsPerDay).until_midnight(kShadow, now, from, days);
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

TEST_F(CallsForecastTest, TellsWhatComesLaterInTheDayApart) {
  for (const int past_days : {0, 1}) {
    history_ = {};
    record(kMidnight, kMidnight + 36h, 2);
    const TimePoint noon = kMidnight + 36h;
    const double all = forecast(noon, past_days);
    EXPECT_EQ(forecast(noon, past_days, noon), all);
    EXPECT_GT(forecast(noon, past_days, noon + 11h), 0);
    EXPECT_LT(forecast(noon, past_days, noon + 11h), all / 6);
    EXPECT_EQ(forecast(noon, past_days, noon + 12h), 0);
  }
}

TEST_F(CallsForecastTest, BelievesWhatTodayIsLikeTheMoreTheLongerItHasLasted) {
  constexpr double kBusier = 1.3;
  record(kMidnight, kMidnight + 24h, 10);
  const auto believed_after = [&](std::chrono::hours time) {
    const CallHistory yesterday = history_;
    record(kMidnight + 24h, kMidnight + 24h + time, 10 * kBusier);
    const double usual = 10 * static_cast<double>((24h - time) / kSlot);
    const double rest = forecast(kMidnight + 24h + time, 1) / usual;
    history_ = yesterday;
    return (rest - 1) / (kBusier - 1);
  };
  EXPECT_LT(believed_after(1h), 0.6);
  EXPECT_GT(believed_after(6h), 0.6);
  EXPECT_GT(believed_after(15h), 0.65);
  EXPECT_LT(believed_after(15h), 1.1);
}

TEST_F(CallsForecastTest, BelievesASurgeAndALullOfTwoHoursInPartAndForAWhile) {
  record(kMidnight, kMidnight + 24h + 10h, 10);
  const CallHistory usual = history_;
  const auto rest_after = [&](double calls_per_slot) {
    history_ = usual;
    record(kMidnight + 24h + 10h, kMidnight + 24h + 12h, calls_per_slot);
    return forecast(kMidnight + 24h + 12h, 1) / 1440;
  };
  EXPECT_GT(rest_after(15), 1.05);
  EXPECT_LT(rest_after(15), 1.3);
  EXPECT_LT(rest_after(6.7), 0.95);
  EXPECT_GT(rest_after(6.7), 0.75);
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

TEST_F(CallsForecastTest, OnAFirstDayLetsASurgeGiveWayToTheDaySoFar) {
  record(kMidnight, kMidnight + 10h, 1);
  record(kMidnight + 10h, kMidnight + 12h, 4);
  const double rest = forecast(kMidnight + 12h, 0);
  // Neither 144 slots of 1 nor of 4, in the afternoon a little more.
  EXPECT_GT(rest, 144 * 1.5);
  EXPECT_LT(rest, 144 * 4);
}

// Lists are loaded in the hour after midnight: that is not what the rest of the day is like.
TEST_F(CallsForecastTest, OnAFirstDayTakesTheFirstHourNotForTheWholeDay) {
  record(kMidnight, kMidnight + 1h, 40);
  const double at_one = forecast(kMidnight + 1h, 0);
  record(kMidnight + 1h, kMidnight + 6h, 1);
  EXPECT_LT(forecast(kMidnight + 6h, 0), at_one / 3);
}

// Seven days of which the first is as today: the same day of the week counts as three others.
TEST_F(CallsForecastTest, ExpectsADayLikeThatOfTheWeekBefore) {
  record(kMidnight, kMidnight + 24h, 1);
  record(kMidnight + 24h, kMidnight + 7 * 24h, 4);
  const double with_weekday = forecast(kMidnight + 7 * 24h, 7);
  const double without = forecast(kMidnight + 7 * 24h, 6);
  EXPECT_LT(with_weekday, 0.8 * without);
  EXPECT_GT(with_weekday, 288);
}

}  // namespace
}  // namespace weir::pacing
