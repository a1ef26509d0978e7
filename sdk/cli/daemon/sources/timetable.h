// Timetable: when something is read again: each so often, or at times of day in the organization's
// zone.
//
// A time of day that daylight saving skips comes at the first instant after the gap; one that comes
// twice counts the first time. What was missed is not made up for. Immutable, so thread-safe.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <optional>
#include <string>

#include "daemon/config/source_config.h"

namespace date {
class time_zone;
}

namespace weir::daemon {

class Timetable {
 public:
  // kInvalidConfig: there are times of day, and no such zone in this system's database.
  static Result<Timetable> open(Schedule schedule, const std::string& zone);

  // The first instant after `now`, for what has begun at `begun`; empty: never by itself.
  std::optional<TimePoint> next(TimePoint begun, TimePoint now) const;

 private:
  Timetable(Schedule schedule, const date::time_zone* zone)
      : schedule_(std::move(schedule)), zone_(zone) {}
  std::optional<TimePoint> next_time_of_day(TimePoint now) const;

  Schedule schedule_;
  const date::time_zone* zone_;
};

}  // namespace weir::daemon
