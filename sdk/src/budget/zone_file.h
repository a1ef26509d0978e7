// What a file of the time zone database can tell the date library, and what not.
//
// date 3.0.1 reads the transitions of a zone's file but not the rule at its end (RFC 8536, 3.3). In
// the 'slim' files of some distributions that rule is all there is for today's daylight saving, so
// midnights would be an hour off half of the year. Thread-safe.
#pragma once

#include <weir/clock.h>

#include <string>
#include <string_view>

namespace weir::budget {

// Whether the last transition written out lies before `now` while the rule at the end goes on
// switching. False for what is no such file.
bool ends_too_early(std::string_view content, TimePoint now);

// The content of a zone's file in the system's database; empty when it cannot be read.
std::string read_zone_file(const std::string& zone_name);

}  // namespace weir::budget
