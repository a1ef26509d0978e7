#include "budget/kept_zone.h"

#include <algorithm>

#include "budget/counters.h"
#include "budget/ledger_sql.h"

namespace weir::budget {
namespace {

const std::string kZone = "time_zone";
constexpr const char* kOldDayEnds = "old_day_ends_ms";
constexpr const char* kOldDayUsed = "old_day_used";

// Each change of the clocks within a year is among them.
constexpr int kDaysCompared = 400;

bool have_same_days(const OrgCalendar& one, const OrgCalendar& other, TimePoint now) {
  TimePoint at = one.day_begin(now);
  if (at != other.day_begin(now) || one.day_of(now) != other.day_of(now)) return false;
  for (int day = 0; day < kDaysCompared; ++day) {
    const TimePoint next = one.next_reset(at);
    if (next != other.next_reset(at)) return false;
    at = next;
  }
  return true;
}

struct DayState {
  std::int64_t used = 0;
  std::int64_t outside = 0;
  std::int64_t closed = 0;
  store::SqlValue probe_at = {};
};

DayState state_of(store::Statements& sql, const std::string& day) {
  DayState state;
  sql.for_each(
      "SELECT used, outside, closed, probe_at_ms FROM org_days WHERE org_day = $1", {day},
      [&](const store::SqlRow& line) {
        state = {.used = line.integer(0), .outside = line.integer(1), .closed = line.integer(2)};
        if (!line.is_null(3)) state.probe_at = line.integer(3);
      });
  return state;
}

std::int64_t number(store::Statements& sql, std::string_view statement,
                    const std::vector<store::SqlValue>& parameters) {
  return first_number(sql.run(statement, parameters)).value_or(0);
}

// By the log when it reaches back that far, or has every call since the first one; else all of the
// old days that this time is a part of.
std::int64_t calls_since(store::Statements& sql, TimePoint begin, const OrgCalendar& before) {
  const std::int64_t since = unix_ms(begin);
  if (!sql.run("SELECT 1 FROM calls WHERE time_ms < $1 OR id = 1 LIMIT 1", {since}).empty())
    return number(sql, "SELECT count(*) FROM calls WHERE charged = 1 AND time_ms >= $1", {since});
  return number(sql,
                "SELECT CAST(coalesce(sum(used), 0) AS BIGINT) FROM org_days WHERE org_day >= $1",
                {before.day_of(begin)});
}

// What others have spent, and what the platform has said, holds for the new day too.
void move_days(store::Statements& sql, const OrgCalendar& before, const OrgCalendar& after,
               TimePoint now) {
  const std::string day = after.day_of(now);
  const DayState old = state_of(sql, before.day_of(now));
  const std::optional<OldDay> older = old_day(sql, now);
  const std::int64_t used = std::max(calls_since(sql, after.day_begin(now), before),
                                     older ? older->used : std::int64_t{0});
  // Days that have not begun by the new midnight.
  sql.run("DELETE FROM org_days WHERE org_day > $1", {day});
  sql.run(
      "INSERT INTO org_days (org_day, used, outside, closed, probe_at_ms) VALUES ($1, $2, $3, $4, "
      "$5) ON CONFLICT (org_day) DO UPDATE SET used = excluded.used, outside = excluded.outside, "
      "closed = excluded.closed, probe_at_ms = excluded.probe_at_ms",
      {day, used, old.outside, old.closed, old.probe_at});
  set_counter(sql, kOldDayEnds, unix_ms(before.next_reset(now)));
  set_counter(sql, kOldDayUsed,
              std::max(old.used + old.outside, older ? older->used : std::int64_t{0}));
}

Error other_zone(const std::string& location, const std::string& kept, const std::string& given) {
  return {.code = ErrorCode::kInvalidConfig,
          .message = "the store " + location + " counts calls by the days of " + kept +
                     ", and the time zone given is " + given +
                     ": a second midnight would be a second budget. Correct time_zone. If the "
                     "organization has moved to " +
                     given +
                     " in the portal, tell the store so: ClientOptions::moves_time_zone; nothing "
                     "was changed."};
}

}  // namespace

std::string kept_zone(store::Statements& sql) {
  const auto lines = sql.run("SELECT value FROM facts WHERE name = $1", {kZone});
  return lines.empty() ? "" : lines.front().text(0);
}

Result<void> claim_zone(store::Statements& sql, const OrgCalendar& calendar, ZoneUse use,
                        const std::string& location, TimePoint now) {
  const std::string kept = kept_zone(sql);
  if (kept == calendar.name()) return {};
  if (!kept.empty()) {
    // A zone that this system no longer has is moved away from as if it were UTC.
    const Result<OrgCalendar> found = OrgCalendar::open(kept, now);
    if (found && have_same_days(*found, calendar, now)) return {};
    if (use != ZoneUse::kMove) return other_zone(location, kept, calendar.name());
    const Result<OrgCalendar> before = found ? found : OrgCalendar::open("UTC", now);
    if (!before) return before.error();
    move_days(sql, *before, calendar, now);
  }
  if (use == ZoneUse::kLook) return {};
  sql.run(
      "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = "
      "excluded.value",
      {kZone, calendar.name()});
  return {};
}

std::optional<OldDay> old_day(store::Statements& sql, TimePoint now) {
  const std::int64_t ends_ms = counter(sql, kOldDayEnds);
  const TimePoint ends{Milliseconds{ends_ms}};
  // 0: there was no move, also for a clock of a test that begins in 1970.
  if (ends_ms == 0 || now >= ends) return std::nullopt;
  return OldDay{.ends = ends, .used = counter(sql, kOldDayUsed)};
}

bool charge_old_day(store::Statements& sql, std::int64_t limit) {
  return !sql.run(
                 "UPDATE counters SET value = value + 1 WHERE name = $1 AND value < $2 RETURNING "
                 "value",
                 {std::string(kOldDayUsed), limit})
              .empty();
}

void refund_old_day(store::Statements& sql) {
  sql.run("UPDATE counters SET value = value - 1 WHERE name = $1 AND value > 0",
          {std::string(kOldDayUsed)});
}

}  // namespace weir::budget
