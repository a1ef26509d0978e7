#include "budget/org_calendar.h"

#include <date/tz.h>

#include "budget/zone_file.h"
#include "budget/zone_names.h"

namespace weir::budget {

namespace {

Error slim_file(const std::string& zone_name) {
  return {.code = ErrorCode::kInvalidConfig,
          .message = "the time zone file of " + zone_name +
                     " lacks today's daylight saving changes ('slim' format), so the org day could "
                     "not be told. Install time zone files in the 'fat' format, as Debian's "
                     "package tzdata has them, or make them with: zic -b fat"};
}

}  // namespace

Result<OrgCalendar> OrgCalendar::open(const std::string& zone_name, TimePoint now) {
  // Some files of the database are no zones of people, and a path must never be followed.
  if (is_zone_name(zone_name)) {
    try {
      const date::time_zone* zone = date::locate_zone(zone_name);
      if (ends_too_early(read_zone_file(zone_name), now)) return slim_file(zone_name);
      // The file is opened by the first question to it; a later failure would end the program.
      static_cast<void>(zone->get_info(std::chrono::floor<std::chrono::seconds>(now)));
      return OrgCalendar(zone);
    } catch (const std::runtime_error&) {
      // Named below, together with what was probably meant.
    }
  }
  return Error{.code = ErrorCode::kInvalidConfig,
               .message = "unknown time zone '" + zone_name +
                          "'. Give the organization's IANA zone, as set in the "
                          "portal" +
                          did_you_mean(zone_name)};
}

std::string OrgCalendar::name() const { return zone_->name(); }

std::string OrgCalendar::day_of(TimePoint instant) const {
  return date::format("%F", date::floor<date::days>(zone_->to_local(instant)));
}

std::string OrgCalendar::local_time(TimePoint instant) const {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(instant);
  return date::format("%F %R ", zone_->to_local(minutes)) + zone_->get_info(minutes).abbrev +
         date::format(" (%R UTC)", minutes);
}

TimePoint OrgCalendar::day_begin(TimePoint instant) const {
  const date::local_days today = date::floor<date::days>(zone_->to_local(instant));
  return zone_->to_sys(date::local_time<Milliseconds>(today), date::choose::earliest);
}

TimePoint OrgCalendar::next_reset(TimePoint instant) const {
  const date::local_days today = date::floor<date::days>(zone_->to_local(instant));
  // Where midnight is missing, the earliest choice is the instant at which the clocks jump over it.
  const auto midnight = date::local_time<Milliseconds>(today + date::days{1});
  return zone_->to_sys(midnight, date::choose::earliest);
}

}  // namespace weir::budget
