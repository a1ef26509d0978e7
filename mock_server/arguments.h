// The command line of weir-mock-server. Pure but for reading the key's file and environment
// variable.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "flags.h"
#include "options.h"

namespace weir::mock {

std::variant<Options, ArgumentProblem> parse_arguments(const std::vector<std::string>& arguments);

}  // namespace weir::mock
