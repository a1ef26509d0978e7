#include "pacing/poll_rates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

using namespace std::chrono_literals;

const TimePoint kMidnight{Milliseconds{1'707'120'000'000}};
constexpr int kHalfHoursOfDay = 48;

// Looks at each source every half hour, and renews what is known each half hour too.
struct Looks {
  // What a look at this half hour of this day finds.
  using Rows = std::function<double(int day, int half_hour)>;

  std::size_t add(Rows rows) {
    rows_.push_back(std::move(rows));
    return rates_.add(now_);
  }

  void pass_half_hours(int count) {
    for (int i = 0; i < count; ++i) {
      const auto slot = static_cast<int>((now_ - kMidnight) / 30min);
      const int day = slot / kHalfHoursOfDay;
      rates_.renew(kMidnight + 24h * day);
      now_ += 30min;
      for (std::size_t source = 0; source < rows_.size(); ++source)
        rates_.looked(source, rows_[source](day, slot % kHalfHoursOfDay), now_);
    }
    const auto days = std::chrono::floor<std::chrono::days>(now_ - kMidnight);
    rates_.renew(kMidnight + days);
  }

  void pass_days(int days) { pass_half_hours(kHalfHoursOfDay * days); }

  double rate(std::size_t source) const { return rates_.rate(source, seconds(now_)); }

  // Against a half hour of average business.
  double business(std::size_t source, double hour) const {
    return rates_.profile(source).busy().at(static_cast<std::size_t>(2 * hour));
  }

  PollRates rates_;
  std::vector<Rows> rows_;
  TimePoint now_ = kMidnight;
};

class PollRatesTest : public ::testing::Test, protected Looks {};

// Three rows an hour, as chance has them: Poisson with a mean of 1.5 in a half hour.
double single_rows(int day, int half_hour) {
  std::mt19937 random(static_cast<std::uint32_t>(day * kHalfHoursOfDay + half_hour));
  double below = static_cast<double>(random()) / 4294967296.0;
  double probability = std::exp(-1.5);
  int rows = 0;
  for (; below >= probability; probability *= 1.5 / ++rows) below -= probability;
  return rows;
}

// 3,000 rows at two o'clock.
double nightly_list(int, int half_hour) { return half_hour == 4 ? 3000 : 0; }

TEST_F(PollRatesTest, CountsABatchAsOneEvent) {
  const std::size_t list = add(nightly_list);
  pass_days(5);
  EXPECT_NEAR(rates_.event_rows(list), 3000, 300);
}

TEST_F(PollRatesTest, CountsSingleRowsAsOneEventEach) {
  const std::size_t single = add(single_rows);
  pass_days(5);
  EXPECT_NEAR(rates_.event_rows(single), 1, 0.3);
}

// As it did when rows were all that counted.
TEST_F(PollRatesTest, ExpectsOfSingleRowsWhatHasCome) {
  const std::size_t single = add(single_rows);
  pass_days(5);
  EXPECT_NEAR(rates_.usual_rate(single), 3.0 / 3600, 0.2 / 3600);
}

TEST_F(PollRatesTest, DoesNotTakeTheReloadOfOneSourceForABusyHourOfAll) {
  const std::size_t list = add(nightly_list);
  const std::size_t single = add(single_rows);
  pass_days(5);
  pass_half_hours(5);
  Looks without_list;
  const std::size_t alone = without_list.add(single_rows);
  without_list.pass_half_hours(5 * kHalfHoursOfDay + 5);
  EXPECT_NEAR(rate(single) / without_list.rate(alone), 1, 0.3);
  EXPECT_LT(business(single, 2), 1.6 * without_list.business(alone, 2))
      << "nor for a busy hour of each day";
  EXPECT_GT(rates_.event_rows(list), 1000);
}

TEST_F(PollRatesTest, KnowsTheHoursOfASourceFromTheSecondDay) {
  const std::size_t list = add(nightly_list);
  const std::size_t single = add(single_rows);
  pass_days(1);
  EXPECT_GT(business(list, 2), 5);
  EXPECT_LT(business(list, 14), business(single, 14));
  pass_days(3);
  EXPECT_GT(business(list, 2), 30) << "nearly all of its day";
  EXPECT_LT(business(list, 14), 0.3);
}

TEST_F(PollRatesTest, TakesNoTrendOfAFirstDayForAHabit) {
  const std::size_t rising = add([](int, int half_hour) { return half_hour; });
  const std::size_t single = add(single_rows);
  pass_half_hours(kHalfHoursOfDay - 1);
  EXPECT_EQ(rates_.profile(rising).busy(), rates_.profile(single).busy());
}

TEST_F(PollRatesTest, BelievesNoHoursThatDoNotTellWhatComes) {
  const std::size_t wandering =
      add([](int day, int half_hour) { return half_hour == day * 19 % kHalfHoursOfDay ? 100 : 0; });
  const std::size_t list = add(nightly_list);
  pass_days(8);
  EXPECT_LT(rates_.habits(wandering).evidence.hours, rates_.habits(list).evidence.hours - 4);
  EXPECT_LT(business(wandering, 9.5), 6) << "where it was on the second day, ten times average";
}

TEST_F(PollRatesTest, GoesOverToOtherHoursWhenTheyAreMoved) {
  const std::size_t list =
      add([](int day, int half_hour) { return half_hour == (day < 5 ? 4 : 30) ? 500 : 0; });
  pass_days(8);
  EXPECT_GT(business(list, 15), business(list, 2) / 3);
  EXPECT_GT(business(list, 15), 10 * business(list, 20));
}

TEST_F(PollRatesTest, LooksAtASourceOfWhichNothingIsKnownLikeAtTheOthers) {
  add(single_rows);
  const std::size_t busy =
      add([](int day, int half_hour) { return 9 * single_rows(day, half_hour); });
  const std::size_t quiet = add([](int, int half_hour) { return half_hour == 20 ? 1 : 0; });
  pass_days(3);
  const std::size_t unknown = add(single_rows);
  rates_.renew(kMidnight + 72h);
  EXPECT_LT(rates_.usual_rate(unknown), rates_.usual_rate(busy));
  EXPECT_GT(rates_.usual_rate(unknown), rates_.usual_rate(quiet));
}

// Half a day of silence says little where all have about a row an hour, and much where a few have
// them all.
TEST_F(PollRatesTest, BelievesASilentSourceSoonerWhereTheSourcesAreUnlikeEachOther) {
  const auto share_of_silent = [](double busiest, double others) {
    Looks looks;
    const std::size_t silent = looks.add([](int, int) { return 0; });
    for (int i = 0; i < 10; ++i) {
      const double every = (i == 0 ? busiest : others);
      looks.add(
          [every, i](int, int half_hour) { return std::fmod(half_hour + i, every) < 1 ? 1 : 0; });
    }
    looks.pass_half_hours(24);
    double all = 0;
    for (std::size_t source = 1; source <= 10; ++source)
      all += looks.rates_.usual_rate(source) / 10;
    return looks.rates_.usual_rate(silent) / all;
  };
  EXPECT_GT(share_of_silent(8, 8), 1.5 * share_of_silent(1, 24));
}

TEST_F(PollRatesTest, ExpectsNothingRightAfterABatchOfARegularSource) {
  // Every four and a half hours, so at no hour of its own.
  const std::size_t regular = add(
      [](int day, int half_hour) { return (day * kHalfHoursOfDay + half_hour) % 9 == 0 ? 20 : 0; });
  pass_half_hours(9 * 30 + 1);
  const double after = rate(regular);
  pass_half_hours(7);
  EXPECT_GT(rate(regular), 2 * after) << "three hours later the next one is near";
  EXPECT_GT(rates_.habits(regular).evidence.rest, 2);
}

TEST_F(PollRatesTest, ExpectsRowsAfterRowsWhereTheyComeInSpells) {
  const std::size_t spells = add([](int day, int half_hour) {
    return (half_hour + 7 * day) % kHalfHoursOfDay < 6 ? single_rows(day, half_hour) : 0;
  });
  pass_days(6);
  const double in_silence = rate(spells);
  while (static_cast<int>((now_ - kMidnight) / 30min) % kHalfHoursOfDay != (48 - 42 + 3) % 48)
    pass_half_hours(1);
  EXPECT_GT(rate(spells), 2 * in_silence);
}

TEST_F(PollRatesTest, GoesOnAfterARestartAsIfThereHadBeenNone) {
  const std::size_t list = add(nightly_list);
  add(single_rows);
  pass_days(3);
  pass_half_hours(11);
  PollRates restarted;
  restarted.recall(rates_.common_habits());
  for (const std::size_t source : {0U, 1U}) restarted.add(now_, rates_.habits(source));
  // The rows of an average event settle within a few minutes.
  for (int minute = 0; minute < 3; ++minute) restarted.renew(kMidnight + 72h);
  EXPECT_EQ(restarted.profile(list).busy(), rates_.profile(list).busy());
  for (const std::size_t source : {0U, 1U}) {
    EXPECT_NEAR(restarted.usual_rate(source) / rates_.usual_rate(source), 1, 0.001);
    EXPECT_NEAR(restarted.rate(source, seconds(now_)) / rate(source), 1, 0.001);
  }
}

TEST_F(PollRatesTest, LearnsNoHoursOfTheDayOnWhichItWasRestarted) {
  add([](int, int half_hour) { return half_hour; });
  pass_half_hours(20);
  PollRates restarted;
  restarted.recall(rates_.common_habits());
  restarted.add(now_, rates_.habits(0));
  restarted.renew(kMidnight);
  EXPECT_FALSE(restarted.habits(0).hours.is_known());
  restarted.renew(kMidnight + 24h);
  EXPECT_TRUE(restarted.habits(0).hours.is_known()) << "but at midnight, also after a restart";
}

TEST_F(PollRatesTest, LearnsNothingFromALookAtATimeThatHasPassed) {
  const std::size_t list = add(nightly_list);
  pass_days(2);
  const double before = rates_.usual_rate(list);
  rates_.looked(list, 1e6, now_);
  rates_.looked(list, 1e6, now_ - 1h);
  EXPECT_DOUBLE_EQ(rates_.usual_rate(list), before);
}

// Whatever is found, at whatever distance, what is expected stays a number above 0.
TEST_F(PollRatesTest, ExpectsANumberWhateverIsFound) {
  for (const double found : {0.0, 1.0, 1e6}) {
    for (const auto distance : {Milliseconds{1}, Milliseconds{60s}, Milliseconds{24h * 100}}) {
      PollRates rates;
      const std::size_t source = rates.add(kMidnight);
      TimePoint now = kMidnight;
      for (int look = 0; look < 200; ++look) {
        now += distance;
        rates.looked(source, look % 3 == 0 ? found : 0, now);
        rates.renew(kMidnight + std::chrono::floor<std::chrono::days>(now - kMidnight));
        ASSERT_GT(rates.rate(source, seconds(now)), 0);
        ASSERT_LT(rates.rate(source, seconds(now)), 1e12);
        const DayProfile profile = rates.profile(source);
        for (const double busy : profile.busy()) ASSERT_GE(busy, 0);
        ASSERT_NEAR(profile.integral(0, kSecondsPerDay), kSecondsPerDay, 1);
      }
    }
  }
}

}  // namespace
}  // namespace weir::pacing
