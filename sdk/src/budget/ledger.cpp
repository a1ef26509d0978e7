#include "budget/ledger.h"

#include <algorithm>
#include <utility>

#include "os/store_file.h"

namespace weir::budget {
namespace {

constexpr std::int64_t kLogLength = 250;

// How far this host's clock and the server's may be apart while nothing is known of the server's.
constexpr Milliseconds kClockUncertainty = std::chrono::minutes{5};

CallRecord record_of(const store::SqlRow& line) {
  CallRecord record;
  record.time = TimePoint(Milliseconds(line.integer(0)));
  record.method = line.text(1);
  record.target = line.text(2);
  record.rows = line.integer(3);
  if (!line.is_null(4)) record.status = static_cast<int>(line.integer(4));
  record.reason = line.text(5);
  record.charged = line.integer(6) != 0;
  record.process = line.integer(7);
  return record;
}

void write_log_line(store::Statements& sql, std::int64_t id, const std::string& day, TimePoint now,
                    const CallEntry& entry) {
  sql.run(
      "INSERT INTO calls (id, org_day, time_ms, method, target, row_count, status, reason, "
      "charged, process) "
      "VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, 1, $8)",
      {id, day, now.time_since_epoch().count(), entry.method, entry.target, entry.rows,
       entry.reason, os::process_id()});
  sql.run("DELETE FROM calls WHERE id <= $1", {id - kLogLength});
}

}  // namespace

Ledger::Ledger(store::Database& database, std::shared_ptr<Clock> clock, OrgCalendar calendar,
               std::int64_t calls_per_day)
    : database_(database),
      clock_(std::move(clock)),
      calendar_(calendar),
      calls_per_day_(calls_per_day) {}

Result<SpentCall> Ledger::spend(const CallEntry& entry) {
  return database_.write([&](store::Statements& sql) -> Result<SpentCall> {
    const TimePoint now = clock_->now();
    SpentCall call{.id = 0, .org_days = days_to_charge(sql, now)};
    for (const std::string& day : call.org_days) {
      sql.run(
          "INSERT INTO org_days (org_day, used) VALUES ($1, 0) ON CONFLICT (org_day) DO NOTHING",
          {day});
      const auto granted = sql.run(
          "UPDATE org_days SET used = used + 1 WHERE org_day = $1 AND closed = 0 AND used < $2 "
          "RETURNING used",
          {day, calls_per_day_});
      if (granted.empty()) return exhausted(day, now);
    }
    call.id = sql.run("SELECT coalesce(max(id), 0) + 1 FROM calls").at(0).integer(0);
    write_log_line(sql, call.id, calendar_.day_of(now), now, entry);
    return call;
  });
}

// The day it is here, the day it may be at the server, and every later day that the ledger has
// seen: after the clock was set back, the server may still be on that one.
std::vector<std::string> Ledger::days_to_charge(store::Statements& sql, TimePoint now) const {
  const std::string earliest = calendar_.day_of(now - kClockUncertainty);
  std::vector<std::string> days = {earliest};
  const std::string latest = calendar_.day_of(now + kClockUncertainty);
  if (latest != earliest) days.push_back(latest);
  for (const store::SqlRow& line :
       sql.run("SELECT org_day FROM org_days WHERE org_day > $1", {latest})) {
    days.push_back(line.text(0));
  }
  return days;
}

Error Ledger::exhausted(const std::string& day, TimePoint now) const {
  // Just after midnight the day that is spent may still be yesterday.
  const TimePoint resets_at = calendar_.next_reset(now - kClockUncertainty);
  return {.code = ErrorCode::kBudgetExhausted,
          .message = "the organization's calls of " + day +
                     " are spent; nothing was sent. What waits stays in the "
                     "outbox and can be sent after the reset at " +
                     calendar_.local_time(resets_at) + ".",
          .resets_at = resets_at};
}

Result<void> Ledger::refund(const SpentCall& call) {
  return database_.write([&](store::Statements& sql) -> Result<void> {
    for (const std::string& day : call.org_days) {
      sql.run("UPDATE org_days SET used = used - 1 WHERE org_day = $1 AND used > 0", {day});
    }
    sql.run("UPDATE calls SET charged = 0 WHERE id = $1", {call.id});
    return {};
  });
}

Result<void> Ledger::record_answer(const SpentCall& call, std::optional<int> status) {
  if (!status) return {};
  return database_.write([&](store::Statements& sql) -> Result<void> {
    sql.run("UPDATE calls SET status = $2 WHERE id = $1", {call.id, std::int64_t{*status}});
    return {};
  });
}

Result<void> Ledger::close_day(const SpentCall& call) {
  return database_.write([&](store::Statements& sql) -> Result<void> {
    // Near midnight the answer is about the older day: to close the next one as well could cost a
    // whole day.
    sql.run("UPDATE org_days SET closed = 1 WHERE org_day = $1", {call.org_days.at(0)});
    return {};
  });
}

Result<Usage> Ledger::usage() {
  return database_.read([&](store::Statements& sql) -> Result<Usage> {
    const TimePoint now = clock_->now();
    Usage usage;
    usage.org_day = calendar_.day_of(now);
    usage.limit = calls_per_day_;
    usage.resets_at = calendar_.next_reset(now);
    const auto day =
        sql.run("SELECT used, closed FROM org_days WHERE org_day = $1", {usage.org_day});
    if (!day.empty()) usage.calls_today = day.front().integer(0);
    const bool closed = !day.empty() && day.front().integer(1) != 0;
    usage.left = closed ? 0 : std::max<std::int64_t>(0, calls_per_day_ - usage.calls_today);
    sql.for_each(
        "SELECT time_ms, method, target, row_count, status, reason, charged, process FROM calls "
        "ORDER BY id DESC",
        {}, [&](const store::SqlRow& line) { usage.log.push_back(record_of(line)); });
    if (!usage.log.empty()) usage.last_call_at = usage.log.front().time;
    return usage;
  });
}

}  // namespace weir::budget
