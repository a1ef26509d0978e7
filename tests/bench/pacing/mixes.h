// Mixes: made-up streams of changes, for what one recorded week cannot show. Twenty data sources
// share the rows by Zipf's law with exponent 1.1, every row is new, and the same seed gives the
// same stream.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recording.h"

namespace weir::bench {

struct Mix {
  std::string name;
  bool office_hours = false;   // most rows come between seven and six
  bool bursts = false;         // clusters: 1 to 300 rows (Pareto, 1.5), three seconds apart
  bool volatile_days = false;  // the volume of a day is log-normal, sigma 0.4
};

const std::vector<Mix>& mixes();

Recording make_recording(const Mix& mix, double rows_a_day, int days, std::uint64_t seed);

// What the best poller could reach that knows each data source's rate at each moment but not its
// changes: (sum over sources of the integral of the rate's root) squared, over twice the calls
// (docs/polling.md, "When it looks"). Stale row-seconds of a day.
double oracle_polls(const Mix& mix, double rows_a_day, std::int64_t calls);

}  // namespace weir::bench
