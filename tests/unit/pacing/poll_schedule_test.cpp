#include "pacing/poll_schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace weir::pacing {
namespace {

using namespace std::chrono_literals;

// A midnight, as far as the schedule knows.
const TimePoint kMidnight{Milliseconds{1'707'120'000'000}};
constexpr double kPrice = 3600;

class PollScheduleTest : public ::testing::Test {
 protected:
  // Looks at a source every `interval`, for days, and finds so much.
  void teach(std::size_t source, std::int64_t found, Milliseconds interval, int days = 5) {
    for (TimePoint time = now_ + interval; time <= now_ + 24h * days; time += interval) {
      schedule_.looked(source, found, 1, time);
      last_ = time;
    }
    schedule_.set_price(kPrice, kMidnight, last_);
  }

  double interval_s(std::size_t source) {
    schedule_.caught_up(source, last_);
    const auto next = schedule_.next();
    EXPECT_EQ(next->source, source);
    return static_cast<double>((next->due - last_).count()) / 1000;
  }

  PollSchedule schedule_;
  const TimePoint now_ = kMidnight;
  TimePoint last_ = kMidnight;
};

// Nobody has looked yet: every source is expected to have a row an hour, fewer in the night and
// more in the afternoon.
TEST_F(PollScheduleTest, LooksOnItsFirstDayMoreOftenInTheAfternoonThanInTheNight) {
  const std::size_t source = schedule_.add({}, now_);
  schedule_.set_price(1, kMidnight, now_);
  const auto interval_at = [&](Milliseconds hour) {
    last_ = kMidnight + hour;
    return interval_s(source);
  };
  EXPECT_NEAR(interval_at(7h), std::sqrt(2 * 3600), 4);
  EXPECT_NEAR(interval_at(1h), 113, 1);
  EXPECT_NEAR(interval_at(13h), 71, 1);
}

TEST_F(PollScheduleTest, ForecastsOfItsFirstDayARowAnHour) {
  schedule_.add({}, now_);
  schedule_.set_price(kPrice, kMidnight, now_);
  const double every_s = std::sqrt(2 * kPrice / (1.0 / 3600));
  const double calls = 86400 / every_s;
  EXPECT_NEAR(schedule_.forecast(now_, now_ + 24h).calls_at(kPrice), calls, calls * 0.04);
  EXPECT_NEAR(schedule_.forecast(now_ + 12h, now_ + 16h).calls_at(kPrice),
              1.6 * schedule_.forecast(now_, now_ + 4h).calls_at(kPrice), 0.1)
      << "in the afternoon and in the night";
}

TEST_F(PollScheduleTest, LooksWhenAPricesWorthOfStaleRowsIsExpected) {
  const std::size_t source = schedule_.add({}, now_);
  teach(source, 10, 1h);
  const double expected = std::sqrt(2 * kPrice / (10.0 / 3600));
  EXPECT_NEAR(interval_s(source), expected, expected * 0.25) << "the time of day makes the rest";
  schedule_.set_price(4 * kPrice, kMidnight, last_);
  EXPECT_NEAR(interval_s(source), 2 * expected, 2 * expected * 0.25);
}

TEST_F(PollScheduleTest, CountsARowByItsWeight) {
  const std::size_t source = schedule_.add({.weight = 4}, now_);
  teach(source, 10, 1h);
  const double expected = std::sqrt(2 * kPrice / (4 * 10.0 / 3600));
  EXPECT_NEAR(interval_s(source), expected, expected * 0.25);
}

TEST_F(PollScheduleTest, CountsTheCallsThatALookTakes) {
  const std::size_t source = schedule_.add({}, now_);
  teach(source, 10, 1h);
  const double one = interval_s(source);
  schedule_.looked(source, 0, 4, last_);
  EXPECT_NEAR(interval_s(source), 2 * one, one * 0.5);
}

TEST_F(PollScheduleTest, LooksFirstAtWhatChangesMost) {
  const std::size_t quiet = schedule_.add({}, now_);
  const std::size_t busy = schedule_.add({}, now_);
  for (TimePoint time = now_ + 1h; time <= now_ + 72h; time += 1h) {
    schedule_.looked(quiet, 0, 1, time);
    schedule_.looked(busy, 20, 1, time);
  }
  schedule_.set_price(kPrice, kMidnight, now_ + 72h);
  EXPECT_EQ(schedule_.next()->source, busy);
}

TEST_F(PollScheduleTest, LearnsAtWhichTimeOfDayThereIsNews) {
  const std::size_t source = schedule_.add({}, now_);
  TimePoint time = now_;
  for (int hour = 1; hour <= 24 * 10; ++hour) {
    time = now_ + 1h * hour;
    if (hour % 24 == 1) schedule_.set_price(kPrice, time - 1h, time);
    const bool is_noon = hour % 24 >= 11 && hour % 24 <= 13;
    schedule_.looked(source, is_noon ? 40 : 1, 1, time);
  }
  schedule_.set_price(kPrice, time, time);
  const auto until = [&](TimePoint begin) {
    schedule_.caught_up(source, begin);
    return schedule_.next()->due - begin;
  };
  EXPECT_GT(until(time + 1h), 2 * until(time + 10h)) << "the night waits longer than the noon";
}

TEST_F(PollScheduleTest, StillLooksAtASilentSource) {
  const std::size_t source = schedule_.add({}, now_);
  teach(source, 0, 6h, 30);
  EXPECT_LT(interval_s(source), 4 * 86400);
}

TEST_F(PollScheduleTest, KeepsToItsShortestAndLongestInterval) {
  const std::size_t source = schedule_.add({.shortest = 10min, .longest = 2h}, now_);
  schedule_.set_price(1e-3, kMidnight, now_);
  EXPECT_EQ(schedule_.next()->due, now_ + 10min);
  schedule_.set_price(1e9, kMidnight, now_);
  EXPECT_EQ(schedule_.next()->due, now_ + 2h);
  EXPECT_EQ(schedule_.next()->source, source);
}

TEST_F(PollScheduleTest, LooksAtOnceOnAHint) {
  const std::size_t source = schedule_.add({.shortest = 10min}, now_);
  schedule_.set_price(1e9, kMidnight, now_);
  schedule_.hint(source, now_ + 1s);
  EXPECT_EQ(schedule_.next()->due, now_ + 1s);
  schedule_.looked(source, 0, 1, now_ + 1s);
  EXPECT_GT(schedule_.next()->due, now_ + 1h);
}

TEST_F(PollScheduleTest, RestsAfterAFailureEvenOnAHint) {
  const std::size_t source = schedule_.add({}, now_);
  schedule_.set_price(kPrice, kMidnight, now_);
  schedule_.rest(source, now_ + 5min, now_);
  schedule_.hint(source, now_);
  EXPECT_EQ(schedule_.next()->due, now_ + 5min);
}

TEST_F(PollScheduleTest, DoesNotLookWhenNothingMayBeSpentOrThePollHasEnded) {
  const std::size_t source = schedule_.add({}, now_);
  schedule_.set_price(std::numeric_limits<double>::infinity(), kMidnight, now_);
  EXPECT_FALSE(schedule_.next());
  schedule_.set_price(kPrice, kMidnight, now_);
  EXPECT_TRUE(schedule_.next());
  schedule_.remove(source);
  EXPECT_FALSE(schedule_.next());
  schedule_.set_price(kPrice, kMidnight, now_);
  EXPECT_FALSE(schedule_.next());
}

// Days of sources whose rows change at different rates, with `budget` calls each; returns the calls
// of the last day.
int spend_days(int budget, int days) {
  PollSchedule schedule;
  constexpr int kSources = 10;
  std::vector<double> pending(kSources);
  for (int i = 0; i < kSources; ++i) schedule.add({}, kMidnight);
  int used = 0;
  TimePoint last = kMidnight;
  for (int day = 0; day < days; ++day) {
    const TimePoint begin = kMidnight + 24h * day;
    used = 0;
    for (TimePoint now = begin; now < begin + 24h; now += 1min) {
      const double price = schedule.forecast(now, begin + 24h).price_for(budget - used);
      schedule.set_price(price, begin, now);
      while (const auto next = schedule.next()) {
        if (next->due >= now + 1min || used == budget) break;
        // Source i has i rows an hour.
        const TimePoint at = std::max(next->due, last);
        last = at;
        const double found = std::floor(pending[next->source]);
        pending[next->source] -= found;
        schedule.looked(next->source, static_cast<std::int64_t>(found), 1, at);
        ++used;
      }
      for (int i = 0; i < kSources; ++i) pending[static_cast<std::size_t>(i)] += i / 60.0;
    }
  }
  return used;
}

TEST_F(PollScheduleTest, TellsTheIntervalAtWhichItLooksAndWhatItExpectsToFind) {
  const std::size_t source = schedule_.add({}, now_);
  teach(source, 10, 1h);
  const PollPace pace = schedule_.pace(source, last_);
  EXPECT_EQ(pace.next_at, schedule_.next()->due);
  EXPECT_EQ(last_ + *pace.interval, schedule_.next()->due);
  EXPECT_EQ(pace.limited_by, LimitedBy::kPrice);
  EXPECT_EQ(pace.interval_by, LimitedBy::kPrice);
  EXPECT_EQ(pace.price, kPrice);
  EXPECT_NEAR(pace.rows_per_hour, 10, 2);
  EXPECT_LT(schedule_.pace(source, kPrice / 4, last_).interval, *pace.interval);
}

TEST_F(PollScheduleTest, TellsWhatLimitsAnIntervalAndTheNextLook) {
  const auto limits = [&](const PollNeed& need) {
    const std::size_t source = schedule_.add(need, now_);
    const PollPace pace = schedule_.pace(source, now_);
    EXPECT_EQ(pace.limited_by, pace.interval_by);
    return pace.limited_by;
  };
  schedule_.set_price(kPrice, kMidnight, now_);
  EXPECT_EQ(limits({}), LimitedBy::kPrice);
  EXPECT_EQ(limits({.shortest = 20h}), LimitedBy::kShortest);
  EXPECT_EQ(limits({.longest = 10min}), LimitedBy::kDeadline);
  const std::size_t source = schedule_.add({}, now_);
  schedule_.hint(source, now_);
  EXPECT_EQ(schedule_.pace(source, now_).limited_by, LimitedBy::kConnection);
  EXPECT_EQ(schedule_.pace(source, now_).next_at, now_);
  EXPECT_GT(schedule_.pace(source, now_).interval, 1min) << "when nobody hints";
  schedule_.rest(source, now_ + 5min, now_);
  EXPECT_EQ(schedule_.pace(source, now_).limited_by, LimitedBy::kRest);
  EXPECT_EQ(schedule_.pace(source, now_).next_at, now_ + 5min);
}

TEST_F(PollScheduleTest, TellsThatTheDayIsSpent) {
  const std::size_t source = schedule_.add({}, now_);
  schedule_.set_price(std::numeric_limits<double>::infinity(), kMidnight, now_);
  const PollPace pace = schedule_.pace(source, now_);
  EXPECT_EQ(pace.limited_by, LimitedBy::kDaySpent);
  EXPECT_EQ(pace.next_at, std::nullopt);
  EXPECT_EQ(pace.interval, std::nullopt);
}

TEST(PollScheduleDay, SpendsTheDaysCallsAndNoMore) {
  for (const int budget : {50, 400}) {
    const int used = spend_days(budget, 2);
    EXPECT_LE(used, budget);
    EXPECT_GE(used, budget * 99 / 100);
  }
}

TEST(PollScheduleDay, ForecastsFewerCallsAtAHigherPrice) {
  const PollForecast forecast({{.root_integral = 100, .calls = 1, .fewest = 1, .most = 1000}});
  EXPECT_DOUBLE_EQ(forecast.calls_at(1), 100);
  EXPECT_DOUBLE_EQ(forecast.calls_at(4), 50);
  EXPECT_DOUBLE_EQ(forecast.calls_at(1e12), 1);
  EXPECT_NEAR(forecast.price_for(50), 4, 1e-6);
  EXPECT_FALSE(std::isfinite(forecast.price_for(0)));
}

TEST(PollScheduleDay, LooksTheSameWhenAllWeightsAreAsManyTimesAsLarge) {
  const auto first_look = [](double weight) {
    PollSchedule schedule;
    for (const double own : {1, 5, 20}) schedule.add({.weight = own * weight}, kMidnight);
    const PollForecast forecast = schedule.forecast(kMidnight, kMidnight + 24h);
    schedule.set_price(forecast.price_for(40), kMidnight, kMidnight);
    return schedule.next()->due;
  };
  for (const double weight : {1e-14, 1e-3, 1e3, 1e14})
    EXPECT_LE(abs(first_look(weight) - first_look(1)), 1ms) << weight;
}

}  // namespace
}  // namespace weir::pacing
