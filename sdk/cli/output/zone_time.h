// Moments as people of an organization read them: in its time zone.
#pragma once

#include <weir/clock.h>

#include <optional>
#include <string>

namespace weir::cli {

// "2026-11-30 00:00 CET". The zone is an IANA name that the SDK has accepted; an empty one is UTC.
// Sets the program's TZ, so for one thread at a time.
std::string zone_time(TimePoint time, const std::string& zone);

// When the day "2026-11-01" begins in a zone, or so many days after it; empty when it is no day.
// Sets TZ as well.
std::optional<TimePoint> day_in_zone(const std::string& day, const std::string& zone,
                                     int days_after);

// "in 12 h 30 min", so that nobody has to know how far their clock is from UTC.
std::string from_now(TimePoint time, TimePoint now);

}  // namespace weir::cli
