// What the ledger tells of the calls.
#include <algorithm>

#include "budget/connection_limit.h"
#include "budget/counters.h"
#include "budget/forecast.h"
#include "budget/ledger.h"
#include "budget/ledger_sql.h"

namespace weir::budget {

Result<Usage> Ledger::usage() {
  return store_.database->read([&](store::Statements& sql) -> Result<Usage> {
    const ServerTime time = server_time(sql, options_.host, host_time());
    const TimePoint now = time.likely();
    Usage usage;
    usage.now = now;
    usage.limit = options_.calls_per_day;
    usage.org_day = calendar_.day_of(now);
    usage.resets_at = calendar_.next_reset(now);
    usage.clock_is_observed = time.is_observed();
    usage.connections_allowed =
        budget::connections_allowed(sql, options_.max_connections, shared_time(sql));
    read_today(sql, usage);
    usage.log = last_calls(sql);
    if (!usage.log.empty()) usage.last_call_at = usage.log.front().time;
    usage.totals = call_totals(sql, calendar_.day_of(now - kRemembered), usage.org_day);
    usage.lasts_until = lasts_until(usage, now);
    return usage;
  });
}

Result<PastCalls> Ledger::past_calls() {
  return store_.database->read([&](store::Statements& sql) -> Result<PastCalls> {
    const TimePoint now = server_time(sql, options_.host, host_time()).likely();
    const TimePoint yesterday = calendar_.day_begin(now) - Milliseconds{1};
    const std::string oldest = calendar_.day_of(now - kRemembered);
    const std::string first = first_day_with_calls(sql, oldest);
    PastCalls past{.totals = call_totals(sql, oldest, calendar_.day_of(yesterday))};
    if (past.totals.empty()) return past;
    for (TimePoint day = yesterday; calendar_.day_of(day) >= first;
         day = calendar_.day_begin(day) - Milliseconds{1})
      ++past.days;
    return past;
  });
}

Result<std::vector<CallsOfDay>> Ledger::calls_by_day() {
  return store_.database->read([&](store::Statements& sql) -> Result<std::vector<CallsOfDay>> {
    const TimePoint now = server_time(sql, options_.host, host_time()).likely();
    return budget::calls_by_day(sql, calendar_.day_of(now - kRemembered));
  });
}

Result<DayLeft> Ledger::day_left() {
  return store_.database->read([&](store::Statements& sql) -> Result<DayLeft> {
    const HostTime here = host_time();
    const ServerTime time = server_time(sql, options_.host, here);
    DayLeft left{.calls = options_.calls_per_day, .clock_ahead = here.wall - time.likely()};
    // A call is charged to every day that it may be.
    for (const TimeSpan& span : time.possible) {
      Usage usage;
      usage.org_day = calendar_.day_of(span.middle());
      usage.limit = options_.calls_per_day;
      read_today(sql, usage);
      std::int64_t calls = usage.left - usage.reserve;
      if (calls < 1 && may_probe(sql, usage.org_day, time.likely())) calls = 1;
      left.calls = std::min(left.calls, calls);
    }
    for (const TimeSpan& span : time.possible)
      left.doubt = std::max({left.doubt, span.to - time.likely(), time.likely() - span.from});
    return left;
  });
}

// Whether a call would be granted that tries a closed day.
bool Ledger::may_probe(store::Statements& sql, const std::string& day, TimePoint now) const {
  return first_number(sql.run("SELECT 1 FROM org_days WHERE org_day = $1 AND closed = 1 AND "
                              "probe_at_ms <= $2 AND used < $3",
                              {day, unix_ms(now), options_.calls_per_day}))
      .has_value();
}

void Ledger::read_today(store::Statements& sql, Usage& usage) const {
  const auto lines =
      sql.run("SELECT used, outside, closed FROM org_days WHERE org_day = $1", {usage.org_day});
  if (!lines.empty()) {
    usage.calls_today = lines.front().integer(0);
    usage.outside = lines.front().integer(1);
    usage.closed = lines.front().integer(2) != 0;
  }
  const std::int64_t for_others =
      std::max(options_.reserves.outside, counter(sql, kLearnedReserve));
  usage.reserve =
      options_.reserves.interactive + std::max<std::int64_t>(0, for_others - usage.outside);
  std::int64_t left = usage.limit - usage.calls_today - usage.outside;
  const ServerTime time = server_time(sql, options_.host, host_time());
  if (const auto old = old_day(sql, time.possible.front().from)) {
    usage.old_day = {.calls = old->used, .ends = old->ends};
    const std::int64_t left_of_old = usage.limit - old->used;
    if (left_of_old <= 0 && left > 0) usage.resets_at = old->ends;
    left = std::min(left, left_of_old);
  }
  usage.left = usage.closed ? 0 : std::max<std::int64_t>(0, left);
}

}  // namespace weir::budget
