// Made-up days: streams of changes that defeat a price which is solved now and then, the same on
// every run, and what the engine makes of them. For the tests of the engine and its benchmarks.
#pragma once

#include <weir/simulation.h>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::testing {

// Midnights in Los Angeles.
inline constexpr TimePoint kOrdinaryMidnight{std::chrono::seconds{1707120000}};  // 2024-02-05
inline constexpr TimePoint kWeekBeforeShortDay{std::chrono::seconds{1709452800}};
inline constexpr TimePoint kWeekBeforeLongDay{std::chrono::seconds{1730012400}};
inline constexpr const char* kLosAngeles = "America/Los_Angeles";

using Changes = std::vector<RecordedChange>;

// New rows, at even distances, one data source after the other.
struct Import {
  TimePoint begin = {};
  Milliseconds within = {};
  int rows = 0;
  int sources = 1;
};
Changes rows_of(const Import& import);

// Single changes of five other data sources, at random times of the days from this midnight on.
Changes lone_changes(TimePoint midnight, int days, int changes_a_day);

// Both, in the order of time.
Changes merged(const Changes& some, const Changes& more);

struct PlayedDays {
  SimulationReport report = {};
  std::vector<SimulatedCall> calls = {};

  // Calls at any time from `begin` until `end`.
  std::int64_t calls_between(TimePoint begin, TimePoint end) const;
  // For the rows of imports.
  std::int64_t calls_of_imports() const;
  // How long a lone change waits on average, in seconds.
  double mean_wait_of_lone_changes() const;
};

// In Los Angeles, with what `options` say else.
PlayedDays play(const Changes& changes, SimulationOptions options = {});

}  // namespace weir::testing
