// The recorded day of examples/data/storm-day: what the customer's system held at midnight, and
// every change after it.
#pragma once

#include <weir/clock.h>
#include <weir/row.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace weir::demo {

struct TimedChange {
  TimePoint time;
  std::string source;
  Change change;
};

// Rows by key, by data source.
using Tables = std::map<std::string, std::map<std::string, Row>>;

struct StormDay {
  // The organization's zone, and its midnight at which the recording begins.
  std::string time_zone = "America/Los_Angeles";
  TimePoint midnight{Milliseconds{1'707'120'000'000}};
  std::vector<std::string> columns;  // key first
  Tables initial;                    // every data source, also the empty ones
  std::vector<TimedChange> changes;  // in order of time
};

// Throws std::runtime_error when a file is missing or not as its README says.
StormDay load_storm_day(const std::string& folder);

// What the customer's system holds after a change.
void apply_to(Tables& tables, const TimedChange& change);

}  // namespace weir::demo
