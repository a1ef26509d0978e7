#include "budget/ledger.h"

#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include "support/temporary_store.h"

namespace weir::budget {
namespace {

using namespace std::chrono_literals;
using testing::ManualClock;

// Noon of 2024-02-05 in Los Angeles.
const TimePoint kNoon{Milliseconds{1707163200000}};

class LedgerTest : public ::testing::Test {
 protected:
  Ledger ledger(std::int64_t calls_per_day = 3) {
    return Ledger(*store_.database, clock_, OrgCalendar::open("America/Los_Angeles").value(),
                  calls_per_day);
  }

  testing::TemporaryStore file_;
  store::Store store_ = file_.open();
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(kNoon);
  const CallEntry put_{
      .method = "PUT", .target = "/api/v2/datasource OUTAGES", .rows = 7, .reason = "price"};
};

TEST_F(LedgerTest, GrantsTheLimitAndNotOneMore) {
  Ledger ledger = this->ledger(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ledger.spend(put_));
  const Result<SpentCall> fourth = ledger.spend(put_);
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().code, ErrorCode::kBudgetExhausted);
  EXPECT_EQ(ledger.usage()->calls_today, 3);
}

TEST_F(LedgerTest, SaysWhenASpentDayResets) {
  Ledger ledger = this->ledger(1);
  ASSERT_TRUE(ledger.spend(put_));
  EXPECT_EQ(*ledger.spend(put_).error().resets_at, kNoon + 12h);
}

TEST_F(LedgerTest, GivesNewCallsOnTheNextOrgDay) {
  Ledger ledger = this->ledger(1);
  ASSERT_TRUE(ledger.spend(put_));
  clock_->advance(12h + 6min);
  EXPECT_TRUE(ledger.spend(put_));
  EXPECT_EQ(ledger.usage()->org_day, "2024-02-06");
}

TEST_F(LedgerTest, ChargesACallNearMidnightToBothDays) {
  Ledger ledger = this->ledger(2);
  clock_->advance(12h - 1min);
  const Result<SpentCall> call = ledger.spend(put_);
  EXPECT_EQ(call->org_days, (std::vector<std::string>{"2024-02-05", "2024-02-06"}));
  clock_->advance(1h);
  EXPECT_EQ(ledger.usage()->calls_today, 1);
}

TEST_F(LedgerTest, GrantsNothingJustAfterMidnightWhenYesterdayIsSpent) {
  Ledger ledger = this->ledger(1);
  ASSERT_TRUE(ledger.spend(put_));
  clock_->advance(12h + 1min);
  const Result<SpentCall> call = ledger.spend(put_);
  ASSERT_FALSE(call);
  EXPECT_EQ(*call.error().resets_at, kNoon + 12h);
}

TEST_F(LedgerTest, ChargesEveryLaterDayThatItHasSeenAfterTheClockWasSetBack) {
  Ledger ledger = this->ledger(2);
  clock_->advance(48h);
  ASSERT_TRUE(ledger.spend(put_));
  clock_->set_wall_time(kNoon);
  ASSERT_TRUE(ledger.spend(put_));
  EXPECT_FALSE(ledger.spend(put_)) << "the later day had one call already and now has two";
}

TEST_F(LedgerTest, GivesARefundedCallBack) {
  Ledger ledger = this->ledger(1);
  const Result<SpentCall> call = ledger.spend(put_);
  ASSERT_TRUE(ledger.refund(*call));
  EXPECT_EQ(ledger.usage()->left, 1);
  EXPECT_FALSE(ledger.usage()->log.front().charged);
  EXPECT_TRUE(ledger.spend(put_));
}

TEST_F(LedgerTest, GrantsNothingOnADayThatThePlatformHasClosed) {
  Ledger ledger = this->ledger(100);
  const Result<SpentCall> call = ledger.spend(put_);
  ASSERT_TRUE(ledger.close_day(*call));
  EXPECT_EQ(ledger.spend(put_).error().code, ErrorCode::kBudgetExhausted);
  EXPECT_EQ(ledger.usage()->left, 0);
  clock_->advance(13h);
  EXPECT_TRUE(ledger.spend(put_));
}

TEST_F(LedgerTest, DoesNotCloseTheNextDayForALimitAnswerNearMidnight) {
  Ledger ledger = this->ledger(100);
  clock_->advance(12h - 1min);
  ASSERT_TRUE(ledger.close_day(*ledger.spend(put_)));
  clock_->advance(10min);
  EXPECT_TRUE(ledger.spend(put_));
}

TEST_F(LedgerTest, KeepsTheLast250CallsNewestFirst) {
  Ledger ledger = this->ledger(1000);
  for (int i = 0; i < 260; ++i) {
    clock_->advance(1s);
    ASSERT_TRUE(ledger.record_answer(*ledger.spend(put_), 200));
  }
  const Usage usage = *ledger.usage();
  ASSERT_EQ(usage.log.size(), 250U);
  EXPECT_EQ(usage.log.front().time, kNoon + 260s);
  EXPECT_EQ(usage.log.back().time, kNoon + 11s);
  EXPECT_EQ(*usage.last_call_at, kNoon + 260s);
}

TEST_F(LedgerTest, LogsWhatACallWas) {
  Ledger ledger = this->ledger();
  ASSERT_TRUE(ledger.record_answer(*ledger.spend(put_), 503));
  const CallRecord record = ledger.usage()->log.front();
  EXPECT_EQ(record.method, "PUT");
  EXPECT_EQ(record.target, "/api/v2/datasource OUTAGES");
  EXPECT_EQ(record.rows, 7);
  EXPECT_EQ(record.status, 503);
  EXPECT_EQ(record.reason, "price");
  EXPECT_TRUE(record.charged);
}

TEST_F(LedgerTest, SharesOneCountWithEveryOtherUserOfTheStore) {
  store::Store other = file_.open();
  Ledger first = ledger(2);
  Ledger second(*other.database, clock_, OrgCalendar::open("America/Los_Angeles").value(), 2);
  ASSERT_TRUE(first.spend(put_));
  ASSERT_TRUE(second.spend(put_));
  EXPECT_FALSE(first.spend(put_));
  EXPECT_FALSE(second.spend(put_));
}

TEST_F(LedgerTest, GrantsNothingWhenTheStoreCannotBeWritten) {
  store::Store impatient = file_.open(0ms);
  Ledger ledger(*impatient.database, clock_, OrgCalendar::open("UTC").value(), 10);
  const Result<void> held = store_.database->write([&](store::Statements&) -> Result<void> {
    const Result<SpentCall> call = ledger.spend(put_);
    EXPECT_FALSE(call);
    EXPECT_EQ(call.error().code, ErrorCode::kStoreBusy);
    return {};
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace weir::budget
