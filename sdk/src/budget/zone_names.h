// Names of time zones: which ones exist here, and which one a person who mistyped probably meant.
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace weir::budget {

// Whether the system's time zone database lists the name.
bool is_zone_name(std::string_view name);

// ": did you mean America/Los_Angeles?", or ", such as America/Los_Angeles." when nothing is
// similar.
std::string did_you_mean(std::string_view name);

}  // namespace weir::budget
