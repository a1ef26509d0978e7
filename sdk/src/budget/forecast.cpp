#include "budget/forecast.h"

#include <algorithm>

#include "budget/calls_log.h"

namespace weir::budget {
namespace {

constexpr Milliseconds kLookBack = std::chrono::hours{1};

}  // namespace

std::optional<TimePoint> lasts_until(const Usage& usage, TimePoint now) {
  std::int64_t calls = 0;
  TimePoint oldest = now;
  for (const CallRecord& call : usage.log) {
    if (!call.charged || call.time > now || now - call.time > kLookBack) continue;
    ++calls;
    oldest = std::min(oldest, call.time);
  }
  if (usage.left == 0) return now;
  if (calls == 0) return std::nullopt;
  // A log that is full within the hour began only with its oldest call.
  const bool is_cut = calls >= kLogLength;
  const Milliseconds over = is_cut ? now - oldest : kLookBack;
  const TimePoint spent_at = now + over * usage.left / calls;
  if (spent_at >= usage.resets_at) return std::nullopt;
  return spent_at;
}

}  // namespace weir::budget
