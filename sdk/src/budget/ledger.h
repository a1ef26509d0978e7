// Ledger: the durable record of calls spent, shared by all processes and hosts that share the
// store.
//
// A call is spent, durably, before any byte of it leaves, and refunded only when it is certain that
// none left. Days are those of the platform's clock (server_clock.h): a call that may fall on
// either side of a midnight is charged to both days, so no day gets more calls than the limit.
// After a restart of the host, until the platform's first answer, a call is also charged to the day
// that the platform told last. When the ledger cannot be written, no call is granted. Safe to use
// from several threads at once.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>
#include <weir/usage.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "budget/calls_log.h"
#include "budget/kept_zone.h"
#include "budget/org_calendar.h"
#include "budget/reserves.h"
#include "budget/server_clock.h"
#include "store/store.h"

namespace weir::budget {

// The reason of calls that a person waits for: they may use the reserve that is kept for people.
inline constexpr const char* kInteractive = "interactive";

inline bool is_for_people(const CallEntry& entry) {
  return entry.is_for_people || entry.reason == kInteractive;
}

struct LedgerOptions {
  std::int64_t calls_per_day = 2500;
  int max_connections = 3;
  Reserves reserves = {};
  // Whose clock it is (os/process.h); tests play several hosts.
  std::string host = {};
};

// The receipt of a call.
struct SpentCall {
  std::int64_t id = 0;
  std::vector<std::string> org_days;  // every day it was charged to; none when it is exempt
  HostTime sent = {};
  // Within this it may begin: later it could fall on a day to which it was not charged.
  Milliseconds good_for = Milliseconds::max();
  // It tries whether a day that the platform closed is open after all.
  bool is_probe = false;
  // Also to the day that was under way when the organization moved to another time zone.
  bool is_of_old_day = false;
};

// What an answer says about the budget.
struct CallAnswer {
  enum class Word { kAccepted, kLimitReached, kTooManyConnections, kThrottled, kOther };
  Word word = Word::kOther;
  int status = 0;
  // The Date header.
  std::optional<TimePoint> date = {};
  // Of kLimitReached: beyond doubt, so that what others spend is learned from it.
  bool is_certain = false;
};

// What the org day has left for automatic calls.
struct DayLeft {
  std::int64_t calls = 0;
  // How far this host's wall clock is ahead of the platform's.
  Milliseconds clock_ahead = {};
  // How much earlier or later than believed the platform's time may be.
  Milliseconds doubt = {};
};

// Calls of days that have ended.
struct PastCalls {
  // From the first on which anything was called.
  std::int64_t days = 0;
  std::vector<CallTotal> totals = {};
};

// Whether a day that refuses a call may be over by now, so that it is worth asking the platform for
// its time by a request that costs no call.
enum class DayDoubt {
  kNone,     // the platform told its time a moment ago
  kSlight,   // unless its clock jumped, or this host slept, it is that day
  kUnknown,  // it has told no time since this host was started
};

class Ledger {
 public:
  Ledger(store::Store& store, std::shared_ptr<Clock> clock, OrgCalendar calendar,
         LedgerOptions options);

  // Before the first call: by whose midnight the store counts (kept_zone.h). kInvalidConfig: by
  // another one's.
  Result<void> claim_zone(ZoneUse use, const std::string& location);

  // Spends one call; an exempt one is only logged. kBudgetExhausted: the org day's calls are spent
  // or kept back, or the platform has said that they are spent; with resets_at. kInvalidConfig: the
  // store was moved to another time zone meanwhile.
  Result<SpentCall> spend(const CallEntry& entry);

  // How sure the ledger is that the spent day is still today. With a person waiting, a slight doubt
  // is enough to ask; otherwise once an hour.
  Result<DayDoubt> doubt_of_day(bool somebody_waits);

  // Gives a call back. Only when no byte of it left.
  Result<void> refund(const SpentCall& call);

  // Notes the answer in the usage log and heeds what it says: a limit that is reached closes the
  // day for every process, a refused connection lowers their number for a while, the Date tells the
  // platform's time.
  Result<void> settle(const SpentCall& call, const CallAnswer& answer);

  // The portal shows this many calls for today: what Weir did not spend, others did. Opens a day
  // that the platform's words had closed, and what is kept back for others is learned anew.
  Result<void> calibrate(std::int64_t calls_today);

  // How many connections may be open just now.
  Result<int> connections_allowed();

  // For who decides whether a call is worth it.
  Result<DayLeft> day_left();

  // What was spent on the whole days of the last 30.
  Result<PastCalls> past_calls();

  // What was spent on each of the last 30 days, today too.
  Result<std::vector<CallsOfDay>> calls_by_day();

  // Everything but the open connections and the price, which the ledger does not know.
  Result<Usage> usage();

  // The clocks of this host, by which a call that was spent grows old.
  HostTime host_time() const { return {.wall = clock_->now(), .steady = clock_->steady_now()}; }

 private:
  // The calls of a day that are not kept back for people.
  std::int64_t calls_for_all() const {
    return options_.calls_per_day - options_.reserves.interactive;
  }
  Milliseconds shared_time(store::Statements& sql) const;
  Result<void> require_zone(store::Statements& sql) const;
  Result<void> charge_old_day(store::Statements& sql, const ServerTime& time,
                              SpentCall& call) const;
  std::vector<std::string> days_to_charge(store::Statements& sql, const ServerTime& time) const;
  bool charge(store::Statements& sql, const std::string& day, const ServerTime& time,
              bool is_for_people, SpentCall& call) const;
  Milliseconds good_for(const ServerTime& time) const;
  std::optional<std::int64_t> charge_probe(store::Statements& sql, const std::string& day,
                                           TimePoint now) const;
  void open_day(store::Statements& sql, const std::string& day, const ServerTime& time) const;
  void close_day(store::Statements& sql, const std::string& day, TimePoint now,
                 bool is_certain) const;
  void reopen_day(store::Statements& sql, const std::string& day, bool is_probe) const;
  void count_throttled(store::Statements& sql, const std::string& day, TimePoint now) const;
  std::vector<std::string> days_of(const TimeSpan& span) const;
  void heed_date(store::Statements& sql, const SpentCall& call, TimePoint date) const;
  std::int64_t calls_missed(store::Statements& sql, const SpentCall& call, const std::string& day,
                            bool is_first_answer) const;
  std::string day_meant(const SpentCall& call, const std::optional<TimePoint>& date) const;
  void heed(store::Statements& sql, const CallAnswer& answer, const SpentCall& call) const;
  void read_today(store::Statements& sql, Usage& usage) const;
  bool may_probe(store::Statements& sql, const std::string& day, TimePoint now) const;
  Error exhausted(store::Statements& sql, const std::string& day, const ServerTime& time) const;

  store::Store& store_;
  const std::shared_ptr<Clock> clock_;
  const OrgCalendar calendar_;
  const LedgerOptions options_;
  std::string zone_;  // as the store names it; empty before claim_zone()
};

}  // namespace weir::budget
