// Ledger: the durable record of calls spent, shared by all processes that share the store.
//
// A call is spent, durably, before any byte of it leaves, and refunded only when it is certain that
// none left. A call near midnight is charged to both org days, since the server's clock decides
// which one it falls on; and so is a call made after the clock was set back: no day that the ledger
// has seen gets more calls than the limit. When the ledger cannot be written, no call is granted.
// Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>
#include <weir/usage.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "budget/org_calendar.h"
#include "store/database.h"

namespace weir::budget {

// What the usage log says of a call.
struct CallEntry {
  std::string method;
  std::string target;
  std::int64_t rows = 0;
  std::string reason;
};

// The receipt of a spent call.
struct SpentCall {
  std::int64_t id = 0;
  std::vector<std::string> org_days;  // every day it was charged to
};

class Ledger {
 public:
  Ledger(store::Database& database, std::shared_ptr<Clock> clock, OrgCalendar calendar,
         std::int64_t calls_per_day);

  // Spends one call. kBudgetExhausted: the org day's calls are spent, or the platform has said so;
  // with resets_at.
  Result<SpentCall> spend(const CallEntry& entry);

  // Gives a call back. Only when no byte of it left.
  Result<void> refund(const SpentCall& call);

  // Notes the status of the answer in the usage log; empty when there was none.
  Result<void> record_answer(const SpentCall& call, std::optional<int> status);

  // The platform has said that the limit of the call's day is reached: no process spends on that
  // day any more.
  Result<void> close_day(const SpentCall& call);

  // Everything but the open connections and the price, which the ledger does not know.
  Result<Usage> usage();

 private:
  std::vector<std::string> days_to_charge(store::Statements& sql, TimePoint now) const;
  Error exhausted(const std::string& day, TimePoint now) const;

  store::Database& database_;
  const std::shared_ptr<Clock> clock_;
  const OrgCalendar calendar_;
  const std::int64_t calls_per_day_;
};

}  // namespace weir::budget
