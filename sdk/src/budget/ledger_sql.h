// What the parts of the ledger share.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "store/database.h"

namespace weir::budget {

// How long the days that have ended are kept.
inline constexpr Milliseconds kRemembered = std::chrono::hours{30 * 24};

inline std::optional<std::int64_t> first_number(const std::vector<store::SqlRow>& lines) {
  if (lines.empty()) return std::nullopt;
  return lines.front().integer(0);
}

inline std::int64_t unix_ms(TimePoint time) { return time.time_since_epoch().count(); }

}  // namespace weir::budget
