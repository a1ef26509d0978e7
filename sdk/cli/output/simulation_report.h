// What `weir simulate` prints and writes. Pure functions.
#pragma once

#include <weir/simulation.h>

#include <string>

namespace weir::cli {

std::string as_json(const SimulationReport& report, std::int64_t calls_per_day);
std::string as_text(const SimulationReport& report, std::int64_t calls_per_day);

}  // namespace weir::cli
