#include "pacing/push_schedule.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "pacing/retry_policy.h"

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

// The longer one of what the platform asks for and of the doubling, and never more than a day.
TEST(PushSchedule, HeedsRetryAfterOfEachAnswerThatIsTriedAgain) {
  for (const ErrorCode code :
       {ErrorCode::kUnavailable, ErrorCode::kLocked, ErrorCode::kTimeout,
        ErrorCode::kTooManyConnections, ErrorCode::kBadResponse, ErrorCode::kThrottled}) {
    const auto rest_of = [&](std::optional<std::chrono::seconds> asked, int failures) {
      PushSchedule schedule;
      Error failure = error(code);
      failure.retry_after = asked;
      for (int i = 0; i < failures; ++i) schedule.failed("A", failure, kStart);
      return schedule.next({waiting("A", 1)}, due_at_once, kStart)->due - kStart;
    };
    EXPECT_EQ(rest_of(3600s, 1), 1h);
    EXPECT_EQ(rest_of(100h, 1), 24h);
    EXPECT_EQ(rest_of(std::chrono::seconds::max() / 2000, 1), 24h);
    EXPECT_GT(rest_of(std::nullopt, 1), 0s);
    EXPECT_EQ(rest_of(1s, 6), 32s) << "the doubling is longer";
    EXPECT_EQ(rest_of(0s, 1), 1s);
  }
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

TEST(PushSchedule, IsWokenFromASpentDayByAClockThatWasSetBack) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kBudgetExhausted), kStart);
  const TimePoint set_back = kStart - 900h;
  EXPECT_LE(schedule.next({waiting("A", 1)}, due_at_once, set_back)->due, set_back + 1min);
}

TEST(PushSchedule, LeavesADataSourceAloneWhileItsBatchIsUnderWay) {
  PushSchedule schedule;
  schedule.begin("A");
  EXPECT_FALSE(schedule.next({waiting("A", 1)}, due_at_once, kStart));
  EXPECT_EQ(schedule.next({waiting("A", 1), waiting("B", 1)}, due_at_once, kStart)->source, "B");
}

// Each end of a batch lets the data source be chosen again, sooner or later.
TEST(PushSchedule, EndsWhatIsUnderWayHoweverItEnded) {
  const Error refusal = error(ErrorCode::kRefused);
  const std::vector<std::function<void(PushSchedule&)>> ends = {
      [](PushSchedule& schedule) { schedule.succeeded("A"); },
      [](PushSchedule& schedule) { schedule.given_up("A"); },
      [&](PushSchedule& schedule) { schedule.refused("A", 2, refusal, kStart); },
      [&](PushSchedule& schedule) { schedule.refused("A", 1, refusal, kStart); },
      [&](PushSchedule& schedule) { schedule.put_aside("A", refusal, kStart); },
      [&](PushSchedule& schedule) { schedule.failed("A", error(ErrorCode::kUnavailable), kStart); },
      [](PushSchedule& schedule) {
        schedule.failed("A", error(ErrorCode::kUnauthenticated), kStart);
      }};
  for (const auto& end : ends) {
    PushSchedule schedule;
    schedule.begin("A");
    end(schedule);
    EXPECT_TRUE(schedule.next({waiting("A", 1)}, due_at_once, kStart));
  }
}

TEST(PushSchedule, SendsNothingAtAllForAQuarterOfAnHourWithAWrongKey) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnauthenticated), kStart);
  const auto next = schedule.next({waiting("A", 1), waiting("B", 1)}, due_at_once, kStart);
  EXPECT_EQ(next->due, kStart + 15min);
  EXPECT_EQ(schedule.halted("B", kStart)->by.code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(schedule.halted("B", kStart)->until, kStart + 15min);
  EXPECT_FALSE(schedule.halted("B", kStart + 15min)) << "the rest is over";
}

TEST(PushSchedule, SendsAtOnceWhenSomebodyResumes) {
  for (const ErrorCode code : {ErrorCode::kUnauthenticated, ErrorCode::kBudgetExhausted,
                               ErrorCode::kUnknownDataSource, ErrorCode::kUnavailable}) {
    PushSchedule one;
    one.failed("A", error(code), kStart);
    one.resume("A");
    EXPECT_LE(one.next({waiting("A", 1)}, due_at_once, kStart)->due, kStart);
    EXPECT_FALSE(one.halted("A", kStart));
    PushSchedule all;
    all.failed("A", error(code), kStart);
    all.resume_all();
    EXPECT_LE(all.next({waiting("A", 1)}, due_at_once, kStart)->due, kStart);
    EXPECT_FALSE(all.halted("A", kStart));
  }
}

TEST(PushSchedule, IsHaltedNoMoreOnceABatchArrived) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnauthenticated), kStart);
  schedule.succeeded("A");
  EXPECT_FALSE(schedule.halted("A", kStart));
  EXPECT_FALSE(schedule.halted("B", kStart));
}

TEST(PushSchedule, HaltsOnlyTheDataSourceThatIsUnknownAndForAnHour) {
  PushSchedule schedule;
  schedule.failed("A", error(ErrorCode::kUnknownDataSource), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 1), waiting("B", 1)}, due_at_once, kStart)->source, "B");
  EXPECT_EQ(schedule.next({waiting("A", 1)}, due_at_once, kStart)->due, kStart + 1h);
}

TEST(PushSchedule, HaltsOnlyWhenARefusedBatchCannotBeMadeSmaller) {
  PushSchedule schedule;
  schedule.refused("A", 2, error(ErrorCode::kRefused), kStart);
  EXPECT_LE(schedule.next({waiting("A", 2)}, due_at_once, kStart)->due, kStart);
  schedule.refused("A", 0, error(ErrorCode::kRefused), kStart);
  EXPECT_EQ(schedule.next({waiting("A", 2)}, due_at_once, kStart)->due, kStart + 1h);
}

TEST(PushSchedule, HaltsWhenOneRowAfterTheOtherIsRefused) {
  PushSchedule schedule;
  for (int i = 0; i < 3; ++i) {
    EXPECT_LE(schedule.next({waiting("A", 9)}, due_at_once, kStart)->due, kStart);
    schedule.put_aside("A", error(ErrorCode::kRefused), kStart);
  }
  EXPECT_EQ(schedule.next({waiting("A", 6)}, due_at_once, kStart)->due, kStart + 1h);
  EXPECT_EQ(schedule.halted("A", kStart)->by.code, ErrorCode::kRefused);
}

TEST(PushSchedule, CountsRefusedRowsAnewAfterOneThatArrived) {
  PushSchedule schedule;
  for (int i = 0; i < 9; ++i) {
    schedule.put_aside("A", error(ErrorCode::kRefused), kStart);
    if (i % 2 == 1) schedule.succeeded("A");
  }
  EXPECT_LE(schedule.next({waiting("A", 6)}, due_at_once, kStart)->due, kStart);
}

// Every error there is: a rest that ends, and that is long enough to bound the calls of a day.
TEST(RestTable, LetsNothingRestForEverNorSpin) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kForked); ++code) {
    const Error failure = error(static_cast<ErrorCode>(code));
    Milliseconds day{};
    int calls = 0;
    for (; day < 24h; ++calls) {
      const Milliseconds rest = rest_of(failure, calls + 1);
      ASSERT_GT(rest, 0ms) << code;
      ASSERT_LE(rest, 1h) << code;
      day += rest;
    }
    const bool costs_nothing = failure.code == ErrorCode::kBudgetExhausted;
    EXPECT_LE(calls, costs_nothing ? 1440 : 160) << code;
    if (failure.code == ErrorCode::kUnauthenticated) {
      EXPECT_LE(calls, 96);
    }
  }
}

}  // namespace
}  // namespace weir::pacing
