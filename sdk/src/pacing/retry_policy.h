// When a failed call may be tried again. Pure, thread-safe.
#pragma once

#include <weir/clock.h>
#include <weir/error.h>

#include <optional>

namespace weir::pacing {

// No rest is ever longer, whatever the platform asks for.
inline constexpr Milliseconds kLongestRest = std::chrono::hours{24};

// How long to rest after the `failures`-th failure in a row (1, 2, …): doubling from one second up
// to ten minutes, or what the platform asks for. Empty: trying again cannot help until somebody
// changes something.
std::optional<Milliseconds> rest_after(const Error& error, int failures);

// How long automatic sending and looking rest after that failure: the one table of pushes and
// polls. What trying again cannot help is tried again all the same, seldom: 15 minutes after the
// platform refused the key, an hour after the rest. A spent day costs no call to ask about: a
// minute.
Milliseconds rest_of(const Error& error, int failures);

// Whether such a rest is one that somebody should hear of, for trying again will hardly help.
bool is_halt(const Error& error);

}  // namespace weir::pacing
