#include "pacing/retry_policy.h"

#include <algorithm>

namespace weir::pacing {
namespace {

constexpr Milliseconds kFirstRest = std::chrono::seconds{1};
constexpr Milliseconds kLongestDoubled = std::chrono::minutes{10};
// A bare 429 without a Retry-After (docs/platform-facts.md, "Unknown").
constexpr Milliseconds kThrottledRest = std::chrono::seconds{60};

// The ledger is asked again so often whether a spent day is over: that costs no call, and no clock
// that was set meanwhile can keep us asleep.
constexpr Milliseconds kBudgetRest = std::chrono::minutes{1};
// At most 96 calls a day are spent on a wrong key, which is wrong for everything.
constexpr Milliseconds kKeyRest = std::chrono::minutes{15};
constexpr Milliseconds kHaltRest = std::chrono::hours{1};

Milliseconds doubled(Milliseconds first, int failures) {
  return std::min(kLongestDoubled, first * (1 << std::min(failures - 1, 16)));
}

// What the platform asks for, when it asks for more. No rest is longer than a day.
Milliseconds longer(Milliseconds rest, const Error& error) {
  if (!error.retry_after) return rest;
  return std::clamp<Milliseconds>(*error.retry_after, rest, kLongestRest);
}

}  // namespace

std::optional<Milliseconds> rest_after(const Error& error, int failures) {
  // A spent day ends at its own hour, and an outbox that is full when somebody has sent.
  if (error.code == ErrorCode::kBudgetExhausted || error.code == ErrorCode::kOutboxFull)
    return std::nullopt;
  if (!is_retryable(error.code)) return std::nullopt;
  // Also of one who asks for no rest at all: each try may cost a call.
  if (error.code == ErrorCode::kThrottled && !error.retry_after)
    return doubled(kThrottledRest, failures);
  return longer(doubled(kFirstRest, failures), error);
}

Milliseconds rest_of(const Error& error, int failures) {
  if (const auto rest = rest_after(error, failures)) return std::min(*rest, kLongestRest);
  if (error.code == ErrorCode::kBudgetExhausted) return kBudgetRest;
  return error.code == ErrorCode::kUnauthenticated ? kKeyRest : kHaltRest;
}

bool is_halt(const Error& error) {
  return !rest_after(error, 1) && error.code != ErrorCode::kBudgetExhausted;
}

}  // namespace weir::pacing
