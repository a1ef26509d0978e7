#include "pacing/retry_policy.h"

#include <algorithm>

namespace weir::pacing {
namespace {

constexpr Milliseconds kFirstRest = std::chrono::seconds{1};
constexpr Milliseconds kLongestDoubled = std::chrono::minutes{10};
// A bare 429 without a Retry-After (docs/platform-facts.md, "Unknown").
constexpr Milliseconds kThrottledRest = std::chrono::seconds{60};

Milliseconds doubled(Milliseconds first, int failures) {
  return std::min(kLongestDoubled, first * (1 << std::min(failures - 1, 16)));
}

}  // namespace

std::optional<Milliseconds> rest_after(const Error& error, int failures) {
  switch (error.code) {
    case ErrorCode::kLocked:
    case ErrorCode::kTooManyConnections:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kBadResponse:
    case ErrorCode::kStoreBusy:
    case ErrorCode::kStoreFull:
    case ErrorCode::kStoreUnreachable:
      return doubled(kFirstRest, failures);
    case ErrorCode::kThrottled:
      return error.retry_after ? Milliseconds(*error.retry_after)
                               : doubled(kThrottledRest, failures);
    default:
      return std::nullopt;
  }
}

}  // namespace weir::pacing
