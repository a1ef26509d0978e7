#include "pacing/push_schedule.h"

#include <gtest/gtest.h>

namespace weir::pacing {
namespace {

using namespace std::chrono_literals;
using outbox::PendingSource;

const TimePoint kStart{1000h};

// So many rows, all stale since the same moment.
PendingSource waiting(const std::string& source, std::int64_t rows, TimePoint since = kStart) {
  return {.source = source,
          .stale_rows = rows,
          .stale_since_sum_ms = rows * since.time_since_epoch().count(),
          .oldest_stale_since_ms = since.time_since_epoch().count()};
}

Error error(ErrorCode code) { return {.code = code, .message = "played"}; }

TEST(PushSchedule, IsDueWhenTheRowsHavePiledUpThePrice) {
  EXPECT_EQ(due_at(waiting("A", 1), {}, 600, kStart), kStart + 600s);
  EXPECT_EQ(due_at(waiting("A", 10), {}, 600, kStart), kStart + 60s);
  EXPECT_EQ(due_at(waiting("A", 1), {}, 0, kStart), kStart);
}

TEST(PushSchedule, SendsFirstWhatIsDueFirst) {
  const PushSchedule schedule;
  const auto next = schedule.next({waiting("A", 1), waiting("B", 5)}, 600, kStart);
  EXPECT_EQ(next->source, "B");
  EXPECT_EQ(next->due, kStart + 120s);
}

TEST(PushSchedule, HasNothingToDoWhenNothingWaits) {
  EXPECT_FALSE(PushSchedule().next({}, 600, kStart));
}

TEST(PushSchedule, SendsAnEmptyReplaceAtOnce) {
  EXPECT_LE(PushSchedule().next({{.source = "A", .replace_next = true}}, 600, kStart)->due, kStart);
}

TEST(PushSchedule, RestsTwiceAsLongAfterEachFailure) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnavailable), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1)}, 0, kStart)->due, kStart + 1s);
  schedule.failed("A", error(ErrorCode::kUnavailable), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1)}, 0, kStart)->due, kStart + 2s);
  schedule.succeeded("A");
  schedule.failed("A", error(ErrorCode::kUnavailable), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1)}, 0, kStart)->due, kStart + 1s);
}

TEST(PushSchedule, LetsOtherDataSourcesGoOnMeanwhile) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kLocked), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1), waiting("B", 1)}, 0, kStart)->source, "B");
}

TEST(PushSchedule, RestsAsLongAsThePlatformAsks) {
  PushSchedule schedule;
  Error throttled = error(ErrorCode::kThrottled);
  throttled.retry_after = 7s;
  schedule.failed("A", throttled, kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1)}, 0, kStart)->due, kStart + 7s);
}

TEST(PushSchedule, AsksTheLedgerOfASpentDayOnceAMinuteAndSleepsOnNoMoment) {
  PushSchedule schedule;
  Error spent = error(ErrorCode::kBudgetExhausted);
  spent.resets_at = kStart + 5h;
  schedule.failed("A", spent, kStart);
  EXPECT_EQ(schedule.next({waiting("B", 1)}, 0, kStart)->due, kStart + 1min);
}

TEST(PushSchedule, IsNotPutToSleepByAClockThatWasSetBack) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnavailable), kStart);
  const TimePoint set_back = kStart - 900h;
  EXPECT_LE(schedule.next({waiting("A", 1)}, 600, set_back)->due, set_back + 24h);
  EXPECT_EQ(schedule.next({waiting("B", 1)}, 600, set_back)->due, set_back + 600s);
}

TEST(PushSchedule, CountsAHeavyRowAsManyRows) {
  const PushSchedule schedule({{"A", {.weight = 10}}});
  EXPECT_EQ(schedule.next({waiting("A", 1)}, 600, kStart)->due, kStart + 60s);
}

TEST(PushSchedule, LetsNoChangeWaitLongerThanItsDeadline) {
  const PushSchedule schedule({{"A", {.deadline = 90s}}});
  EXPECT_EQ(schedule.next({waiting("A", 1)}, 600, kStart)->due, kStart + 90s);
  EXPECT_EQ(schedule.next({waiting("A", 100)}, 600, kStart)->due, kStart + 6s);
}

TEST(PushSchedule, NeverSpinsOnAResetThatLiesInThePast) {
  PushSchedule schedule;
  Error spent = error(ErrorCode::kBudgetExhausted);
  spent.resets_at = kStart - 1h;
  schedule.failed("A", spent, kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1)}, 0, kStart)->due, kStart + 1min);
}

TEST(PushSchedule, SendsNothingAtAllWithAWrongKeyUntilSomebodyResumes) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnauthenticated), kStart);
  EXPECT_FALSE(schedule.next({waiting("A", 1), waiting("B", 1)}, 0, kStart));
  EXPECT_EQ(schedule.halted_by("B")->code, ErrorCode::kUnauthenticated);
  schedule.resume_all();
  EXPECT_TRUE(schedule.next({waiting("A", 1)}, 0, kStart));
}

TEST(PushSchedule, HaltsOnlyTheDataSourceThatIsUnknown) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnknownDataSource), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1), waiting("B", 1)}, 0, kStart)->source, "B");
  schedule.resume("A");
  EXPECT_EQ(schedule.next({waiting("A", 1)}, 0, kStart)->source, "A");
}

TEST(PushSchedule, HalvesARefusedBatchAndGrowsBackAfterwards) {
  PushSchedule schedule;
  schedule.refused("A", 1000, error(ErrorCode::kRefused));
  EXPECT_EQ(schedule.next({waiting("A", 1000)}, 0, kStart)->most_changes, 500);
  schedule.refused("A", 500, error(ErrorCode::kRefused));
  EXPECT_EQ(schedule.next({waiting("A", 1000)}, 0, kStart)->most_changes, 250);
  schedule.succeeded("A");
  EXPECT_EQ(schedule.next({waiting("A", 750)}, 0, kStart)->most_changes, 500);
}

TEST(PushSchedule, HaltsWhenOneRowAfterTheOtherIsRefused) {
  PushSchedule schedule;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(schedule.next({waiting("A", 9)}, 0, kStart));
    schedule.put_aside("A", error(ErrorCode::kRefused));
  }
  EXPECT_FALSE(schedule.next({waiting("A", 6)}, 0, kStart));
  EXPECT_EQ(schedule.halted_by("A")->code, ErrorCode::kRefused);
}

}  // namespace
}  // namespace weir::pacing
