// OrgCalendar: the org days of an organization: the local dates of its time zone, and the instants
// at which they begin.
//
// A day is a local date, never an offset from UTC: days last from 22 to 26 hours, and midnight may
// be missing or come twice. A day begins at the first instant whose local date is that day.
// Immutable, so safe to use from several threads.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace date {
class time_zone;
}

namespace weir::budget {

class OrgCalendar {
 public:
  // kInvalidConfig: no such zone in this system's time zone database; the message suggests similar
  // names. `now` is when its file must still tell the changes to come.
  static Result<OrgCalendar> open(const std::string& zone_name,
                                  TimePoint now = system_clock()->now());

  // "America/Los_Angeles".
  std::string name() const;

  // The org day of an instant, as YYYY-MM-DD, which sorts in time order.
  std::string day_of(TimePoint instant) const;

  // "2024-02-06 00:00 PST (08:00 UTC)", for people.
  std::string local_time(TimePoint instant) const;

  // The first instant of the org day of `instant`.
  TimePoint day_begin(TimePoint instant) const;

  // The first instant after `instant` that belongs to another org day.
  TimePoint next_reset(TimePoint instant) const;

 private:
  explicit OrgCalendar(const date::time_zone* zone) : zone_(zone) {}

  const date::time_zone* zone_;
};

}  // namespace weir::budget
