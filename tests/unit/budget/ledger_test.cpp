#include "budget/ledger.h"

#include <gtest/gtest.h>

#include <map>

#include "ledger_fixture.h"

namespace weir::budget {
namespace {

TEST_P(LedgerTest, GrantsTheLimitAndNotOneMore) {
  Ledger ledger = this->ledger(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ledger.spend(put_));
  const Result<SpentCall> fourth = ledger.spend(put_);
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().code, ErrorCode::kBudgetExhausted);
  EXPECT_EQ(ledger.usage()->calls_today, 3);
}

TEST_P(LedgerTest, SaysWhenASpentDayResets) {
  Ledger ledger = this->ledger(1);
  ASSERT_TRUE(ledger.spend(put_));
  EXPECT_EQ(*ledger.spend(put_).error().resets_at, kNoon + 12h);
}

TEST_P(LedgerTest, GivesNewCallsOnTheNextOrgDay) {
  Ledger ledger = this->ledger(1);
  ASSERT_TRUE(ledger.spend(put_));
  clock_->advance(12h + 6min);
  EXPECT_TRUE(ledger.spend(put_));
  EXPECT_EQ(ledger.usage()->org_day, "2024-02-06");
}

TEST_P(LedgerTest, ChargesACallNearMidnightToBothDays) {
  Ledger ledger = this->ledger(2);
  clock_->advance(12h - 1min);
  const Result<SpentCall> call = ledger.spend(put_);
  EXPECT_EQ(call->org_days, (std::vector<std::string>{"2024-02-05", "2024-02-06"}));
  clock_->advance(1h);
  EXPECT_EQ(ledger.usage()->calls_today, 1);
}

TEST_P(LedgerTest, GrantsNothingJustAfterMidnightWhenYesterdayIsSpent) {
  Ledger ledger = this->ledger(1);
  ASSERT_TRUE(ledger.spend(put_));
  clock_->advance(12h + 1min);
  const Result<SpentCall> call = ledger.spend(put_);
  ASSERT_FALSE(call);
  EXPECT_EQ(*call.error().resets_at, kNoon + 12h);
}

TEST_P(LedgerTest, ChargesEveryLaterDayThatItHasSeenAfterTheClockWasSetBack) {
  Ledger ledger = this->ledger(2);
  clock_->advance(48h);
  ASSERT_TRUE(ledger.spend(put_));
  clock_->set_wall_time(kNoon);
  ASSERT_TRUE(ledger.spend(put_));
  EXPECT_FALSE(ledger.spend(put_)) << "the later day had one call already and now has two";
}

TEST_P(LedgerTest, IsNotBlockedByADayThatOnlyAWrongClockHasNamed) {
  Ledger ledger = this->ledger(4);
  hear_the_time(ledger, put_, kNoon);
  for (int day = 0; day < 2; ++day) {
    clock_->set_wall_time(kNoon + 365 * 24h);
    ASSERT_TRUE(ledger.spend(put_) && ledger.spend(put_));
    clock_->advance(24h);
  }
  clock_->set_wall_time(kNoon + 48h);
  Ledger restarted = with({.calls_per_day = 4, .host = "here, started anew"});
  EXPECT_TRUE(restarted.spend(put_)) << "the platform has never said that it was so late";
}

TEST_P(LedgerTest, GivesARefundedCallBack) {
  Ledger ledger = this->ledger(1);
  const Result<SpentCall> call = ledger.spend(put_);
  ASSERT_TRUE(ledger.refund(*call));
  EXPECT_EQ(ledger.usage()->left, 1);
  EXPECT_FALSE(ledger.usage()->log.front().charged);
  EXPECT_TRUE(ledger.spend(put_));
}

TEST_P(LedgerTest, GrantsNothingOnADayThatThePlatformHasClosed) {
  Ledger ledger = this->ledger(100);
  const Result<SpentCall> call = ledger.spend(put_);
  ASSERT_TRUE(ledger.settle(*call, kLimit));
  EXPECT_EQ(ledger.spend(put_).error().code, ErrorCode::kBudgetExhausted);
  EXPECT_EQ(ledger.usage()->left, 0);
  clock_->advance(13h);
  EXPECT_TRUE(ledger.spend(put_));
}

TEST_P(LedgerTest, DoesNotCloseTheNextDayForALimitAnswerNearMidnight) {
  Ledger ledger = this->ledger(100);
  clock_->advance(12h - 1min);
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kLimit));
  clock_->advance(10min);
  EXPECT_TRUE(ledger.spend(put_));
}

TEST_P(LedgerTest, KeepsTheLast250CallsNewestFirst) {
  Ledger ledger = this->ledger(1000);
  for (int i = 0; i < 260; ++i) {
    clock_->advance(1s);
    ASSERT_TRUE(ledger.settle(*ledger.spend(put_), {.status = 200}));
  }
  const Usage usage = *ledger.usage();
  ASSERT_EQ(usage.log.size(), 250U);
  EXPECT_EQ(usage.log.front().time, kNoon + 260s);
  EXPECT_EQ(usage.log.back().time, kNoon + 11s);
  EXPECT_EQ(*usage.last_call_at, kNoon + 260s);
}

TEST_P(LedgerTest, LogsWhatACallWas) {
  Ledger ledger = this->ledger();
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), {.status = 503}));
  const CallRecord record = ledger.usage()->log.front();
  EXPECT_EQ(record.method, "PUT");
  EXPECT_EQ(record.target, "/api/v2/datasource OUTAGES");
  EXPECT_EQ(record.rows, 7);
  EXPECT_EQ(record.status, 503);
  EXPECT_EQ(record.reason, "price");
  EXPECT_TRUE(record.charged);
}

TEST_P(LedgerTest, SharesOneCountWithEveryOtherUserOfTheStore) {
  store::Store other = file_.open();
  Ledger first = ledger(2);
  Ledger second(other, clock_, OrgCalendar::open("America/Los_Angeles").value(),
                {.calls_per_day = 2, .host = "there"});
  ASSERT_TRUE(first.spend(put_));
  ASSERT_TRUE(second.spend(put_));
  EXPECT_FALSE(first.spend(put_));
  EXPECT_FALSE(second.spend(put_));
}

TEST_P(LedgerTest, GrantsNothingWhenTheStoreCannotBeWritten) {
  store::Store impatient = file_.open(0ms);
  Ledger ledger(impatient, clock_, OrgCalendar::open("UTC").value(), {.host = "here"});
  const Result<void> held = store_.database->write([&](store::Statements&) -> Result<void> {
    const Result<SpentCall> call = ledger.spend(put_);
    EXPECT_FALSE(call);
    EXPECT_EQ(call.error().code, ErrorCode::kStoreBusy);
    return {};
  });
  EXPECT_TRUE(held);
}

TEST_P(LedgerTest, FollowsThePlatformsClockAndNotTheLocalOne) {
  Ledger ledger = this->ledger(10);
  hear_the_time(ledger, put_, kNoon + 13h);
  hear_the_time(ledger, put_, kNoon + 13h);
  EXPECT_EQ(ledger.usage()->org_day, "2024-02-06");
  EXPECT_EQ(ledger.usage()->resets_at, kNoon + 36h);
  clock_->advance(24h);
  EXPECT_EQ(ledger.usage()->org_day, "2024-02-07");
}

TEST_P(LedgerTest, ChargesOnlyOneDayAFewSecondsBeforeMidnightOnceItKnowsThePlatformsTime) {
  Ledger ledger = this->ledger(10);
  hear_the_time(ledger, put_, kNoon);
  clock_->advance(12h - 40s);
  EXPECT_EQ(ledger.spend(put_)->org_days, (std::vector<std::string>{"2024-02-05"}));
  clock_->advance(35s);
  EXPECT_EQ(ledger.spend(put_)->org_days.size(), 2U) << "clocks drift apart in half a day";
  clock_->advance(45s);
  EXPECT_EQ(ledger.spend(put_)->org_days, (std::vector<std::string>{"2024-02-06"}));
}

// Jumps of the wall clock at moments around midnight; the platform's time goes on undisturbed.
TEST_P(LedgerTest, NeverGrantsMoreThanTheLimitWhateverTheWallClockDoes) {
  const std::vector<Milliseconds> jumps = {-8760h, -24h, -1h, -1s, 1s, 1h, 24h, 8760h};
  std::int64_t granted_in_all = 0;
  for (int phase = -6; phase < 6; ++phase) {
    const testing::AnyStore fresh(GetParam());
    store::Store store = fresh.open();
    const auto clock = std::make_shared<ManualClock>(kNoon + 12h + phase * 2s);
    const OrgCalendar calendar = OrgCalendar::open("America/Los_Angeles").value();
    Ledger ledger(store, clock, calendar, {.calls_per_day = 3, .host = "here"});
    std::map<std::string, int> real_days;
    for (const Milliseconds jump : jumps) {
      for (int i = 0; i < 4; ++i) {
        const TimePoint real = kNoon + 12h + phase * 2s + clock->steady_now() - 1ms;
        const Result<SpentCall> call = ledger.spend(put_);
        if (call) {
          ++real_days[calendar.day_of(real)];
          ++granted_in_all;
          ASSERT_TRUE(ledger.settle(*call, {.word = Word::kAccepted, .status = 200, .date = real}));
        }
        clock->advance(1s);
      }
      clock->set_wall_time(clock->now() + jump);
    }
    for (const auto& [day, calls] : real_days) EXPECT_LE(calls, 3) << day << " phase " << phase;
  }
  std::printf("%lld calls granted over 12 phases and %zu jumps, no day above its limit\n",
              static_cast<long long>(granted_in_all), jumps.size());
  EXPECT_GT(granted_in_all, 12);
}

TEST_P(LedgerTest, ChargesTheCallsBeforeTheFirstAnswerToTheDayOnWhichTheyWereMade) {
  Ledger ledger = this->ledger(4);
  ASSERT_TRUE(ledger.spend(put_)) << "its answer never came";
  hear_the_time(ledger, put_, kNoon + 24h);
  EXPECT_EQ(ledger.usage()->org_day, "2024-02-06");
  EXPECT_EQ(ledger.usage()->calls_today, 2);
}

TEST_P(LedgerTest, TakesBothDaysWhileThePlatformsClockSeemsToHaveJumped) {
  Ledger ledger = this->ledger(10);
  hear_the_time(ledger, put_, kNoon);
  hear_the_time(ledger, put_, kNoon + 24h);
  EXPECT_EQ(ledger.spend(put_)->org_days, (std::vector<std::string>{"2024-02-05", "2024-02-06"}));
  hear_the_time(ledger, put_, kNoon + 24h);
  EXPECT_EQ(ledger.spend(put_)->org_days, (std::vector<std::string>{"2024-02-06"}));
}

TEST_P(LedgerTest, KeepsTheDayApartOnAHostWhoseClockIsWrong) {
  Ledger right = with({.calls_per_day = 3, .host = "right"});
  hear_the_time(right, put_, kNoon);
  const auto wrong_clock = std::make_shared<ManualClock>(kNoon - 20h);
  Ledger wrong(store_, wrong_clock, OrgCalendar::open("America/Los_Angeles").value(),
               {.calls_per_day = 3, .host = "wrong"});
  hear_the_time(wrong, put_, kNoon);
  hear_the_time(wrong, put_, kNoon);
  EXPECT_FALSE(right.spend(put_)) << "all three calls were made on the same day of the platform";
}

// A month of days that words have closed, which may mean another limit.
// After that the call could fall on a day to which it was not charged.
TEST_P(LedgerTest, KeepsAReserveForPeople) {
  Ledger ledger = with({.calls_per_day = 3, .reserves = {.interactive = 1}, .host = "here"});
  ASSERT_TRUE(ledger.spend(put_));
  ASSERT_TRUE(ledger.spend(put_));
  EXPECT_FALSE(ledger.spend(put_));
  CallEntry by_hand = put_;
  by_hand.reason = kInteractive;
  EXPECT_TRUE(ledger.spend(by_hand));
  EXPECT_FALSE(ledger.spend(by_hand));
}

TEST_P(LedgerTest, TakesThePortalsNumberOfCalls) {
  Ledger ledger = this->ledger(10);
  ASSERT_TRUE(ledger.spend(put_));
  ASSERT_TRUE(ledger.calibrate(9));
  EXPECT_EQ(ledger.usage()->outside, 8);
  EXPECT_EQ(ledger.usage()->left, 1);
  EXPECT_TRUE(ledger.spend(put_));
  EXPECT_FALSE(ledger.spend(put_));
}

TEST_P(LedgerTest, ClosesTheDayForBareThrottlingOnlyWhenItLasts) {
  Ledger ledger = this->ledger(10);
  const CallAnswer throttled{.word = Word::kThrottled, .status = 429};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ledger.settle(*ledger.spend(put_), throttled));
  EXPECT_FALSE(ledger.usage()->closed);
  clock_->advance(15min);
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), throttled));
  EXPECT_TRUE(ledger.usage()->closed);
}

TEST_P(LedgerTest, LowersTheConnectionsForAWhileWhenThePlatformRefusesOne) {
  Ledger ledger = this->ledger(10);
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), {.word = Word::kTooManyConnections}));
  EXPECT_EQ(*ledger.connections_allowed(), 2);
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(ledger.settle(*ledger.spend(put_), {.word = Word::kTooManyConnections}));
  EXPECT_EQ(*ledger.connections_allowed(), 1);
  clock_->advance(10min);
  EXPECT_EQ(*ledger.connections_allowed(), 2);
  clock_->advance(1h);
  EXPECT_EQ(*ledger.connections_allowed(), 3);
}

TEST_P(LedgerTest, LogsAnExemptRequestWithoutChargingIt) {
  Ledger ledger = this->ledger(1);
  CallEntry file = put_;
  file.charged = false;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(ledger.settle(*ledger.spend(file), kAccepted));
  EXPECT_EQ(ledger.usage()->calls_today, 0);
  EXPECT_EQ(ledger.usage()->log.size(), 5U);
  EXPECT_TRUE(ledger.usage()->totals.empty());
}

TEST_P(LedgerTest, SumsUpWhatWasSpentOnWhatFor30Days) {
  Ledger ledger = this->ledger(10);
  hear_the_time(ledger, put_, kNoon);
  for (int day = 1; day <= 40; ++day) {
    clock_->advance(24h);
    hear_the_time(ledger, put_, kNoon + day * 24h);
  }
  const Usage usage = *ledger.usage();
  ASSERT_EQ(usage.totals.size(), 1U);
  EXPECT_EQ(usage.totals.front().calls, 31);
  EXPECT_EQ(usage.totals.front().rows, 31 * put_.rows);
}

TEST_P(LedgerTest, ForetellsWhenTheCallsWillBeSpent) {
  Ledger ledger = this->ledger(100);
  EXPECT_FALSE(ledger.usage()->lasts_until);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(ledger.spend(put_));
  // 20 calls within the hour, 80 left: four hours.
  clock_->advance(50min);
  ASSERT_TRUE(ledger.usage()->lasts_until);
  EXPECT_LT(*ledger.usage()->lasts_until, kNoon + 5h);
  clock_->advance(2h);
  EXPECT_FALSE(ledger.usage()->lasts_until) << "nobody calls any more";
}

TEST_P(LedgerTest, ForetellsNoSpentDayFromTheFirstFewCalls) {
  Ledger ledger = this->ledger(2500);
  ASSERT_TRUE(ledger.spend(put_));
  clock_->advance(1s);
  ASSERT_TRUE(ledger.spend(put_));
  EXPECT_FALSE(ledger.usage()->lasts_until);
}

WEIR_FOR_EVERY_STORE(LedgerTest);

}  // namespace
}  // namespace weir::budget
