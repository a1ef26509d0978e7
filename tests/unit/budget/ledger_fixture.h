// A ledger of any store, by a clock that only the test moves.
#pragma once

#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <memory>
#include <utility>

#include "budget/ledger.h"
#include "support/any_store.h"

namespace weir::budget {

using namespace std::chrono_literals;
using testing::ManualClock;

// Noon of 2024-02-05 in Los Angeles.
inline const TimePoint kNoon{Milliseconds{1707163200000}};

using Word = CallAnswer::Word;
inline const CallAnswer kLimit{.word = Word::kLimitReached, .status = 429, .is_certain = true};
inline const CallAnswer kPerhapsTheLimit{.word = Word::kLimitReached, .status = 400};
inline const CallAnswer kAccepted{.word = Word::kAccepted, .status = 200};

class LedgerTest : public testing::AnyStoreTest {
 protected:
  Ledger ledger(std::int64_t calls_per_day = 3) {
    return with({.calls_per_day = calls_per_day, .host = "here"});
  }

  Ledger with(LedgerOptions options) {
    return Ledger(store_, clock_, OrgCalendar::open("America/Los_Angeles").value(),
                  std::move(options));
  }

  // Spends a call and lets the platform answer that this is its time.
  static void hear_the_time(Ledger& ledger, const CallEntry& entry, TimePoint date) {
    const Result<SpentCall> call = ledger.spend(entry);
    ASSERT_TRUE(call) << call.error().message;
    ASSERT_TRUE(ledger.settle(*call, {.word = Word::kAccepted, .status = 200, .date = date}));
  }

  store::Store store_ = file_.open();
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(kNoon);
  const CallEntry put_{
      .method = "PUT", .target = "/api/v2/datasource OUTAGES", .rows = 7, .reason = "price"};
};

}  // namespace weir::budget
