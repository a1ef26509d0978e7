// The options of `weir simulate`, from the words of the command line.
#pragma once

#include <weir/result.h>
#include <weir/simulation.h>

#include "commands/commands.h"
#include "settings.h"

namespace weir::cli {

// kInvalidArgument names the flag and what it takes; kInvalidConfig a setting that is missing.
Result<SimulationOptions> simulation_options(const SettingFlags& settings,
                                             const SimulateArguments& arguments);

}  // namespace weir::cli
