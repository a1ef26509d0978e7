#include "pipeline/budget_transport.h"

#include <gtest/gtest.h>
#include <weir/testing/fake_transport.h>
#include <weir/testing/manual_clock.h>

#include "pipeline/exempt_table.h"
#include "support/temporary_store.h"

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;

class BudgetTransportTest : public ::testing::Test {
 protected:
  Usage usage() { return ledger_.usage().value(); }

  testing::TemporaryStore file_;
  store::Store store_ = file_.open();
  std::shared_ptr<testing::ManualClock> clock_ =
      std::make_shared<testing::ManualClock>(TimePoint{12h});
  budget::Ledger ledger_{store_,
                         clock_,
                         budget::OrgCalendar::open("UTC").value(),
                         {.calls_per_day = 2, .max_connections = 1, .host = "here"}};
  budget::Leases leases_{store_, clock_, 2s};
  std::shared_ptr<testing::FakeTransport> wire_ = std::make_shared<testing::FakeTransport>();
  AnswerKind says_ = AnswerKind::kOk;
  BudgetTransport transport_{wire_, ledger_, leases_,
                             [this](const HttpResponse&) { return Answer{.kind = says_}; },
                             BudgetOptions{.max_connections = 1, .wait = 1s}};
  const HttpRequest request_{.method = "PUT",
                             .path = "/api/v2/datasource",
                             .target = "OUTAGES",
                             .rows = 5,
                             .reason = "price"};
};

TEST_F(BudgetTransportTest, SpendsTheCallBeforeAnyByteLeaves) {
  wire_->during = [&](const HttpRequest&) { EXPECT_EQ(usage().calls_today, 1); };
  EXPECT_TRUE(transport_.send(request_));
  EXPECT_EQ(wire_->requests.size(), 1U);
  EXPECT_EQ(usage().log.front().status, 200);
}

TEST_F(BudgetTransportTest, SendsNothingWhenTheDayIsSpent) {
  ASSERT_TRUE(transport_.send(request_));
  ASSERT_TRUE(transport_.send(request_));
  EXPECT_EQ(transport_.send(request_).error().code, ErrorCode::kBudgetExhausted);
  EXPECT_EQ(wire_->requests.size(), 2U);
}

TEST_F(BudgetTransportTest, RefundsACallOfWhichNoByteLeft) {
  wire_->fail(ErrorCode::kUnavailable, false);
  EXPECT_FALSE(transport_.send(request_));
  EXPECT_EQ(usage().calls_today, 0);
}

TEST_F(BudgetTransportTest, KeepsACallSpentOfWhichAByteMayHaveLeft) {
  wire_->fail(ErrorCode::kTimeout, true);
  EXPECT_FALSE(transport_.send(request_));
  EXPECT_EQ(usage().calls_today, 1);
}

// Between spending and sending a process may be stopped, or its host sleep, by which steady time
// stands still.
enum class Slept { kProcess, kHost };

class SleepTest : public BudgetTransportTest, public ::testing::WithParamInterface<Slept> {
 protected:
  void sleep(Milliseconds time) {
    if (GetParam() == Slept::kProcess) {
      clock_->advance(time);
    } else {
      clock_->set_wall_time(clock_->now() + time);
    }
  }
  // Sleeps when a request could leave, the first `times` times.
  void sleep_before_sending(Milliseconds time, int times = 1) {
    wire_->before_the_first_byte = [this, time, times]() mutable {
      if (times-- > 0) sleep(time);
    };
  }
};

TEST_P(SleepTest, GivesTheCallBackAndBeginsAnewWhenTheLeaseIsOver) {
  sleep_before_sending(61s);
  EXPECT_TRUE(transport_.send(request_));
  EXPECT_EQ(wire_->requests.size(), 1U);
  EXPECT_EQ(usage().calls_today, 1);
}

// Nothing is known of the platform's clock but that it is within five minutes of ours.
TEST_P(SleepTest, SendsOnAnotherOrgDayOnlyWhatIsChargedToIt) {
  sleep(11h + 50min);
  HttpRequest slow = request_;
  slow.timeout = 1h;
  sleep_before_sending(15min);
  ASSERT_TRUE(transport_.send(slow));
  EXPECT_EQ(usage().org_day, "1970-01-02");
  EXPECT_EQ(usage().calls_today, 1);
  const Result<std::int64_t> yesterday =
      store_.database->read([](store::Statements& sql) -> Result<std::int64_t> {
        return sql.run("SELECT used FROM org_days WHERE org_day = '1970-01-01'").at(0).integer(0);
      });
  EXPECT_EQ(*yesterday, 0) << "the call was given back";
}

TEST_P(SleepTest, GivesUpWhenItSleepsAgainAndAgain) {
  sleep_before_sending(61s, 100);
  const Result<HttpResponse> sent = transport_.send(request_);
  ASSERT_FALSE(sent);
  EXPECT_FALSE(sent.error().may_have_been_sent);
  EXPECT_TRUE(wire_->requests.empty());
  EXPECT_EQ(usage().calls_today, 0);
}

TEST_P(SleepTest, SendsAfterAShortSleep) {
  sleep_before_sending(50s);
  EXPECT_TRUE(transport_.send(request_));
  EXPECT_EQ(usage().log.size(), 1U) << "begun once";
}

INSTANTIATE_TEST_SUITE_P(Of, SleepTest, ::testing::Values(Slept::kProcess, Slept::kHost));

TEST_F(BudgetTransportTest, LeavesNoLastLookBehind) {
  ASSERT_TRUE(transport_.send(request_));
  EXPECT_FALSE(request_.may_still_be_sent);
}

TEST_F(BudgetTransportTest, HoldsAConnectionLeaseWhileTheCallIsUnderWay) {
  wire_->during = [&](const HttpRequest&) {
    EXPECT_EQ(*leases_.held(budget::connection_lease_names(1)), 1);
  };
  EXPECT_TRUE(transport_.send(request_));
  EXPECT_EQ(*leases_.held(budget::connection_lease_names(1)), 0);
}

TEST_F(BudgetTransportTest, SpendsNothingWhenNoConnectionIsFree) {
  const auto held = leases_.try_take(budget::connection_lease_names(1).front(), 60s);
  EXPECT_EQ(transport_.send(request_).error().code, ErrorCode::kTooManyConnections);
  EXPECT_EQ(usage().calls_today, 0);
}

TEST_F(BudgetTransportTest, ClosesTheDayWhenThePlatformSaysThatTheLimitIsReached) {
  says_ = AnswerKind::kDailyLimit;
  EXPECT_TRUE(transport_.send(request_));
  EXPECT_EQ(transport_.send(request_).error().code, ErrorCode::kBudgetExhausted);
  EXPECT_EQ(wire_->requests.size(), 1U);
}

TEST_F(BudgetTransportTest, SpendsNothingAfterAStop) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(transport_.send(request_, {.stop = stop.get_token()}).error().code,
            ErrorCode::kCancelled);
  EXPECT_EQ(usage().calls_today, 0);
  EXPECT_TRUE(wire_->requests.empty());
}

TEST_F(BudgetTransportTest, WaitsForAConnectionNoLongerThanTheContextAllows) {
  const auto held = leases_.try_take(budget::connection_lease_names(1).front(), 60s);
  const Milliseconds begun = clock_->steady_now();
  EXPECT_EQ(transport_.send(request_, {.deadline = begun + 200ms}).error().code,
            ErrorCode::kTooManyConnections);
  EXPECT_LE(clock_->steady_now() - begun, 200ms);
}

TEST_F(BudgetTransportTest, TriesOnceWithoutWaitingWhatIsTooLateAlready) {
  clock_->advance(1s);
  EXPECT_TRUE(transport_.send(request_, {.deadline = clock_->steady_now() - 500ms}));
  EXPECT_EQ(wire_->requests.size(), 1U);
}

// The platform tells its time with each answer.
class SpentDayTest : public BudgetTransportTest {
 protected:
  SpentDayTest() {
    static_cast<void>(transport_.send(request_));
    static_cast<void>(transport_.send(request_));
  }

  Answer told() const {
    return {.served_at = std::chrono::floor<std::chrono::seconds>(platform_time_)};
  }

  TimePoint platform_time_{12h};
  BudgetTransport transport_{wire_, ledger_, leases_,
                             [this](const HttpResponse&) { return told(); },
                             BudgetOptions{.max_connections = 1, .wait = 1s}};
  const HttpRequest by_hand_{.method = "PUT",
                             .path = "/api/v2/datasource",
                             .target = "OUTAGES",
                             .rows = 5,
                             .reason = budget::kInteractive};
};

TEST_F(SpentDayTest, IsNotAskedAboutForCallsThatNobodyWaitsFor) {
  EXPECT_EQ(transport_.send(request_).error().code, ErrorCode::kBudgetExhausted);
  EXPECT_EQ(wire_->requests.size(), 2U);
}

TEST_F(SpentDayTest, IsAskedAboutForAPersonWithoutACallOrCredentials) {
  EXPECT_EQ(transport_.send(by_hand_).error().code, ErrorCode::kBudgetExhausted);
  ASSERT_EQ(wire_->requests.size(), 3U);
  EXPECT_TRUE(is_exempt(wire_->requests.back()));
  EXPECT_TRUE(wire_->requests.back().query.empty());
  EXPECT_TRUE(wire_->requests.back().body.empty());
  EXPECT_EQ(usage().calls_today, 2);
  EXPECT_EQ(usage().log.front().reason, "clock");
}

TEST_F(SpentDayTest, IsOverWhenThePlatformSaysTwiceThatItIsTheNextOne) {
  platform_time_ += 24h;
  EXPECT_TRUE(transport_.send(by_hand_));
  EXPECT_EQ(usage().org_day, "1970-01-02");
  EXPECT_EQ(usage().calls_today, 1);
}

TEST_F(SpentDayTest, IsNotOverWhileThePlatformCannotBeAsked) {
  platform_time_ += 24h;
  wire_->fail(ErrorCode::kUnavailable, true);
  EXPECT_EQ(transport_.send(by_hand_).error().code, ErrorCode::kBudgetExhausted);
}

TEST_F(SpentDayTest, IsTriedAgainSoonAfterARestartWhenThePlatformCannotBeAsked) {
  budget::Ledger restarted{store_,
                           clock_,
                           budget::OrgCalendar::open("UTC").value(),
                           {.calls_per_day = 2, .max_connections = 1, .host = "started anew"}};
  BudgetTransport transport{wire_, restarted, leases_,
                            [this](const HttpResponse&) { return told(); },
                            BudgetOptions{.max_connections = 1, .wait = 1s}};
  wire_->fail(ErrorCode::kUnavailable, true);
  EXPECT_EQ(transport.send(request_).error().code, ErrorCode::kUnavailable);
  platform_time_ += 24h;
  EXPECT_TRUE(transport.send(request_));
}

class ExemptRequestTest : public BudgetTransportTest {
 protected:
  BudgetTransport transport_that(bool takes_connection) {
    return {wire_, ledger_, leases_, [this](const HttpResponse&) { return Answer{.kind = says_}; },
            BudgetOptions{
                .max_connections = 1, .wait = 1s, .exempt_take_connection = takes_connection}};
  }
  const HttpRequest file_{.method = "GET",
                          .path = "/api/v2/formentry/file",
                          .target = "e1/photo.jpg",
                          .reason = "download"};
};

TEST_F(ExemptRequestTest, IsLoggedAndNotCharged) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(transport_.send(file_));
  EXPECT_EQ(usage().calls_today, 0);
  ASSERT_EQ(usage().log.size(), 5U);
  EXPECT_FALSE(usage().log.front().charged);
  EXPECT_EQ(usage().log.front().status, 200);
  EXPECT_TRUE(usage().totals.empty());
}

TEST_F(ExemptRequestTest, IsTheFileOfAFormEntryAndNothingElse) {
  for (const auto& [method, path] : {std::pair{"PUT", "/api/v2/formentry/file"},
                                     {"GET", "/api/v2/formentry"},
                                     {"GET", "/api/v2/formentry/file/"},
                                     {"GET", "/API/v2/formentry/file"}}) {
    EXPECT_FALSE(is_exempt({.method = method, .path = path})) << method << path;
  }
  EXPECT_TRUE(is_exempt(file_));
}

TEST_F(ExemptRequestTest, TakesAConnectionOnlyWhenItIsToldTo) {
  const auto held = leases_.try_take(budget::connection_lease_names(1).front(), 60s);
  EXPECT_EQ(transport_that(true).send(file_).error().code, ErrorCode::kTooManyConnections);
  EXPECT_TRUE(transport_that(false).send(file_));
}

TEST_F(ExemptRequestTest, LeavesOneOfSeveralConnectionsToCalls) {
  budget::Ledger two{store_,
                     clock_,
                     budget::OrgCalendar::open("UTC").value(),
                     {.calls_per_day = 2, .max_connections = 2, .host = "here"}};
  BudgetTransport transport{wire_, two, leases_,
                            [](const HttpResponse&) { return Answer{.kind = AnswerKind::kOk}; },
                            BudgetOptions{.max_connections = 2, .wait = 1s}};
  bool is_inside = false;
  wire_->during = [&](const HttpRequest&) {
    if (std::exchange(is_inside, true)) return;
    EXPECT_EQ(transport.send(file_).error().code, ErrorCode::kTooManyConnections);
    EXPECT_TRUE(transport.send(request_));
  };
  EXPECT_TRUE(transport.send(file_));
}

TEST_F(ExemptRequestTest, NeitherNeedsNorClosesTheDay) {
  says_ = AnswerKind::kDailyLimit;
  EXPECT_TRUE(transport_.send(file_));
  EXPECT_FALSE(usage().closed);
  ASSERT_TRUE(ledger_.calibrate(2));
  EXPECT_EQ(transport_.send(request_).error().code, ErrorCode::kBudgetExhausted);
  EXPECT_TRUE(transport_.send(file_));
}

TEST_F(ExemptRequestTest, ThatNeverLeftChangesNoTotal) {
  ASSERT_TRUE(transport_.send(request_));
  wire_->fail(ErrorCode::kUnavailable, false);
  EXPECT_FALSE(transport_.send(file_));
  EXPECT_EQ(usage().calls_today, 1);
  ASSERT_EQ(usage().totals.size(), 1U);
  EXPECT_EQ(usage().totals.front().calls, 1);
}

TEST_F(ExemptRequestTest, LowersTheConnectionsWhenItsOwnIsRefused) {
  budget::Ledger three{store_,
                       clock_,
                       budget::OrgCalendar::open("UTC").value(),
                       {.calls_per_day = 2, .max_connections = 3, .host = "here"}};
  BudgetTransport transport{
      wire_, three, leases_,
      [](const HttpResponse&) { return Answer{.kind = AnswerKind::kTooManyConnections}; },
      BudgetOptions{.max_connections = 3, .wait = 1s}};
  EXPECT_TRUE(transport.send(file_));
  EXPECT_EQ(three.usage()->connections_allowed, 2);
}

}  // namespace
}  // namespace weir::pipeline
