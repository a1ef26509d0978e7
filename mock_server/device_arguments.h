// The command line of weir-mock-device. Pure but for reading the token's environment variable.
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "device_options.h"
#include "flags.h"

namespace weir::mock {

struct DeviceRun {
  DeviceOptions device = {};
  int syncs = 1;
  std::chrono::milliseconds interval{0};  // between two syncs
  std::string state_file = {};            // empty: nothing is kept
};

std::variant<DeviceRun, ArgumentProblem> parse_device_arguments(
    const std::vector<std::string>& arguments);

}  // namespace weir::mock
