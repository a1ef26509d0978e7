// A picture of a simulation: calls spent, the price and the stale rows over time, as SVG.
#pragma once

#include <weir/simulation.h>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::cli {

struct SimulationPlot {
  std::string title = {};
  std::int64_t calls_per_day = 0;
  std::vector<SimulatedState> states = {};
  SimulationReport report = {};
};

std::string as_svg(const SimulationPlot& plot);

}  // namespace weir::cli
