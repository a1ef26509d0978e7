// The day to which calls are charged after a restart of the host, when only the local clock, which
// may be wrong, and what the store remembers are known.
#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <algorithm>
#include <map>

#include "budget/ledger.h"
#include "support/any_store.h"

namespace weir::budget {
namespace {

using namespace std::chrono_literals;
using testing::ManualClock;

// Noon of 2024-02-05 in Los Angeles.
const TimePoint kNoon{Milliseconds{1707163200000}};

const CallEntry kPut{
    .method = "PUT", .target = "/api/v2/datasource OUTAGES", .rows = 7, .reason = "price"};

using Word = CallAnswer::Word;

CallAnswer accepted_at(TimePoint real) {
  return {.word = Word::kAccepted,
          .status = 200,
          .date = std::chrono::floor<std::chrono::seconds>(real)};
}

class PlatformDayTest : public testing::AnyStoreTest {
 protected:
  // The ledger of a host that was started just now, with a clock of its own.
  Ledger started(const std::string& boot, TimePoint local_time, std::int64_t calls_per_day = 3) {
    return Ledger(store_, std::make_shared<ManualClock>(local_time), calendar_,
                  {.calls_per_day = calls_per_day, .host = boot});
  }

  static void hear_the_time(Ledger& ledger, TimePoint date, bool costs_a_call = true) {
    CallEntry entry = kPut;
    entry.charged = costs_a_call;
    const Result<SpentCall> call = ledger.spend(entry);
    ASSERT_TRUE(call) << call.error().message;
    ASSERT_TRUE(ledger.settle(*call, accepted_at(date)));
  }

  store::Store store_ = file_.open();
  const OrgCalendar calendar_ = OrgCalendar::open("America/Los_Angeles").value();
};

TEST_P(PlatformDayTest, IsTheLastOneToldTooAfterAStartWithAClockADayAhead) {
  Ledger before = started("boot 1", kNoon);
  hear_the_time(before, kNoon);
  Ledger after = started("boot 2", kNoon + 24h);
  EXPECT_TRUE(after.spend(kPut));
  EXPECT_TRUE(after.spend(kPut));
  EXPECT_FALSE(after.spend(kPut)) << "the fourth call of a real day of three";
}

TEST_P(PlatformDayTest, IsTheLastOneToldTooAfterAStartWithAClockADayBehind) {
  Ledger before = started("boot 1", kNoon);
  hear_the_time(before, kNoon, false);
  Ledger after = started("boot 2", kNoon - 24h);
  EXPECT_EQ(after.spend(kPut)->org_days, (std::vector<std::string>{"2024-02-04", "2024-02-05"}));
}

TEST_P(PlatformDayTest, CostsOneCallOfANewDayWhenTheStoreRestedOverMidnight) {
  Ledger before = started("boot 1", kNoon);
  hear_the_time(before, kNoon);
  Ledger after = started("boot 2", kNoon + 24h);
  hear_the_time(after, kNoon + 24h);
  EXPECT_EQ(after.usage()->org_day, "2024-02-06");
  EXPECT_EQ(after.usage()->calls_today, 1);
  EXPECT_EQ(after.spend(kPut)->org_days, (std::vector<std::string>{"2024-02-06"}));
}

TEST_P(PlatformDayTest, IsAskedForWhenTheLastOneToldIsSpent) {
  Ledger before = started("boot 1", kNoon, 1);
  hear_the_time(before, kNoon);
  Ledger after = started("boot 2", kNoon + 24h, 1);
  EXPECT_FALSE(after.spend(kPut));
  EXPECT_EQ(*after.doubt_of_day(false), DayDoubt::kUnknown);
  hear_the_time(after, kNoon + 24h, false);
  EXPECT_TRUE(after.spend(kPut));
  EXPECT_FALSE(after.spend(kPut));
  EXPECT_EQ(*after.doubt_of_day(false), DayDoubt::kNone);
}

TEST_P(PlatformDayTest, IsNotAskedForBeforeThePlatformHasToldAny) {
  Ledger ledger = started("boot 1", kNoon, 1);
  ASSERT_TRUE(ledger.spend(kPut));
  EXPECT_FALSE(ledger.spend(kPut));
  EXPECT_EQ(*ledger.doubt_of_day(false), DayDoubt::kNone);
}

TEST_P(PlatformDayTest, IsAskedForAgainHourlyOrWhenAPersonWaits) {
  const auto clock = std::make_shared<ManualClock>(kNoon);
  Ledger ledger(store_, clock, calendar_, {.calls_per_day = 3, .host = "here"});
  hear_the_time(ledger, kNoon);
  EXPECT_EQ(*ledger.doubt_of_day(false), DayDoubt::kNone);
  EXPECT_EQ(*ledger.doubt_of_day(true), DayDoubt::kSlight);
  clock->advance(1h);
  EXPECT_EQ(*ledger.doubt_of_day(false), DayDoubt::kSlight);
}

TEST_P(PlatformDayTest, GetsTheCallsThatWereMadeBeforeItWasTold) {
  Ledger before = started("boot 1", kNoon, 10);
  hear_the_time(before, kNoon);
  Ledger after = started("boot 2", kNoon + 72h, 10);
  ASSERT_TRUE(after.spend(kPut)) << "its answer never came";
  hear_the_time(after, kNoon + 24h, false);
  EXPECT_EQ(after.usage()->org_day, "2024-02-06");
  EXPECT_EQ(after.usage()->calls_today, 1);
}

TEST_P(PlatformDayTest, IsClosedByALimitAndNotTheOneBefore) {
  Ledger before = started("boot 1", kNoon, 10);
  hear_the_time(before, kNoon);
  Ledger after = started("boot 2", kNoon + 24h, 10);
  CallAnswer limit = accepted_at(kNoon + 24h);
  limit.word = Word::kLimitReached;
  ASSERT_TRUE(after.settle(*after.spend(kPut), limit));
  EXPECT_TRUE(after.usage()->closed);
}

// Restarts of the host with a wrong clock, at moments around midnight, on a day that is new or has
// been spent in part or wholly; answers come or do not.
TEST_P(PlatformDayTest, NeverGetsMoreCallsThanTheLimitWhateverTheClockSaysAfterAStart) {
  constexpr std::int64_t kLimit = 3;
  const std::vector<Milliseconds> errors = {-8760h, -48h, -24h, -1h, -10min, 0h,
                                            10min,  1h,   24h,  48h, 8760h};
  const std::vector<Milliseconds> rests = {10s, 13h, 24h, 72h};
  int boots = 0;
  std::int64_t granted = 0;
  int days_without_a_call = 0;
  for (const Milliseconds error : errors) {
    const testing::AnyStore fresh(GetParam());
    store::Store store = fresh.open();
    std::map<std::string, std::int64_t> real_days;
    TimePoint real = kNoon;
    for (int round = 0; round < 12; ++round) {
      const bool is_answered = round % 3 != 0;
      const Milliseconds wrong = round == 0 ? 0ms : error;
      const auto clock = std::make_shared<ManualClock>(real + wrong);
      Ledger ledger(store, clock, calendar_,
                    {.calls_per_day = kLimit, .host = "boot " + std::to_string(++boots)});
      const auto call_once = [&] {
        Result<SpentCall> call = ledger.spend(kPut);
        for (int asks = 0; !call && asks < 2 && *ledger.doubt_of_day(false) != DayDoubt::kNone;
             ++asks) {
          hear_the_time(ledger, real, false);
          call = ledger.spend(kPut);
        }
        if (!call) return false;
        ++granted;
        EXPECT_LE(++real_days[calendar_.day_of(real)], kLimit)
            << calendar_.local_time(real) << " error " << error.count() << " round " << round;
        if (is_answered || round == 0) {
          EXPECT_TRUE(ledger.settle(*call, accepted_at(real)));
        }
        clock->advance(1s);
        real += 1s;
        return true;
      };
      const bool is_new_day = real_days[calendar_.day_of(real)] == 0;
      bool has_called = false;
      for (int i = 0; i <= kLimit && (round % 2 == 0 || i < 1); ++i)
        has_called = call_once() || has_called;
      if (is_new_day && !has_called) ++days_without_a_call;
      real += rests[static_cast<std::size_t>(round) % rests.size()];
    }
  }
  std::printf("%lld calls granted over %d starts of a host, no day above its limit\n",
              static_cast<long long>(granted), boots);
  EXPECT_EQ(days_without_a_call, 0);
}

// A proxy whose clock is wrong answers in the place of the platform, to a request that costs no
// call and then to each call.
TEST_P(PlatformDayTest, IsStillTheOneKnownWhileDatesComeThatAreFarFromAllThatIsKnown) {
  for (const Milliseconds error : {-480000h, -960h, -200h, 200h, 960h, 87600h}) {
    const testing::AnyStore fresh(GetParam());
    store::Store store = fresh.open();
    const auto clock = std::make_shared<ManualClock>(kNoon);
    Ledger ledger(store, clock, calendar_, {.calls_per_day = 3, .host = "here"});
    for (int i = 0; i < 3; ++i) hear_the_time(ledger, kNoon);
    for (int i = 0; i < 5; ++i) {
      hear_the_time(ledger, kNoon + error, false);
      EXPECT_FALSE(ledger.spend(kPut)) << "a call too many, error " << error.count();
      EXPECT_LT(ledger.day_left()->calls, 1);
      clock->advance(1h);
    }
    hear_the_time(ledger, kNoon + 5h, false);
    EXPECT_EQ(ledger.usage()->calls_today, 3) << "error " << error.count();
    EXPECT_FALSE(ledger.spend(kPut));
    clock->advance(19h);
    EXPECT_EQ(ledger.spend(kPut)->org_days, (std::vector<std::string>{"2024-02-06"}));
  }
}

TEST_P(PlatformDayTest, GoesOnBesideTheOneOfAFarDate) {
  const auto clock = std::make_shared<ManualClock>(kNoon);
  Ledger ledger(store_, clock, calendar_, {.calls_per_day = 3, .host = "here"});
  for (int i = 0; i < 3; ++i) hear_the_time(ledger, kNoon);
  for (int i = 0; i < 3; ++i) hear_the_time(ledger, kNoon + 960h, false);
  EXPECT_EQ(ledger.spend(kPut).error().resets_at, kNoon + 12h);
  clock->advance(24h);
  hear_the_time(ledger, kNoon + 984h);
  EXPECT_EQ(ledger.spend(kPut)->org_days, (std::vector<std::string>{"2024-02-06", "2024-03-17"}));
}

TEST_P(PlatformDayTest, IsThatOfAFarDateOnceTheLocalClockAgrees) {
  const auto clock = std::make_shared<ManualClock>(kNoon);
  Ledger ledger(store_, clock, calendar_, {.calls_per_day = 3, .host = "here"});
  hear_the_time(ledger, kNoon);
  hear_the_time(ledger, kNoon + 960h, false);
  clock->set_wall_time(kNoon + 960h);
  hear_the_time(ledger, kNoon + 960h, false);
  EXPECT_EQ(ledger.spend(kPut)->org_days, (std::vector<std::string>{"2024-03-16"}));
}

TEST_P(PlatformDayTest, IsNotMadeNewByAFarDateAfterAStart) {
  Ledger before = started("boot 1", kNoon, 1);
  hear_the_time(before, kNoon);
  Ledger after = started("boot 2", kNoon + 1h, 1);
  for (int i = 0; i < 3; ++i) {
    hear_the_time(after, kNoon + 960h, false);
    EXPECT_FALSE(after.spend(kPut));
  }
  hear_the_time(after, kNoon + 1h, false);
  EXPECT_EQ(after.usage()->calls_today, 1);
}

TEST_P(PlatformDayTest, IsRememberedWhileTheLocalClockSaysThatItCounts) {
  Ledger ahead = started("boot 1", kNoon, 2);
  for (int i = 0; i < 2; ++i) hear_the_time(ahead, kNoon);
  for (int days = 6; days <= 42; days += 6) hear_the_time(ahead, kNoon + days * 24h, false);
  hear_the_time(ahead, kNoon + 42 * 24h, false);
  hear_the_time(ahead, kNoon + 42 * 24h);
  for (int i = 0; i < 2; ++i) hear_the_time(ahead, kNoon, false);
  EXPECT_EQ(ahead.usage()->calls_today, 2);
}

WEIR_FOR_EVERY_STORE(PlatformDayTest);

}  // namespace
}  // namespace weir::budget
