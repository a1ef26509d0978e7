// What `weir simulate` prints and writes. Pure functions.
#pragma once

#include <weir/simulation.h>

#include <cstdint>
#include <string>

namespace weir::cli {

// A batch counts as one call. By how many more at most the platform would take it, since it holds
// more rows than fit into one.
std::int64_t calls_not_counted(const SimulatedCall& batch);

// `not_counted`: such calls of all batches.
std::string as_json(const SimulationReport& report, std::int64_t calls_per_day,
                    std::int64_t not_counted);
std::string as_text(const SimulationReport& report, std::int64_t calls_per_day,
                    std::int64_t not_counted);

}  // namespace weir::cli
