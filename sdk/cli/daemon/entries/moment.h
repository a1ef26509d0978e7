// Moments as a person gives them on the command line. Pure, thread-safe.
#pragma once

#include <weir/clock.h>

#include <optional>
#include <string>

namespace weir::daemon {

// 2026-11-01T08:00:00Z, with or without a fraction and another offset, or a day alone, which begins
// in UTC; empty when it is none.
std::optional<TimePoint> moment_of(const std::string& text);

}  // namespace weir::daemon
