#include "budget/ledger.h"

#include <algorithm>
#include <utility>

#include "budget/connection_limit.h"
#include "budget/counters.h"
#include "budget/ledger_sql.h"

namespace weir::budget {
namespace {

// A call may reach the platform some time after it was spent.
constexpr Milliseconds kInFlight = std::chrono::seconds{5};

constexpr Milliseconds kProbeEvery = std::chrono::hours{1};

// How often a spent day lets the platform be asked whether it is over, unless a person waits.
constexpr Milliseconds kAskTimeEvery = std::chrono::hours{1};

constexpr Milliseconds kThrottledTooLong = std::chrono::minutes{15};
constexpr std::int64_t kThrottledTooOften = 3;

}  // namespace

Ledger::Ledger(store::Store& store, std::shared_ptr<Clock> clock, OrgCalendar calendar,
               LedgerOptions options)
    : store_(store), clock_(std::move(clock)), calendar_(calendar), options_(std::move(options)) {}

Milliseconds Ledger::shared_time(store::Statements& sql) const {
  return store_.shared_time ? store_.shared_time(sql) : clock_->steady_now();
}

Result<void> Ledger::claim_zone(ZoneUse use, const std::string& location) {
  const auto claim = [&](store::Statements& sql) -> Result<std::string> {
    const TimePoint now = server_time(sql, options_.host, host_time()).likely();
    if (Result<void> ours = budget::claim_zone(sql, calendar_, use, location, now); !ours)
      return ours.error();
    return kept_zone(sql);
  };
  const Result<std::string> kept =
      use == ZoneUse::kLook ? store_.database->read(claim) : store_.database->write(claim);
  if (!kept) return kept.error();
  zone_ = *kept;
  return {};
}

// A process that counted on by the old midnight would spend the day once more.
Result<void> Ledger::require_zone(store::Statements& sql) const {
  const std::string kept = zone_.empty() ? zone_ : kept_zone(sql);
  if (kept == zone_) return {};
  return Error{.code = ErrorCode::kInvalidConfig,
               .message = "the store was moved to the time zone " + kept +
                          " meanwhile, and this program counts by " + calendar_.name() +
                          "; nothing was sent. Correct time_zone and start it again."};
}

// Until the day ends that was under way when the organization moved.
Result<void> Ledger::charge_old_day(store::Statements& sql, const ServerTime& time,
                                    SpentCall& call) const {
  const std::optional<OldDay> old = old_day(sql, time.possible.front().from);
  if (!old) return {};
  call.is_of_old_day = budget::charge_old_day(sql, options_.calls_per_day);
  if (call.is_of_old_day) return {};
  return Error{.code = ErrorCode::kBudgetExhausted,
               .message =
                   "the calls of the day that was under way when the organization moved to "
                   "another time zone are spent; nothing was sent. Waiting changes stay in "
                   "the outbox and can be sent after " +
                   calendar_.local_time(old->ends) + ".",
               .resets_at = old->ends};
}

Result<SpentCall> Ledger::spend(const CallEntry& entry) {
  return store_.database->write([&](store::Statements& sql) -> Result<SpentCall> {
    if (Result<void> same = require_zone(sql); !same) return same.error();
    SpentCall call{.id = 0, .org_days = {}, .sent = host_time()};
    const ServerTime time = server_time(sql, options_.host, call.sent);
    if (entry.charged) {
      call.org_days = days_to_charge(sql, time);
      call.good_for = good_for(time);
      for (const std::string& day : call.org_days) {
        if (!charge(sql, day, time, is_for_people(entry), call)) return exhausted(sql, day, time);
      }
      if (Result<void> old = charge_old_day(sql, time, call); !old) return old.error();
    } else {
      call.id = next_call(sql);
    }
    CallEntry logged = entry;
    logged.host = options_.host;
    log_call(sql, call.id, calendar_.day_of(time.likely()), time.likely(), logged);
    return call;
  });
}

std::vector<std::string> Ledger::days_of(const TimeSpan& span) const {
  std::vector<std::string> days = {calendar_.day_of(span.from), calendar_.day_of(span.to)};
  if (days.front() == days.back()) days.pop_back();
  return days;
}

// Every day on which the platform's clock may stand. While only the local clock is known, and it
// may be wrong, also
// - the day that the platform has told last, to whichever host: so all calls that are made before
//   it tells its time again have one day in common, and no day gets more of them than the limit;
// - every other day that the ledger has seen and that may be today. Not days that lie after all
//   that the platform has ever said: a clock that once ran ahead has named them, and spent they
//   would block everything until they come.
std::vector<std::string> Ledger::days_to_charge(store::Statements& sql,
                                                const ServerTime& time) const {
  std::vector<std::string> days;
  const auto add = [&](const TimeSpan& span) {
    for (std::string& day : days_of(span)) days.push_back(std::move(day));
  };
  for (const TimeSpan& span : time.possible) add({span.from, span.to + kInFlight});
  const std::string latest = *std::max_element(days.begin(), days.end());
  if (!time.is_observed()) {
    const auto told = latest_told(sql);
    if (told) add(*told);
    for (const store::SqlRow& line :
         sql.run("SELECT org_day FROM org_days WHERE org_day > $1",
                 {told ? std::min(latest, calendar_.day_of(told->from)) : latest})) {
      const bool may_be_today =
          !told || line.text(0) <= latest || line.text(0) <= calendar_.day_of(told->to);
      if (may_be_today) days.push_back(line.text(0));
    }
  }
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days;
}

// How long the call may still wait for its first byte, so that it falls on no other day.
Milliseconds Ledger::good_for(const ServerTime& time) const {
  Milliseconds least = Milliseconds::max();
  for (const TimeSpan& span : time.possible)
    least = std::min(least, calendar_.next_reset(span.to + kInFlight) - span.to);
  return least;
}

// What is kept back for others is the most of what they have spent today, what was configured and
// what was learned, which may be wrong and binds nobody who waits. Gives the call the number of its
// line in the log; false when it is refused.
bool Ledger::charge(store::Statements& sql, const std::string& day, const ServerTime& time,
                    bool is_for_people, SpentCall& call) const {
  const std::int64_t cap =
      options_.calls_per_day - (is_for_people ? 0 : options_.reserves.interactive);
  const std::int64_t learned =
      is_for_people ? 0 : std::max<std::int64_t>(0, counter(sql, kLearnedReserve));
  const auto try_to = [&] {
    return first_number(
        sql.run("UPDATE org_days SET used = used + 1 WHERE org_day = $1 AND closed = 0 AND "
                "used + outside < $2 AND used + $3 < $2 AND used + $4 < $2 RETURNING " +
                    std::string(kNextCall),
                {day, cap, options_.reserves.outside, learned}));
  };
  std::optional<std::int64_t> number = try_to();
  if (!number) {
    open_day(sql, day, time);
    number = try_to();
  }
  if (!number) {
    number = charge_probe(sql, day, time.likely());
    call.is_probe = call.is_probe || number.has_value();
  }
  if (number) call.id = *number;
  return number.has_value();
}

// A day that the platform closed may be open after all: its words were meant in another way, or our
// midnight is not the platform's.
std::optional<std::int64_t> Ledger::charge_probe(store::Statements& sql, const std::string& day,
                                                 TimePoint now) const {
  return first_number(
      sql.run("UPDATE org_days SET used = used + 1, probe_at_ms = $3 WHERE org_day = $1 AND "
              "closed = 1 AND probe_at_ms <= $2 AND used < $4 RETURNING " +
                  std::string(kNextCall),
              {day, unix_ms(now), unix_ms(now + kProbeEvery), options_.calls_per_day}));
}

void Ledger::open_day(store::Statements& sql, const std::string& day,
                      const ServerTime& time) const {
  const bool is_new =
      !sql.run(
              "INSERT INTO org_days (org_day, used) VALUES ($1, 0) ON CONFLICT (org_day) DO "
              "NOTHING RETURNING used",
              {day})
           .empty();
  // By a clock that may be wrong, days that still count could be forgotten.
  const bool is_sure = time.is_observed() && time.possible.size() == 1;
  if (!is_new || !is_sure) return;
  const std::string oldest = calendar_.day_of(time.likely() - kRemembered);
  // The platform's clock may be set back to a day that still counts.
  forget_days_before(sql, std::min(oldest, calendar_.day_of(host_time().wall - kRemembered)));
  learn_outside_reserve(sql, oldest, calls_for_all());
}

Error Ledger::exhausted(store::Statements& sql, const std::string& day,
                        const ServerTime& time) const {
  // Just after midnight the day that is spent may still be yesterday.
  TimePoint resets_at = calendar_.next_reset(time.possible.front().from);
  for (const TimeSpan& span : time.possible) {
    if (calendar_.day_of(span.from) == day) resets_at = calendar_.next_reset(span.from);
  }
  Usage usage;
  usage.org_day = day;
  usage.limit = options_.calls_per_day;
  read_today(sql, usage);
  const std::string kept_back =
      usage.left == 0 ? ""
                      : " (" + std::to_string(usage.left) +
                            " are kept back for people and others; if that is wrong, tell the "
                            "portal's count: weir usage --calibrate N, or Client::calibrate())";
  return {.code = ErrorCode::kBudgetExhausted,
          .message = "the organization's calls of " + day + " are spent" + kept_back +
                     "; nothing was sent. Waiting changes stay in the "
                     "outbox and can be sent after the reset at " +
                     calendar_.local_time(resets_at) + ".",
          .resets_at = resets_at};
}

Result<DayDoubt> Ledger::doubt_of_day(bool somebody_waits) {
  return store_.database->read([&](store::Statements& sql) -> Result<DayDoubt> {
    const ServerTime time = server_time(sql, options_.host, host_time());
    if (!time.is_observed()) return latest_told(sql) ? DayDoubt::kUnknown : DayDoubt::kNone;
    const bool is_contradicted = time.possible.size() > 1;
    const bool is_worth_it = somebody_waits || *time.told_ago >= kAskTimeEvery;
    return is_contradicted || is_worth_it ? DayDoubt::kSlight : DayDoubt::kNone;
  });
}

Result<void> Ledger::refund(const SpentCall& call) {
  return store_.database->write([&](store::Statements& sql) -> Result<void> {
    for (const std::string& day : call.org_days) {
      sql.run("UPDATE org_days SET used = used - 1 WHERE org_day = $1 AND used > 0", {day});
    }
    if (call.is_of_old_day) refund_old_day(sql);
    uncharge_call(sql, call.id);
    return {};
  });
}

Result<void> Ledger::settle(const SpentCall& call, const CallAnswer& answer) {
  return store_.database->write([&](store::Statements& sql) -> Result<void> {
    log_answer(sql, call.id, answer.status);
    if (answer.date) heed_date(sql, call, *answer.date);
    // An exempt request says nothing of a day, but its connection was one like any other.
    const bool is_exempt = call.org_days.empty();
    if (!is_exempt || answer.word == CallAnswer::Word::kTooManyConnections) heed(sql, answer, call);
    return {};
  });
}

// A call may turn out to have fallen on a day to which it was not charged: then it is charged to
// that one too.
void Ledger::heed_date(store::Statements& sql, const SpentCall& call, TimePoint date) const {
  const ServerTime believed = server_time(sql, options_.host, call.sent);
  observe_server_time(sql, options_.host, call.sent, host_time(), date);
  const std::string day = calendar_.day_of(date);
  const std::int64_t missed = calls_missed(sql, call, day, !believed.is_observed());
  if (missed == 0) return;
  open_day(sql, day, believed);
  sql.run("UPDATE org_days SET used = used + $2 WHERE org_day = $1", {day, missed});
}

// With the first answer since the host was started, so may the calls before it that had none; some
// of them may be charged twice.
std::int64_t Ledger::calls_missed(store::Statements& sql, const SpentCall& call,
                                  const std::string& day, bool is_first_answer) const {
  const auto& days = call.org_days;
  const bool is_charged = std::find(days.begin(), days.end(), day) != days.end();
  std::int64_t missed = 0;
  if (!days.empty() && (is_first_answer || !is_charged) && move_to_day(sql, call.id, day))
    missed = is_charged ? 0 : 1;
  return missed + (is_first_answer ? move_all_to_day(sql, options_.host, day) : 0);
}

// Of which of the days that the call was charged to an answer speaks. Near midnight a limit is
// about the older one: to close the next one as well could cost a whole day.
std::string Ledger::day_meant(const SpentCall& call, const std::optional<TimePoint>& date) const {
  const auto& days = call.org_days;
  if (days.empty()) return "";
  const std::string told = date ? calendar_.day_of(*date - kInFlight) : "";
  return std::find(days.begin(), days.end(), told) != days.end() ? told : days.front();
}

void Ledger::heed(store::Statements& sql, const CallAnswer& answer, const SpentCall& call) const {
  const TimePoint now = server_time(sql, options_.host, host_time()).likely();
  const std::string day = day_meant(call, answer.date);
  switch (answer.word) {
    case CallAnswer::Word::kLimitReached:
      close_day(sql, day, now, answer.is_certain);
      return;
    case CallAnswer::Word::kTooManyConnections:
      lower_connections(sql, options_.max_connections, shared_time(sql));
      return;
    case CallAnswer::Word::kThrottled:
      count_throttled(sql, day, now);
      return;
    case CallAnswer::Word::kAccepted:
      reopen_day(sql, day, call.is_probe);
      sql.run("DELETE FROM counters WHERE name = $1 OR name = $2",
              {std::string("throttled"), std::string("throttled_since_ms")});
      return;
    case CallAnswer::Word::kOther:
      return;
  }
}

// What Weir has not spent of the day, others have; the refused call itself does not count. A day on
// which nothing was accepted teaches nothing: perhaps it has not begun.
void Ledger::close_day(store::Statements& sql, const std::string& day, TimePoint now,
                       bool is_certain) const {
  sql.run(
      "UPDATE org_days SET closed = 1, "
      "teaches = CASE WHEN accepted = 1 AND $4 = 1 THEN 1 ELSE teaches END, "
      "outside = CASE WHEN accepted = 1 AND outside < $2 - used + 1 AND used <= $2 "
      "THEN $2 - used + 1 ELSE outside END, probe_at_ms = $3 WHERE org_day = $1",
      {day, options_.calls_per_day, unix_ms(now + kProbeEvery), std::int64_t{is_certain ? 1 : 0}});
  learn_outside_reserve(sql, calendar_.day_of(now - kRemembered), calls_for_all());
}

// A call that was under way when another one was refused says nothing of the time after it.
void Ledger::reopen_day(store::Statements& sql, const std::string& day, bool is_probe) const {
  const auto closed = first_number(sql.run(
      "SELECT 1 FROM org_days WHERE org_day = $1 AND closed = 1 AND (accepted = 0 OR $2 = 1)",
      {day, std::int64_t{is_probe ? 1 : 0}}));
  if (closed) {
    sql.run(
        "UPDATE org_days SET closed = 0, teaches = 0, outside = told_outside, probe_at_ms = NULL "
        "WHERE org_day = $1",
        {day});
  }
  sql.run("UPDATE org_days SET accepted = 1 WHERE org_day = $1 AND accepted = 0", {day});
}

// A 429 without a word: the limit only when it goes on and on.
void Ledger::count_throttled(store::Statements& sql, const std::string& day, TimePoint now) const {
  const std::int64_t times = counter(sql, "throttled") + 1;
  if (times == 1) set_counter(sql, "throttled_since_ms", unix_ms(now));
  set_counter(sql, "throttled", times);
  const Milliseconds lasting(unix_ms(now) - counter(sql, "throttled_since_ms"));
  if (times >= kThrottledTooOften && lasting >= kThrottledTooLong) close_day(sql, day, now, true);
}

Result<void> Ledger::calibrate(std::int64_t calls_today) {
  return store_.database->write([&](store::Statements& sql) -> Result<void> {
    const ServerTime time = server_time(sql, options_.host, host_time());
    const std::string day = calendar_.day_of(time.likely());
    open_day(sql, day, time);
    sql.run(
        "UPDATE org_days SET closed = 0, probe_at_ms = NULL, outside = CASE WHEN used < $2 THEN $2 "
        "- "
        "used ELSE 0 END, told_outside = CASE WHEN used < $2 THEN $2 - used ELSE 0 END "
        "WHERE org_day = $1",
        {day, calls_today});
    sql.run("UPDATE org_days SET teaches = 0 WHERE teaches <> 0");
    set_counter(sql, kLearnedReserve, 0);
    return {};
  });
}

Result<int> Ledger::connections_allowed() {
  return store_.database->read([&](store::Statements& sql) -> Result<int> {
    return budget::connections_allowed(sql, options_.max_connections, shared_time(sql));
  });
}

}  // namespace weir::budget
