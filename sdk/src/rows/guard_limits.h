// What a table that lost many rows is taken for a mistake by, where nobody has said how many it may
// lose. Pure values.
#pragma once

#include <cstdint>

namespace weir::outbox {

// More than half of so many rows, or more.
inline constexpr double kGuardPercent = 50;
inline constexpr std::int64_t kGuardedRows = 20;
// Of a table that may be cut off.
inline constexpr double kCutOffPercent = 10;

}  // namespace weir::outbox
