#include "budget/calls_log.h"

#include "os/process.h"

namespace weir::budget {
namespace {

constexpr std::int64_t kTrimEvery = 50;

// How well the platform's time is known after one answer.
constexpr Milliseconds kKnownTo = std::chrono::seconds{2};

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

void add_to_totals(store::Statements& sql, const std::string& day, const CallEntry& entry) {
  sql.run_later(
      "INSERT INTO call_totals (org_day, target, reason, calls, row_count) "
      "VALUES ($1, $2, $3, 1, $4) ON CONFLICT (org_day, target, reason) DO UPDATE SET "
      "calls = call_totals.calls + 1, row_count = call_totals.row_count + excluded.row_count",
      {day, entry.target, entry.reason, entry.rows});
}

// As more answers come, the platform's time is known better: a call may be noted up to a second
// before the one ahead of it.
void put_in_order(std::vector<CallRecord>& newest_first) {
  for (std::size_t i = newest_first.size(); i-- > 1;) {
    const TimePoint before = newest_first[i].time;
    TimePoint& time = newest_first[i - 1].time;
    if (time < before && before - time <= kKnownTo) time = before;
  }
}

}  // namespace

std::int64_t next_call(store::Statements& sql) {
  return sql.run("SELECT " + std::string(kNextCall)).at(0).integer(0);
}

void log_call(store::Statements& sql, std::int64_t number, const std::string& day, TimePoint now,
              const CallEntry& entry) {
  sql.run_later(
      "INSERT INTO calls (id, org_day, time_ms, method, target, row_count, status, reason, "
      "charged, process, host) VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8, $9, $10)",
      {number, day, now.time_since_epoch().count(), entry.method, entry.target, entry.rows,
       entry.reason, std::int64_t{entry.charged}, os::process_id(), entry.host});
  // Not with each call: removing one line costs as much as removing many.
  if (number % kTrimEvery == 0)
    sql.run_later("DELETE FROM calls WHERE id <= $1", {number - kLogLength});
  if (entry.charged) add_to_totals(sql, day, entry);
}

bool move_to_day(store::Statements& sql, std::int64_t id, const std::string& day) {
  return !sql.run("UPDATE calls SET org_day = $2 WHERE id = $1 AND org_day <> $2 RETURNING id",
                  {id, day})
              .empty();
}

std::int64_t move_all_to_day(store::Statements& sql, const std::string& host,
                             const std::string& day) {
  const auto moved = sql.run(
      "UPDATE calls SET org_day = $2 WHERE host = $1 AND org_day <> $2 AND charged = 1 "
      "RETURNING id",
      {host, day});
  return static_cast<std::int64_t>(moved.size());
}

void uncharge_call(store::Statements& sql, std::int64_t id) {
  const auto lines = sql.run(
      "UPDATE calls SET charged = 0 WHERE id = $1 AND charged = 1 RETURNING org_day, target, "
      "reason, "
      "row_count",
      {id});
  // It was never charged; or it is more than 250 calls ago, so that its line is gone, and with it
  // the way to its totals.
  if (lines.empty()) return;
  const store::SqlRow& line = lines.front();
  sql.run(
      "UPDATE call_totals SET calls = calls - 1, row_count = row_count - $4 "
      "WHERE org_day = $1 AND target = $2 AND reason = $3",
      {line.text(0), line.text(1), line.text(2), line.integer(3)});
}

void log_answer(store::Statements& sql, std::int64_t id, int status) {
  sql.run_later("UPDATE calls SET status = $2 WHERE id = $1", {id, std::int64_t{status}});
}

std::vector<CallRecord> last_calls(store::Statements& sql) {
  std::vector<CallRecord> calls;
  sql.for_each(
      "SELECT time_ms, method, target, row_count, status, reason, charged, process FROM calls "
      "ORDER BY id DESC LIMIT $1",
      {kLogLength}, [&](const store::SqlRow& line) { calls.push_back(record_of(line)); });
  put_in_order(calls);
  return calls;
}

std::vector<CallTotal> call_totals(store::Statements& sql, const std::string& oldest_day,
                                   const std::string& newest_day) {
  std::vector<CallTotal> totals;
  sql.for_each(
      "SELECT target, reason, CAST(sum(calls) AS BIGINT), CAST(sum(row_count) AS BIGINT) "
      "FROM call_totals WHERE org_day >= $1 AND org_day <= $2 GROUP BY target, reason "
      "HAVING sum(calls) > 0 ORDER BY 3 DESC, target, reason",
      {oldest_day, newest_day}, [&](const store::SqlRow& line) {
        totals.push_back({.target = line.text(0),
                          .reason = line.text(1),
                          .calls = line.integer(2),
                          .rows = line.integer(3)});
      });
  return totals;
}

std::vector<CallsOfDay> calls_by_day(store::Statements& sql, const std::string& oldest_day) {
  std::vector<CallsOfDay> days;
  sql.for_each(
      "SELECT org_day, target, CAST(sum(calls) AS BIGINT), CAST(sum(row_count) AS BIGINT) "
      "FROM call_totals WHERE org_day >= $1 GROUP BY org_day, target HAVING sum(calls) > 0 "
      "ORDER BY org_day, 3 DESC, target",
      {oldest_day}, [&](const store::SqlRow& line) {
        days.push_back({.org_day = line.text(0),
                        .target = line.text(1),
                        .calls = line.integer(2),
                        .rows = line.integer(3)});
      });
  return days;
}

std::map<std::string, SpentDay> spent_days(store::Statements& sql) {
  std::map<std::string, SpentDay> days;
  sql.for_each("SELECT org_day, used, outside FROM org_days", {}, [&](const store::SqlRow& line) {
    days[line.text(0)] = {.used = line.integer(1), .outside = line.integer(2)};
  });
  return days;
}

std::string first_day_with_calls(store::Statements& sql, const std::string& oldest_day) {
  const auto lines = sql.run(
      "SELECT org_day FROM call_totals WHERE org_day >= $1 AND calls > 0 ORDER BY org_day LIMIT 1",
      {oldest_day});
  return lines.empty() ? "" : lines.front().text(0);
}

void forget_days_before(store::Statements& sql, const std::string& day) {
  sql.run("DELETE FROM call_totals WHERE org_day < $1", {day});
  sql.run("DELETE FROM org_days WHERE org_day < $1", {day});
}

}  // namespace weir::budget
