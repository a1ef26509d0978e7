#include "budget/server_clock.h"

#include <algorithm>
#include <optional>

namespace weir::budget {
namespace {

// How far the local clock and the server's may be apart while nothing is known of the server's.
constexpr Milliseconds kUnknown = std::chrono::minutes{5};

// A Date further than this from what the platform told before and from the local clock is not
// believed alone: it may be that of a proxy.
constexpr Milliseconds kFar = std::chrono::hours{24 * 7};

// A Date header is cut to whole seconds.
constexpr Milliseconds kDateStep = std::chrono::seconds{1};

// How much two clocks drift apart, in parts: 500 in a million is the most by which NTP slews one.
constexpr std::int64_t kDriftParts = 2000;

// The server's time less the host's wall time at the moment of observation.
struct Offset {
  std::int64_t lo;
  std::int64_t hi;
};

bool overlap(const Offset& a, const Offset& b) { return a.lo <= b.hi && b.lo <= a.hi; }

constexpr Offset kLocalClock{-kUnknown.count(), kUnknown.count()};

bool is_near(const Offset& a, const Offset& b) {
  return a.lo - kFar.count() <= b.hi && b.lo - kFar.count() <= a.hi;
}

bool is_credible(const Offset& told, const Offset& known) {
  return is_near(told, known) || is_near(told, kLocalClock);
}

struct Observation {
  Milliseconds steady;
  TimePoint wall;
  Offset offset;
  // Where the server's clock was before it jumped, until the next answer; after a jump that is not
  // credible, until one that is.
  std::optional<Offset> doubt;
};

std::optional<Observation> last_observation(store::Statements& sql, const std::string& host) {
  const auto lines = sql.run(
      "SELECT steady_ms, wall_ms, lo_ms, hi_ms, doubt_lo_ms, doubt_hi_ms FROM server_clocks "
      "WHERE host = $1",
      {host});
  if (lines.empty()) return std::nullopt;
  const store::SqlRow& line = lines.front();
  Observation last{.steady = Milliseconds(line.integer(0)),
                   .wall = TimePoint(Milliseconds(line.integer(1))),
                   .offset = {line.integer(2), line.integer(3)},
                   .doubt = {}};
  if (!line.is_null(4)) last.doubt = Offset{line.integer(4), line.integer(5)};
  return last;
}

void keep(store::Statements& sql, const std::string& host, const Observation& seen) {
  store::SqlValue doubt_lo;
  store::SqlValue doubt_hi;
  if (seen.doubt) {
    doubt_lo = seen.doubt->lo;
    doubt_hi = seen.doubt->hi;
  }
  sql.run(
      "INSERT INTO server_clocks (host, steady_ms, wall_ms, lo_ms, hi_ms, doubt_lo_ms, "
      "doubt_hi_ms) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (host) DO UPDATE SET "
      "steady_ms = excluded.steady_ms, wall_ms = excluded.wall_ms, lo_ms = excluded.lo_ms, "
      "hi_ms = excluded.hi_ms, doubt_lo_ms = excluded.doubt_lo_ms, "
      "doubt_hi_ms = excluded.doubt_hi_ms",
      {host, seen.steady.count(), seen.wall.time_since_epoch().count(), seen.offset.lo,
       seen.offset.hi, doubt_lo, doubt_hi});
}

// An offset of the observation, as it is `age` later by a clock that shows `clock_now`.
TimeSpan span_at(const Offset& offset, TimePoint clock_now, Milliseconds age) {
  const Milliseconds drift = std::chrono::abs(age) / kDriftParts;
  return {.from = clock_now + Milliseconds(offset.lo) - drift,
          .to = clock_now + Milliseconds(offset.hi) + drift};
}

// Narrows what an answer tells by what was known, or notes that they contradict each other.
void compare(Observation& seen, const Observation& last) {
  const Milliseconds age = seen.steady - last.steady;
  const std::int64_t drift = std::chrono::abs(age).count() / kDriftParts;
  // The wall clock may have been set meanwhile.
  const std::int64_t shift = (last.wall + age - seen.wall).count();
  const auto now = [&](const Offset& offset) {
    return Offset{offset.lo + shift - drift, offset.hi + shift + drift};
  };
  const Offset before = now(last.offset);
  std::optional<Offset> believed;
  if (last.doubt && !is_credible(before, now(*last.doubt))) believed = now(*last.doubt);
  if (overlap(before, seen.offset)) {
    seen.offset = {std::max(before.lo, seen.offset.lo), std::min(before.hi, seen.offset.hi)};
    seen.doubt = believed;
  } else if (!believed) {
    seen.doubt = before;
  } else if (!overlap(*believed, seen.offset)) {
    seen.doubt = believed;
  }
}

// What a first answer after a start of the host contradicts: the local clock, or, where that is
// before what the platform has told already, the latest that it told.
std::optional<Offset> doubt_of_first(store::Statements& sql, TimePoint wall, const Offset& seen) {
  const auto told = latest_told(sql);
  if (!told) return std::nullopt;
  const Offset latest{(told->from - wall).count(), (told->to - wall).count()};
  if (is_credible(seen, latest)) return std::nullopt;
  return latest.lo > kLocalClock.hi ? latest : kLocalClock;
}

}  // namespace

ServerTime server_time(store::Statements& sql, const std::string& host, const HostTime& now) {
  const auto last = last_observation(sql, host);
  if (!last) return {.possible = {{now.wall - kUnknown, now.wall + kUnknown}}};
  const Milliseconds steady_age = now.steady - last->steady;
  const TimePoint by_steady = last->wall + steady_age;
  ServerTime time{.possible = {span_at(last->offset, by_steady, steady_age)},
                  .told_ago = steady_age};
  if (last->doubt) time.possible.push_back(span_at(*last->doubt, by_steady, steady_age));
  // A wall clock that runs ahead of steady time was set, or the machine slept; which, an answer
  // will tell. One that was set back says nothing: time does not go back.
  if (now.wall - by_steady > kUnknown)
    time.possible.push_back(span_at(last->offset, now.wall, steady_age));
  return time;
}

std::optional<TimeSpan> latest_told(store::Statements& sql) {
  const auto lines =
      sql.run("SELECT wall_ms + lo_ms, wall_ms + hi_ms FROM server_clocks ORDER BY 2 DESC LIMIT 1");
  if (lines.empty()) return std::nullopt;
  return TimeSpan{.from = TimePoint(Milliseconds(lines.front().integer(0))),
                  .to = TimePoint(Milliseconds(lines.front().integer(1)))};
}

void observe_server_time(store::Statements& sql, const std::string& host, const HostTime& sent,
                         const HostTime& received, TimePoint date) {
  // The wall clock may have been set during the call, so its start is told by steady time.
  const TimePoint sent_wall = received.wall - (received.steady - sent.steady);
  Observation seen{
      .steady = received.steady,
      .wall = received.wall,
      .offset = {(date - received.wall).count(), (date + kDateStep - sent_wall).count()},
      .doubt = {}};
  const auto last = last_observation(sql, host);
  if (last) {
    compare(seen, *last);
  } else {
    seen.doubt = doubt_of_first(sql, received.wall, seen.offset);
  }
  keep(sql, host, seen);
}

}  // namespace weir::budget
