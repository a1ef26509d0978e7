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

// As if each were due after ten minutes, divided by its rows.
std::optional<TimePoint> minutes_by_rows(const PendingSource& source) {
  return kStart + 600s / source.stale_rows;
}

Error error(ErrorCode code) { return {.code = code, .message = "played"}; }

TEST(PushSchedule, SendsFirstWhatIsDueFirst) {
  const PushSchedule schedule;
  const auto next = schedule.next({waiting("A", 1), waiting("B", 5)}, minutes_by_rows, kStart);
  EXPECT_EQ(next->source, "B");
  EXPECT_EQ(next->due, kStart + 120s);
}

TEST(PushSchedule, HasNothingToDoWhenNothingWaits) {
  EXPECT_FALSE(PushSchedule().next({}, minutes_by_rows, kStart));
}

TEST(PushSchedule, LeavesAloneWhatIsNotWorthACallYet) {
  const auto never = [](const PendingSource&) { return std::optional<TimePoint>(); };
  EXPECT_FALSE(PushSchedule().next({waiting("A", 1)}, never, kStart));
}

TEST(PushSchedule, RestsTwiceAsLongAfterEachFailure) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnavailable), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1)}, due_at_once, kStart)->due, kStart + 1s);
  schedule.failed("A", error(ErrorCode::kUnavailable), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1)}, due_at_once, kStart)->due, kStart + 2s);
  schedule.succeeded("A");
  schedule.failed("A", error(ErrorCode::kUnavailable), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1)}, due_at_once, kStart)->due, kStart + 1s);
}

TEST(PushSchedule, LetsOtherDataSourcesGoOnMeanwhile) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kLocked), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1), waiting("B", 1)}, due_at_once, kStart)->source, "B");
}

TEST(PushSchedule, RestsAsLongAsThePlatformAsks) {
  PushSchedule schedule;
  Error throttled = error(ErrorCode::kThrottled);
  throttled.retry_after = 7s;
  schedule.failed("A", throttled, kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1)}, due_at_once, kStart)->due, kStart + 7s);
}

TEST(PushSchedule, AsksTheLedgerOfASpentDayOnceAMinuteAndSleepsOnNoMoment) {
  PushSchedule schedule;
  Error spent = error(ErrorCode::kBudgetExhausted);
  spent.resets_at = kStart + 5h;
  schedule.failed("A", spent, kStart);
  EXPECT_EQ(schedule.next({waiting("B", 1)}, due_at_once, kStart)->due, kStart + 1min);
}

TEST(PushSchedule, IsNotPutToSleepByAClockThatWasSetBack) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnavailable), kStart);
  const TimePoint set_back = kStart - 900h;
  EXPECT_LE(schedule.next({waiting("A", 1)}, due_at_once, set_back)->due, set_back + 24h);
}

TEST(PushSchedule, NeverSpinsOnAResetThatLiesInThePast) {
  PushSchedule schedule;
  Error spent = error(ErrorCode::kBudgetExhausted);
  spent.resets_at = kStart - 1h;
  schedule.failed("A", spent, kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1)}, due_at_once, kStart)->due, kStart + 1min);
}

TEST(PushSchedule, SendsNothingAtAllWithAWrongKeyUntilSomebodyResumes) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnauthenticated), kStart);
  EXPECT_FALSE(schedule.next({waiting("A", 1), waiting("B", 1)}, due_at_once, kStart));
  EXPECT_EQ(schedule.halted_by("B")->code, ErrorCode::kUnauthenticated);
  schedule.resume_all();
  EXPECT_TRUE(schedule.next({waiting("A", 1)}, due_at_once, kStart));
}

TEST(PushSchedule, HaltsOnlyTheDataSourceThatIsUnknown) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnknownDataSource), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1), waiting("B", 1)}, due_at_once, kStart)->source, "B");
  schedule.resume("A");
  EXPECT_EQ(schedule.next({waiting("A", 1)}, due_at_once, kStart)->source, "A");
}

TEST(PushSchedule, HaltsOnlyWhenARefusedBatchCannotBeMadeSmaller) {
  PushSchedule schedule;
  schedule.refused("A", 2, error(ErrorCode::kRefused));
  EXPECT_TRUE(schedule.next({waiting("A", 2)}, due_at_once, kStart));
  schedule.refused("A", 0, error(ErrorCode::kRefused));
  EXPECT_FALSE(schedule.next({waiting("A", 2)}, due_at_once, kStart));
}

TEST(PushSchedule, HaltsWhenOneRowAfterTheOtherIsRefused) {
  PushSchedule schedule;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(schedule.next({waiting("A", 9)}, due_at_once, kStart));
    schedule.put_aside("A", error(ErrorCode::kRefused));
  }
  EXPECT_FALSE(schedule.next({waiting("A", 6)}, due_at_once, kStart));
  EXPECT_EQ(schedule.halted_by("A")->code, ErrorCode::kRefused);
}

}  // namespace
}  // namespace weir::pacing
