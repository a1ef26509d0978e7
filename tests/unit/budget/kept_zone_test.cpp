// The store knows by whose midnight it counts: a mistyped zone that exists is no second budget, and
// an organization that really moves has no day with more calls than its limit.
#include "budget/kept_zone.h"

#include "budget/zone_names.h"
#include "ledger_fixture.h"

namespace weir::budget {
namespace {

constexpr const char* kHome = "America/Los_Angeles";

class KeptZoneTest : public LedgerTest {
 protected:
  Ledger in(const std::string& zone, std::int64_t calls_per_day = 3) {
    return Ledger(store_, clock_, OrgCalendar::open(zone).value(),
                  {.calls_per_day = calls_per_day, .host = "here"});
  }

  int spent_of(Ledger& ledger, int most = 10) {
    int spent = 0;
    while (spent < most && ledger.spend(put_)) ++spent;
    return spent;
  }

  const std::string where_ = "weir.db";
};

TEST_P(KeptZoneTest, RefusesAZoneOfOtherMidnights) {
  Ledger home = in(kHome);
  ASSERT_TRUE(home.claim_zone(ZoneUse::kKeep, where_));
  for (const char* other : {"Asia/Tokyo", "America/New_York", "UTC", "America/Phoenix",
                            "Pacific/Kiritimati", "Etc/GMT+8"}) {
    for (const ZoneUse use : {ZoneUse::kKeep, ZoneUse::kLook}) {
      const Result<void> claimed = in(other).claim_zone(use, where_);
      ASSERT_FALSE(claimed) << other;
      EXPECT_EQ(claimed.error().code, ErrorCode::kInvalidConfig);
      EXPECT_NE(claimed.error().message.find("by the days of America/Los_Angeles"),
                std::string::npos)
          << claimed.error().message;
    }
  }
  EXPECT_TRUE(in(kHome).claim_zone(ZoneUse::kKeep, where_));
}

TEST_P(KeptZoneTest, TakesAnotherNameOfTheSameMidnights) {
  ASSERT_TRUE(in(kHome).claim_zone(ZoneUse::kKeep, where_));
  Ledger alias = in("America/Tijuana");
  ASSERT_TRUE(alias.claim_zone(ZoneUse::kKeep, where_));
  EXPECT_EQ(spent_of(alias), 3);
  Ledger home = in(kHome);
  ASSERT_TRUE(home.claim_zone(ZoneUse::kKeep, where_));
  EXPECT_EQ(spent_of(home), 0);
}

TEST_P(KeptZoneTest, KeepsNoZoneOfWhoOnlyLooks) {
  ASSERT_TRUE(in("Asia/Tokyo").claim_zone(ZoneUse::kLook, where_));
  EXPECT_TRUE(in(kHome).claim_zone(ZoneUse::kKeep, where_));
}

// From noon in Los Angeles, whatever the way: neither the old day nor the new one gets more.
TEST_P(KeptZoneTest, NoDayHasMoreCallsThanItsLimitWhenTheOrganizationMoves) {
  Ledger before = in(kHome);
  ASSERT_TRUE(before.claim_zone(ZoneUse::kKeep, where_));
  ASSERT_EQ(spent_of(before, 2), 2);
  Ledger after = in("Asia/Tokyo");
  ASSERT_TRUE(after.claim_zone(ZoneUse::kMove, where_));
  EXPECT_EQ(after.usage()->left, 1) << "Tokyo's 6th began at 07:00 in Los Angeles";
  EXPECT_EQ(spent_of(after), 1);
  EXPECT_EQ(after.usage()->left, 0);
  clock_->advance(12h + 10min);
  EXPECT_EQ(spent_of(after), 0) << "the new day is Tokyo's, until 07:00";
  clock_->advance(7h);
  EXPECT_EQ(spent_of(after), 3);
}

TEST_P(KeptZoneTest, CountsOnByTheOldMidnightUntilItsDayEnds) {
  clock_->set_wall_time(kNoon - 6h);  // 06:00 in Los Angeles: 23:00 in Tokyo
  Ledger before = in(kHome);
  ASSERT_TRUE(before.claim_zone(ZoneUse::kKeep, where_));
  ASSERT_EQ(spent_of(before, 2), 2);
  Ledger after = in("Asia/Tokyo");
  ASSERT_TRUE(after.claim_zone(ZoneUse::kMove, where_));
  clock_->advance(2h);
  EXPECT_EQ(after.usage()->left, 1) << "Tokyo's new day has begun, Los Angeles' has not ended";
  EXPECT_EQ(spent_of(after), 1);
  const Result<SpentCall> refused = after.spend(put_);
  EXPECT_EQ(refused.error().code, ErrorCode::kBudgetExhausted);
  EXPECT_EQ(refused.error().resets_at, kNoon + 12h);
  clock_->advance(16h + 10min);
  EXPECT_EQ(spent_of(after), 2) << "one of the three of Tokyo's day was spent before";
}

TEST_P(KeptZoneTest, GivesBackWhatWasNotMade) {
  Ledger before = in(kHome);
  ASSERT_TRUE(before.claim_zone(ZoneUse::kKeep, where_));
  Ledger after = in("Asia/Tokyo");
  ASSERT_TRUE(after.claim_zone(ZoneUse::kMove, where_));
  for (int time = 0; time < 10; ++time) {
    const Result<SpentCall> call = after.spend(put_);
    ASSERT_TRUE(call) << time;
    ASSERT_TRUE(after.refund(*call));
  }
  EXPECT_EQ(after.usage()->left, 3);
  EXPECT_EQ(after.usage()->old_day->calls, 0);
  EXPECT_EQ(spent_of(after), 3);
}

TEST_P(KeptZoneTest, SaysWhenCallsCanBeMadeAgainWhileTheOldDayBinds) {
  clock_->set_wall_time(kNoon - 6h);
  Ledger before = in(kHome);
  ASSERT_TRUE(before.claim_zone(ZoneUse::kKeep, where_));
  ASSERT_EQ(spent_of(before), 3);
  Ledger after = in("Asia/Tokyo");
  ASSERT_TRUE(after.claim_zone(ZoneUse::kMove, where_));
  clock_->advance(2h);
  EXPECT_EQ(after.usage()->left, 0);
  EXPECT_EQ(after.usage()->resets_at, kNoon + 12h);
}

TEST_P(KeptZoneTest, CountsEachCallOnceForWhoMovesToAndFro) {
  Ledger first = in(kHome, 100);
  ASSERT_TRUE(first.claim_zone(ZoneUse::kKeep, where_));
  ASSERT_EQ(spent_of(first, 5), 5);
  for (const char* zone : {"Asia/Tokyo", kHome}) {
    Ledger next = in(zone, 100);
    ASSERT_TRUE(next.claim_zone(ZoneUse::kMove, where_)) << zone;
    EXPECT_EQ(next.usage()->calls_today, 5) << zone;
  }
}

TEST_P(KeptZoneTest, GivesNothingToWhoMovesToAndFro) {
  Ledger first = in(kHome);
  ASSERT_TRUE(first.claim_zone(ZoneUse::kKeep, where_));
  int spent = spent_of(first);
  for (const char* zone : {"Asia/Tokyo", kHome, "Pacific/Kiritimati", "Pacific/Pago_Pago", kHome}) {
    Ledger next = in(zone);
    ASSERT_TRUE(next.claim_zone(ZoneUse::kMove, where_)) << zone;
    spent += spent_of(next);
  }
  EXPECT_EQ(spent, 3);
}

TEST_P(KeptZoneTest, StaysClosedWhenThePlatformHadClosedTheDay) {
  Ledger before = in(kHome, 100);
  ASSERT_TRUE(before.claim_zone(ZoneUse::kKeep, where_));
  ASSERT_TRUE(before.settle(*before.spend(put_), kLimit));
  Ledger after = in("Asia/Tokyo", 100);
  ASSERT_TRUE(after.claim_zone(ZoneUse::kMove, where_));
  EXPECT_EQ(spent_of(after), 0);
}

TEST_P(KeptZoneTest, LetsNobodyCountOnByTheZoneOfBefore) {
  Ledger before = in(kHome);
  ASSERT_TRUE(before.claim_zone(ZoneUse::kKeep, where_));
  ASSERT_TRUE(before.spend(put_));
  ASSERT_TRUE(in("Asia/Tokyo").claim_zone(ZoneUse::kMove, where_));
  const Result<SpentCall> refused = before.spend(put_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidConfig);
  EXPECT_NE(refused.error().message.find("was moved to the time zone Asia/Tokyo"),
            std::string::npos)
      << refused.error().message;
}

WEIR_FOR_EVERY_STORE(KeptZoneTest);

// Etc/GMT+1 is UTC-1.
TEST(ZoneNames, SuggestNoZoneForADistanceFromUtc) {
  for (const char* name : {"GMT+1", "GMT-1", "UTC+1", "UTC-5", "utc+02:00", "GMT 3", "UTC1", "+1",
                           "-05:00", "+0200", "GMT+05", "Etc/GMT+15", "Etc/GMT1", "GMT/+1"}) {
    const std::string told = did_you_mean(name);
    EXPECT_EQ(told.find("GMT"), std::string::npos) << name << told;
    EXPECT_EQ(told.find("UTC?"), std::string::npos) << name << told;
  }
  EXPECT_EQ(did_you_mean("Asia/Tokio"), ": did you mean Asia/Tokyo?");
}

}  // namespace
}  // namespace weir::budget
