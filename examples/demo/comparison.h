// What the same day would have been without Weir: one call per change, or each data source looked
// at once an interval. Computed from the recording; nothing is sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storm_day.h"

namespace weir::demo {

struct Alternative {
  std::string name = {};
  std::int64_t calls = 0;         // made, within the day's
  std::int64_t calls_wanted = 0;  // the same with calls without end
  // When the day's calls were spent, as HH:MM of the organization; empty when they lasted.
  std::optional<std::string> spent_at = {};
  // A change that no call has carried by midnight has waited until then.
  double mean_seconds_until_current = 0;
};

// `calls` are those that the day has left after the first publish of all data sources, which every
// way needs. Throws std::runtime_error when the simulation reports an error.
std::vector<Alternative> alternatives(const StormDay& day, std::int64_t calls);

// How many changes make a row another: some rows of the recording come again as they were.
std::int64_t changes_that_matter(const StormDay& day);

}  // namespace weir::demo
