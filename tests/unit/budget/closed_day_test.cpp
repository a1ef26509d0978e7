// Days that the platform has closed: what is learned from them, and how they open again.
#include "ledger_fixture.h"

namespace weir::budget {
namespace {

class ClosedDayTest : public LedgerTest {
 protected:
  // Six calls are accepted, and then the platform says that the day is over.
  void end_a_day_after_six(Ledger& ledger, const CallAnswer& answer) {
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kAccepted));
    ASSERT_TRUE(ledger.settle(*ledger.spend(put_), answer));
    EXPECT_EQ(ledger.usage()->outside, 4) << "six were accepted, so others have spent four";
    EXPECT_TRUE(ledger.usage()->closed);
    clock_->advance(24h);
  }
};

TEST_P(ClosedDayTest, LearnsWhatOthersSpendFromTwoDaysAndKeepsThatReserve) {
  Ledger ledger = this->ledger(10);
  end_a_day_after_six(ledger, kLimit);
  EXPECT_EQ(ledger.usage()->reserve, 0) << "one day may be a misunderstanding";
  end_a_day_after_six(ledger, kLimit);
  EXPECT_EQ(ledger.usage()->reserve, 4);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(ledger.spend(put_)) << i;
  const Error kept_back = ledger.spend(put_).error();
  EXPECT_EQ(kept_back.code, ErrorCode::kBudgetExhausted);
  EXPECT_NE(kept_back.message.find("4 are kept back"), std::string::npos) << kept_back.message;
  EXPECT_NE(kept_back.message.find("--calibrate"), std::string::npos) << kept_back.message;
  CallEntry by_hand = put_;
  by_hand.reason = kInteractive;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ledger.spend(by_hand)) << "people may use it";
  EXPECT_FALSE(ledger.spend(by_hand)) << "the limit itself binds everybody";
}

TEST_P(ClosedDayTest, LearnsNothingFromWordsThatMayMeanAnotherLimit) {
  Ledger ledger = this->ledger(10);
  for (int day = 0; day < 30; ++day) {
    end_a_day_after_six(ledger, kPerhapsTheLimit);
    EXPECT_EQ(ledger.usage()->reserve, 0) << day;
  }
}

TEST_P(ClosedDayTest, OpensTheDayAndLearnsAnewWhenItIsCalibrated) {
  Ledger ledger = this->ledger(10);
  end_a_day_after_six(ledger, kLimit);
  end_a_day_after_six(ledger, kLimit);
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kAccepted));
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kLimit));
  EXPECT_FALSE(ledger.spend(put_));
  ASSERT_TRUE(ledger.calibrate(3));
  EXPECT_FALSE(ledger.usage()->closed);
  EXPECT_EQ(ledger.usage()->outside, 1);
  EXPECT_EQ(ledger.usage()->reserve, 0);
  EXPECT_EQ(ledger.usage()->left, 7);
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(ledger.spend(put_)) << i;
  EXPECT_FALSE(ledger.spend(put_));
  clock_->advance(24h);
  EXPECT_EQ(ledger.usage()->reserve, 0);
}

TEST_P(ClosedDayTest, LeavesATenthOfTheDayHoweverMuchOthersHaveSpent) {
  Ledger ledger = this->ledger(10);
  ASSERT_TRUE(store_.database->write([](store::Statements& sql) -> Result<void> {
    for (const char* day : {"'2024-02-04'", "'2024-02-03'"})
      sql.run("INSERT INTO org_days (org_day, used, closed, teaches, outside) VALUES (" +
              std::string(day) + ", 1, 1, 1, 10)");
    return {};
  }));
  hear_the_time(ledger, put_, kNoon);
  clock_->advance(24h);
  EXPECT_TRUE(ledger.spend(put_));
  EXPECT_EQ(ledger.spend(put_).error().code, ErrorCode::kBudgetExhausted);
}

TEST_P(ClosedDayTest, ProbesADayThatWasClosedBeforeAnythingWasAcceptedOnceAnHour) {
  Ledger ledger = this->ledger(10);
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kLimit));
  EXPECT_FALSE(ledger.spend(put_));
  clock_->advance(61min);
  const Result<SpentCall> probe = ledger.spend(put_);
  ASSERT_TRUE(probe);
  EXPECT_FALSE(ledger.spend(put_)) << "one probe an hour, over all processes";
  ASSERT_TRUE(ledger.settle(*probe, kAccepted));
  EXPECT_TRUE(ledger.spend(put_)) << "the day is open after all";
}

TEST_P(ClosedDayTest, ProbesADayOnWhichCallsWereAcceptedToo) {
  Ledger ledger = this->ledger(10);
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kAccepted));
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kLimit));
  EXPECT_EQ(ledger.day_left()->calls, 0);
  clock_->advance(59min);
  EXPECT_FALSE(ledger.spend(put_));
  clock_->advance(2min);
  EXPECT_EQ(ledger.day_left()->calls, 1) << "automatic sending is told of the probe";
  const Result<SpentCall> probe = ledger.spend(put_);
  ASSERT_TRUE(probe);
  EXPECT_FALSE(ledger.spend(put_)) << "one probe an hour, over all processes";
  ASSERT_TRUE(ledger.settle(*probe, kLimit));
  clock_->advance(59min);
  EXPECT_FALSE(ledger.spend(put_)) << "refused again";
  clock_->advance(2min);
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kAccepted));
  EXPECT_FALSE(ledger.usage()->closed);
  EXPECT_EQ(ledger.usage()->outside, 0) << "what was booked as spent by others was not";
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(ledger.spend(put_)) << i;
  EXPECT_FALSE(ledger.spend(put_)) << "never more than the limit";
}

TEST_P(ClosedDayTest, LeavesADayClosedForTheAnswerOfACallThatWasUnderWay) {
  Ledger ledger = this->ledger(10);
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kAccepted));
  const Result<SpentCall> slow = ledger.spend(put_);
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kLimit));
  ASSERT_TRUE(ledger.settle(*slow, kAccepted));
  EXPECT_TRUE(ledger.usage()->closed);
  EXPECT_FALSE(ledger.spend(put_));
}

TEST_P(ClosedDayTest, NeverProbesADayThatWeirHasSpentItself) {
  Ledger ledger = this->ledger(2);
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kAccepted));
  ASSERT_TRUE(ledger.settle(*ledger.spend(put_), kLimit));
  clock_->advance(3h);
  EXPECT_FALSE(ledger.spend(put_));
}

TEST_P(ClosedDayTest, TellsHowLongACallMayWaitForItsFirstByte) {
  Ledger ledger = this->ledger(10);
  hear_the_time(ledger, put_, kNoon);
  EXPECT_GT(ledger.spend(put_)->good_for, 11h + 59min);
  EXPECT_LE(ledger.spend(put_)->good_for, 12h);
  clock_->advance(12h - 2min);
  const SpentCall before_midnight = *ledger.spend(put_);
  EXPECT_EQ(before_midnight.org_days.size(), 1U);
  EXPECT_LE(before_midnight.good_for, 2min);
  clock_->advance(2min - 7s);
  const SpentCall at_midnight = *ledger.spend(put_);
  EXPECT_EQ(at_midnight.org_days.size(), 2U);
  EXPECT_GT(at_midnight.good_for, 23h);
}

WEIR_FOR_EVERY_STORE(ClosedDayTest);

}  // namespace
}  // namespace weir::budget
