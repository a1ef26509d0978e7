// ServerClock: what this host knows of the platform's clock, whose midnight begins the org day.
//
// Every answer carries the server's time in its Date header, to the second. It is kept against the
// host's steady time, which nobody sets, so a wall clock that is changed moves nothing; and against
// the wall clock, which goes on where steady time stands still (a suspended virtual machine). Where
// the two tell different times, or the server's own clock jumped, both are possible, until the next
// answer tells which. A Date more than a week from all that the platform told before and from the
// local clock may be a proxy's: however often it comes, what was known before stays possible until
// the local clock agrees. Before the first answer since the host was started the local clock is
// trusted to five minutes, and what the platform has told the store's hosts earlier counts
// (ledger.h).
//
// Works within a transaction on the line of this host; no state of its own.
#pragma once

#include <weir/clock.h>

#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace weir::budget {

// The moment lies between the two.
struct TimeSpan {
  TimePoint from;
  TimePoint to;

  TimePoint middle() const { return from + (to - from) / 2; }
};

// The clocks of the host at one moment.
struct HostTime {
  TimePoint wall;
  Milliseconds steady;
};

struct ServerTime {
  // The spans in which the server's time may lie, most likely first; never empty.
  std::vector<TimeSpan> possible;
  // How long ago an answer of the server told it; empty when only the local clock is known.
  std::optional<Milliseconds> told_ago = {};

  bool is_observed() const { return told_ago.has_value(); }

  TimePoint likely() const { return possible.front().middle(); }
};

// The server's time at `now`.
ServerTime server_time(store::Statements& sql, const std::string& host, const HostTime& now);

// The latest that the platform has told any host of the store; empty before its first answer. The
// platform's time is not before it.
std::optional<TimeSpan> latest_told(store::Statements& sql);

// An answer that was asked for at `sent` and had arrived at `received` carried this Date.
void observe_server_time(store::Statements& sql, const std::string& host, const HostTime& sent,
                         const HostTime& received, TimePoint date);

}  // namespace weir::budget
