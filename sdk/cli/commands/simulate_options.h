// The options of `weir simulate`, from the words of the command line.
#pragma once

#include <weir/result.h>
#include <weir/simulation.h>

#include <optional>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "settings.h"

namespace weir::cli {

// kInvalidArgument names the flag and what it takes; kInvalidConfig a setting that is missing.
Result<SimulationOptions> simulation_options(const SettingFlags& settings,
                                             const SimulateArguments& arguments);

// The names of the data sources that the recording has, in order: of what is there at the start and
// of what changes. What will change, and when, is not looked at.
Result<std::vector<std::string>> recorded_sources(const SimulateArguments& arguments);

// Whether --weights or --deadline names a data source that the recording does not have, or it
// cannot be read: then the exit code, and why is printed. Reads it only where a name is given.
std::optional<int> refuse_unknown_names(const SimulationOptions& options,
                                        const SimulateArguments& arguments,
                                        const OutputArguments& output);

}  // namespace weir::cli
