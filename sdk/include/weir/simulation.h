// Simulation: Weir's calls for a recorded stream of changes. It replays the stream in
// virtual time through the pacing engine, and sends nothing.
//
// Calls take no time and never fail, and reserves are 0. A change is asked for only when its time
// has come, so nothing is decided from the future. Not thread-safe; a week of 34,000 changes takes
// about a second.
//
//   auto report = weir::simulate({.time_zone = "America/Los_Angeles"}, initial, next_change, {});
#pragma once

#include <weir/client_options.h>
#include <weir/clock.h>
#include <weir/export.h>
#include <weir/result.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace weir::inline v0 {

// A row as source and platform both hold it at the start.
struct RecordedRow {
  std::string source;
  std::string key;
  std::vector<std::string> values;
};

struct RecordedChange {
  TimePoint time;
  std::string source;
  std::string key;
  // Empty: the row is deleted.
  std::optional<std::vector<std::string>> values;
};

enum class SimulatedPolicy {
  kPrice,      // at the solved price
  kImmediate,  // send each change at once, as long as the day's calls last
  kInterval,   // look at every data source once an interval, send it if a row is stale
};

enum class SimulatedMode {
  kPush,  // changes are known as they happen, and sent
  kPoll,  // changes are found only by looking, and an empty look costs a call too
};

struct SimulationOptions {
  SimulatedMode mode = SimulatedMode::kPush;
  // kPoll: the data sources to look at, apart from those of the rows at the start.
  std::vector<std::string> known_sources = {};
  std::string time_zone = {};
  std::int64_t calls_per_day = 2500;
  SimulatedPolicy policy = SimulatedPolicy::kPrice;
  Milliseconds interval = {};  // of kInterval
  // Urgency of single data sources, by id, and of all others.
  std::map<std::string, SourceOptions> sources = {};
  SourceOptions other_sources = {};
  std::stop_token stop = {};
};

// A call that was made.
struct SimulatedCall {
  TimePoint time;
  std::string source;
  std::int64_t upserts;
  std::int64_t deletes;
  std::int64_t calls = 1;  // that carried them
};

// How things stand each time the price is solved: every five minutes.
struct SimulatedState {
  TimePoint time;
  double price_row_seconds;  // infinite: nothing may be spent
  std::int64_t calls_today;
  std::int64_t stale_rows;
};

struct SimulatedDay {
  std::string org_day;  // YYYY-MM-DD in the organization's time zone
  std::int64_t changes = 0;
  std::int64_t calls = 0;
  double stale_row_seconds = 0;
};

// A data source over all days.
struct SimulatedSource {
  std::int64_t changes = 0;
  std::int64_t calls = 0;
  double stale_row_seconds = 0;
  // Rows that waited for longer than the deadline of the data source.
  std::int64_t late = 0;
};

struct SimulationReport {
  std::int64_t sources = 0;  // that changed
  std::vector<SimulatedDay> days;
  std::map<std::string, SimulatedSource> by_source = {};
};

// Where the simulation is watched; any may be empty.
struct SimulationWatch {
  std::function<void(const SimulatedCall&)> call = {};
  std::function<void(const SimulatedState&)> state = {};
};

// The next change, in the order of time; nothing after the last.
using NextChange = std::function<Result<std::optional<RecordedChange>>()>;

// From the midnight before the first change to the midnight after the last. kInvalidArgument: the
// changes are not in order; kInvalidConfig: an option; kCancelled: stopped.
WEIR_EXPORT Result<SimulationReport> simulate(const SimulationOptions& options,
                                              const std::vector<RecordedRow>& initial,
                                              const NextChange& next_change,
                                              const SimulationWatch& watch);

}  // namespace weir::inline v0
