// Moments as ISO 8601 texts of UTC. Pure functions, thread-safe.
#pragma once

#include <weir/clock.h>

#include <optional>
#include <string>
#include <string_view>

namespace weir::text {

// With or without a fraction and an offset; empty when it is none.
std::optional<TimePoint> parse_time(std::string_view text);

// 2026-11-24T08:00:00Z
std::string format_time(TimePoint time);

}  // namespace weir::text
