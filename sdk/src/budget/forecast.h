// When the calls that are left will be spent, if calls go on at the rate of the last hour.
#pragma once

#include <weir/usage.h>

#include <optional>

namespace weir::budget {

// Reads the log, the reset and what is left. Empty when the calls last until the reset, or when
// nothing was called within the hour.
std::optional<TimePoint> lasts_until(const Usage& usage, TimePoint now);

}  // namespace weir::budget
