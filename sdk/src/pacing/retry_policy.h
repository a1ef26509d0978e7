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

}  // namespace weir::pacing
