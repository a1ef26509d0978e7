#include "daemon/sources/timetable.h"

#include <date/tz.h>

#include <stdexcept>
#include <utility>

namespace weir::daemon {

Result<Timetable> Timetable::open(Schedule schedule, const std::string& zone) {
  if (schedule.at.empty()) return Timetable(std::move(schedule), nullptr);
  try {
    return Timetable(std::move(schedule), date::locate_zone(zone));
  } catch (const std::runtime_error&) {
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "there is no time zone '" + zone +
                            "' in this system's database; correct time_zone"};
  }
}

std::optional<TimePoint> Timetable::next(TimePoint begun, TimePoint now) const {
  std::optional<TimePoint> first = next_time_of_day(now);
  if (!schedule_.every || *schedule_.every <= Milliseconds{0}) return first;
  // What took longer than its time goes on with the next beat. A clock that was set back starts the
  // beat anew.
  const Milliseconds every = *schedule_.every;
  const TimePoint beat = begun > now ? now + every : begun + every * ((now - begun) / every + 1);
  return first && *first < beat ? first : beat;
}

std::optional<TimePoint> Timetable::next_time_of_day(TimePoint now) const {
  if (schedule_.at.empty()) return std::nullopt;
  std::optional<TimePoint> first;
  const date::local_days today = date::floor<date::days>(zone_->to_local(now));
  // A gap is at most a day long (Samoa left a whole one out), so the next time is within three
  // days.
  for (int day = -1; day <= 3; ++day) {
    for (const std::chrono::minutes time : schedule_.at) {
      const auto local = today + date::days(day) + time;
      const TimePoint instant =
          date::floor<Milliseconds>(zone_->to_sys(local, date::choose::earliest));
      if (instant > now && (!first || instant < *first)) first = instant;
    }
  }
  return first;
}

}  // namespace weir::daemon
