#include "daemon/loop/org_status.h"

#include <gtest/gtest.h>

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

const TimePoint kTime{1000h};

OrgStatus status_with(const std::vector<CallRecord>& log, const TaskStatus& inspections = {},
                      std::int64_t calls_left = 100) {
  OrgConfig config;
  config.polls.resize(2);
  config.polls[0].name = "INSPECTIONS";
  config.polls[0].form = "INSPECTION";
  config.polls[1].name = "CREWS_BACK";
  config.polls[1].source = "CREWS";
  Usage usage;
  usage.log = log;
  usage.left = calls_left;
  usage.resets_at = kTime + 8h;
  return org_status({.config = config,
                     .usage = usage,
                     .outbox = {},
                     .sources = {},
                     .polls = {{"INSPECTIONS", inspections}, {"CREWS_BACK", {}}},
                     .calls = {}});
}

const PollStatus& poll_of(const OrgStatus& status, const std::string& name) {
  return status.polls[status.polls[0].poll == name ? 0 : 1];
}

TEST(OrgStatusTest, TellsTheNewestLookOfEachPollByItsFormOrSource) {
  const OrgStatus status = status_with(
      {{.time = kTime, .target = "/api/v2/formentry/search INSPECTION", .reason = "poll"},
       {.time = kTime - 1h, .target = "/api/v2/formentry/search INSPECTION", .reason = "poll"},
       {.time = kTime - 2h, .target = "/api/v2/datasource CREWS", .reason = "poll"}});
  EXPECT_EQ(poll_of(status, "INSPECTIONS").looked_at, kTime);
  EXPECT_EQ(poll_of(status, "CREWS_BACK").looked_at, kTime - 2h);
}

// The log of calls has the last ones alone.
TEST(OrgStatusTest, CountsTheCallsOfADataSourceOverTheWholeDay) {
  OrgConfig config;
  config.sources.resize(1);
  config.sources[0].id = "CREWS";
  Usage usage;
  usage.org_day = "2026-12-01";
  usage.log.assign(250, {.time = kTime, .target = "/api/v2/datasource CREWS", .rows = 1});
  const OrgStatus status = org_status(
      {.config = config,
       .usage = usage,
       .outbox = {},
       .sources = {},
       .polls = {},
       .calls = {{.org_day = "2026-12-01", .target = "/api/v2/datasource CREWS", .calls = 302},
                 {.org_day = "2026-12-01", .target = "/api/v2/datasource OTHER", .calls = 7},
                 {.org_day = "2026-11-30", .target = "/api/v2/datasource CREWS", .calls = 9}}});
  EXPECT_EQ(status.sources.at(0).calls_today, 302);
}

SourceStatus source_with(std::int64_t waiting_rows, const HealthPart& part) {
  OrgConfig config;
  config.sources.resize(1);
  config.sources[0].id = "CREWS";
  OutboxContents outbox;
  if (waiting_rows > 0)
    outbox.waiting = {{.source = "CREWS", .upserts = waiting_rows, .oldest = kTime - 2h}};
  return org_status({.config = config,
                     .usage = {},
                     .outbox = outbox,
                     .sources = {},
                     .polls = {},
                     .calls = {},
                     .sending = {part}})
      .sources.at(0);
}

HealthPart failing_with(ErrorCode code, const std::string& name = "CREWS", bool is_poll = false) {
  return {.name = name,
          .is_poll = is_poll,
          .failure = Error{.code = code, .message = "no answer from platform.test"},
          .failed_at = kTime - 5min,
          .rests_until = kTime + 1min};
}

TEST(OrgStatusTest, RowsThatCannotBeSentAreAFailureSinceTheFirstTry) {
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kTimeout,
                               ErrorCode::kBadResponse, ErrorCode::kUntrusted}) {
    const SourceStatus source = source_with(3, failing_with(code));
    EXPECT_EQ(source.state, SourceState::kFailing);
    EXPECT_EQ(source.since, kTime - 5min);
    EXPECT_EQ(source.next_at, kTime + 1min);
    EXPECT_EQ(source.error, "no answer from platform.test");
    EXPECT_NE(source.what_to_do.find("weir outbox send"), std::string::npos) << source.what_to_do;
  }
}

TEST(OrgStatusTest, RowsThatOnlyWaitAreNoFailure) {
  EXPECT_EQ(source_with(0, failing_with(ErrorCode::kUnavailable)).state, SourceState::kFresh);
  EXPECT_EQ(source_with(3, failing_with(ErrorCode::kUnavailable, "OTHER")).state,
            SourceState::kWaiting);
  EXPECT_EQ(source_with(3, failing_with(ErrorCode::kUnavailable, "CREWS", true)).state,
            SourceState::kWaiting);
  EXPECT_EQ(source_with(3, {.name = "CREWS", .last_success = kTime}).state, SourceState::kWaiting);
  for (const ErrorCode code : {ErrorCode::kBudgetExhausted, ErrorCode::kThrottled,
                               ErrorCode::kLocked, ErrorCode::kRefused})
    EXPECT_EQ(source_with(3, failing_with(code)).state, SourceState::kWaiting);
}

TEST(OrgStatusTest, TellsHowOftenAPollLooksAndWhy) {
  const TaskStatus task{.next_at = kTime + 1s,
                        .pace = PollPace{.limited_by = LimitedBy::kPrice,
                                         .next_at = kTime + 9min,
                                         .interval = 14min,
                                         .interval_by = LimitedBy::kPrice,
                                         .rows_per_hour = 3.14,
                                         .price = 310,
                                         .interval_with_more_calls = 7min,
                                         .found = 3}};
  const OrgStatus status = status_with({}, task);
  const PollStatus& poll = poll_of(status, "INSPECTIONS");
  EXPECT_EQ(poll.found, 3);
  EXPECT_EQ(poll.interval, 14min);
  EXPECT_EQ(poll.why, "3.1 rows/h at price 310; 7 min with 1,000 more calls");
  EXPECT_EQ(poll.next_at, kTime + 9min) << "of the look, not of the handler's next turn";
}

TEST(OrgStatusTest, ExpectsNoLookBeforeTheResetOnceTheCallsAreSpent) {
  const TaskStatus task{.pace = PollPace{.next_at = kTime + 9min}};
  EXPECT_EQ(poll_of(status_with({}, task, 1), "INSPECTIONS").next_at, kTime + 9min);
  EXPECT_EQ(poll_of(status_with({}, task, 0), "INSPECTIONS").next_at, kTime + 8h);
  const TaskStatus tomorrow{.pace = PollPace{.next_at = kTime + 9h}};
  EXPECT_EQ(poll_of(status_with({}, tomorrow, 0), "INSPECTIONS").next_at, kTime + 9h);
  EXPECT_EQ(poll_of(status_with({}, {}, 0), "INSPECTIONS").next_at, std::nullopt);
}

TEST(OrgStatusTest, SaysNothingOfALookThatItDoesNotKnow) {
  const OrgStatus status = status_with(
      {{.time = kTime, .target = "/api/v2/datasource CREWS", .rows = 2, .reason = "price"}});
  EXPECT_EQ(poll_of(status, "CREWS_BACK").looked_at, std::nullopt);
  EXPECT_EQ(poll_of(status, "CREWS_BACK").found, std::nullopt);
  EXPECT_EQ(poll_of(status, "INSPECTIONS").interval, std::nullopt);
}

}  // namespace
}  // namespace weir::daemon
