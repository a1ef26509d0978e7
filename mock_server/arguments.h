// The command line of weir-mock-server. Pure but for reading the key's file and environment
// variable.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "options.h"

namespace weir::mock {

struct ArgumentProblem {
  int exit_code = 2;  // 0: help was asked for; 2: usage; 3: configuration
  std::string message = {};
};

std::variant<Options, ArgumentProblem> parse_arguments(const std::vector<std::string>& arguments);

}  // namespace weir::mock
