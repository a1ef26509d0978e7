// Recording: a stream of changes over whole days, made up or read from a file, as the engine takes
// it one by one and as the baselines see it day by day. Plain values.
#pragma once

#include <weir/result.h>
#include <weir/simulation.h>

#include <cstdint>
#include <string>
#include <vector>

#include "day.h"

namespace weir::bench {

struct Arrival {
  double at;  // seconds since 1970
  std::uint32_t source;
  std::uint32_t row;
  std::uint64_t after;  // 0: the row is deleted
};

struct Recording {
  std::string time_zone = "UTC";
  std::vector<std::string> sources = {};
  std::vector<Arrival> arrivals = {};
  // What source and platform hold at the start.
  std::vector<Arrival> initial = {};
  // Midnights, the last included.
  std::vector<double> midnights = {};
};

// A recorded trace, as `weir simulate` takes it.
Result<Recording> read_recording(const std::string& changes, const std::string& initial,
                                 const std::string& source_column, const std::string& key_column,
                                 const std::string& time_zone);

// Day by day, for the baselines.
std::vector<Day> days_of(const Recording& recording);

struct Schedule {
  struct Call {
    double at;
    std::uint32_t source;
  };
  std::vector<Call> calls = {};
};

// What the engine does with it.
Result<Schedule> run_engine(const Recording& recording, const SimulationOptions& options);

struct Judged {
  Outcome outcome = {};
  std::int64_t changes = 0;
  // Longest that a change waited which was sent, or waits at the end.
  double longest_wait = 0;
  std::int64_t late = 0;  // changes that waited longer than the deadline
};

// How stale the rows were under the schedule, day by day. Knows nothing of the engine.
std::vector<Judged> judge(const Recording& recording, const Schedule& schedule, double deadline);

}  // namespace weir::bench
