// Days that defeat a price which is solved now and then: imports above all. The whole engine plays
// them; tests/bench/pacing prints many more.
#include "support/made_up_days.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

#include "support/programs.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::Changes;
using testing::Import;
using testing::kOrdinaryMidnight;
using testing::lone_changes;
using testing::merged;
using testing::play;
using testing::PlayedDays;
using testing::Programs;
using testing::rows_of;

constexpr int kLoneChanges = 200;
constexpr std::int64_t kCallsPerDay = 2500;

struct ImportGoal {
  std::string name;
  int rows;
  Milliseconds within;
  int sources;
  std::int64_t calls;
  double stale_row_seconds;  // of the day
};

// Into the eighth of eight quiet days at ten.
class ImportIntoAQuietDay : public ::testing::TestWithParam<ImportGoal> {};

TEST_P(ImportIntoAQuietDay, TakesFewCallsAndIsFresh) {
  const ImportGoal& goal = GetParam();
  const PlayedDays days = play(merged(lone_changes(kOrdinaryMidnight, 8, kLoneChanges),
                                      rows_of({.begin = kOrdinaryMidnight + 7 * 24h + 10h,
                                               .within = goal.within,
                                               .rows = goal.rows,
                                               .sources = goal.sources})));
  EXPECT_LE(days.calls_of_imports(), goal.calls);
  EXPECT_LE(days.report.days.at(7).stale_row_seconds, goal.stale_row_seconds);
  EXPECT_LE(days.mean_wait_of_lone_changes(), 3);
  EXPECT_GE(kCallsPerDay - days.report.days.at(7).calls, 1500);
}

INSTANTIATE_TEST_SUITE_P(
    Every, ImportIntoAQuietDay,
    ::testing::Values(ImportGoal{"3000In10s", 3000, 10s, 1, 20, 15'000},
                      ImportGoal{"3000In300s", 3000, 300s, 1, 80, 15'000},
                      ImportGoal{"6000In300s", 6000, 300s, 1, 60, 30'000},
                      ImportGoal{"3000In60sOver20", 3000, 60s, 20, 150, 20'000},
                      ImportGoal{"20000InAnHour", 20'000, 1h, 1, 400, 150'000}),
    [](const auto& goal) { return goal.param.name; });

// In the last hour the even pace is that of an hour: calls are cheap, but not for the taking.
TEST(MadeUpDays, AnImportJustBeforeMidnightLeavesCallsForPeople) {
  const PlayedDays days = play(merged(
      lone_changes(kOrdinaryMidnight, 8, kLoneChanges),
      rows_of({.begin = kOrdinaryMidnight + 8 * 24h - 10min, .within = 5min, .rows = 3000})));
  EXPECT_LE(days.calls_of_imports(), 500);
  EXPECT_GE(kCallsPerDay - days.report.days.at(7).calls, 1500);
  EXPECT_LE(days.report.days.at(7).stale_row_seconds, 15'000);
}

TEST(MadeUpDays, AnImportOnTheFirstDayTakesFewCalls) {
  const PlayedDays days =
      play(merged(lone_changes(kOrdinaryMidnight, 1, kLoneChanges),
                  rows_of({.begin = kOrdinaryMidnight + 10h, .within = 10s, .rows = 3000})));
  EXPECT_LE(days.calls_of_imports(), 20);
  EXPECT_LE(days.mean_wait_of_lone_changes(), 3);
}

TEST(MadeUpDays, ARowASecondForAWholeDayIsNotACallARow) {
  const PlayedDays days =
      play(rows_of({.begin = kOrdinaryMidnight, .within = 24h, .rows = 86'400}));
  EXPECT_LE(days.report.days.at(0).calls, kCallsPerDay);
  // No hour takes more than a few times its share.
  for (TimePoint hour = kOrdinaryMidnight; hour < kOrdinaryMidnight + 24h; hour += 1h)
    EXPECT_LE(days.calls_between(hour, hour + 1h), 5 * kCallsPerDay / 24);
}

TEST(MadeUpDays, AnImportThatComesTwiceADayStaysAnEvent) {
  Changes changes = lone_changes(kOrdinaryMidnight, 8, kLoneChanges);
  for (const Milliseconds hour : {9h, 15h})
    changes =
        merged(changes,
               rows_of({.begin = kOrdinaryMidnight + 7 * 24h + hour, .within = 60s, .rows = 3000}));
  EXPECT_LE(play(changes).calls_of_imports(), 80);
}

// Eight days of 1,200 changes at random times between seven and nineteen o'clock.
Changes office_days(std::uint64_t seed) {
  std::mt19937_64 random(seed);  // NOLINT(cert-msc51-cpp): the same on purpose
  Changes changes;
  for (int i = 0; i < 8 * 1200; ++i) {
    const Milliseconds at{static_cast<std::int64_t>(random() % 43'200'000)};
    changes.push_back({.time = kOrdinaryMidnight + i / 1200 * 24h + 7h + at,
                       .source = "office-" + std::to_string(random() % 8),
                       .key = std::to_string(i),
                       .values = {{"1"}}});
  }
  return merged(changes, {});
}

// The past days say that nothing comes later, and yet the calls are not spent by then.
TEST(MadeUpDays, AnImportInTheEveningOfOfficeDaysDoesNotWaitUntilMidnight) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const PlayedDays days = play(
        merged(office_days(seed),
               rows_of({.begin = kOrdinaryMidnight + 7 * 24h + 20h, .within = 5min, .rows = 3000})),
        {.calls_per_day = 300});
    // Until midnight it would be 43 million.
    EXPECT_LE(days.report.by_source.at("import-0").stale_row_seconds, 5e6) << seed;
    for (const SimulatedDay& day : days.report.days) EXPECT_LE(day.calls, 300) << day.org_day;
  }
}

TEST(MadeUpDays, CallsThatAreLeftForTheEveningAreHardlyLostWhenNothingComes) {
  const PlayedDays days = play(office_days(1), {.calls_per_day = 300});
  for (std::size_t day = 1; day < days.report.days.size(); ++day)
    EXPECT_GE(days.report.days.at(day).calls, 285) << day;
}

// The clocks change on the eighth day.
TEST(MadeUpDays, AnImportIsTheSameOnADayOf23Or25Hours) {
  for (const TimePoint week : {testing::kWeekBeforeShortDay, testing::kWeekBeforeLongDay}) {
    const PlayedDays days =
        play(merged(lone_changes(week, 8, kLoneChanges),
                    rows_of({.begin = week + 7 * 24h + 10h, .within = 10s, .rows = 3000})));
    EXPECT_LE(days.calls_of_imports(), 20);
    EXPECT_LE(days.report.days.at(7).stale_row_seconds, 15'000);
  }
}

TEST(TwoPrograms, ImportAtOnceForAtMostTwiceTheCalls) {
  for (const bool into_one_source : {false, true}) {
    Programs one(1);
    one.import(3000, 60s, into_one_source);
    one.pass(10min);
    Programs two(2);
    two.import(6000, 60s, into_one_source);
    two.pass(10min);
    EXPECT_LE(two.calls(), 2 * one.calls() + 2) << into_one_source;
    EXPECT_EQ(two.waiting(), 0);
  }
}

TEST(Restart, CostsAnImportAFewCalls) {
  Programs steady(1);
  steady.import(3000, 60s, true);
  Programs restarted(1);
  restarted.import(1500, 30s, true);
  restarted.restart(0);
  restarted.import(1500, 30s, true);
  for (Programs* programs : {&steady, &restarted}) {
    programs->pass(10min);
    EXPECT_EQ(programs->waiting(), 0);
  }
  EXPECT_LE(restarted.calls(), steady.calls() + 20);
}

}  // namespace
}  // namespace weir
