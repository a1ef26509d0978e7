// OrgZone: the organization's time zone as the platform uses it: the org day of an instant.
// Immutable, thread-safe.
//
// Written apart from the SDK's calendar on purpose: the mock is the judge of the SDK's days.
#pragma once

#include <optional>
#include <string>

#include "virtual_clock.h"

namespace date {
class time_zone;
}

namespace weir::mock {

class OrgZone {
 public:
  // Empty when the system knows no such zone.
  static std::optional<OrgZone> open(const std::string& name);

  // YYYY-MM-DD
  std::string day_of(Instant instant) const;

  // "24 Nov 2026 08:00:00 PST", for people.
  std::string local_time(Instant instant) const;

 private:
  explicit OrgZone(const date::time_zone* zone) : zone_(zone) {}
  const date::time_zone* zone_;
};

// Up to three zones whose names are like this one, separated by ", "; empty when none is.
std::string similar_zones(const std::string& name);

}  // namespace weir::mock
