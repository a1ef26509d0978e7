// Variables of the environment that look like settings and are none: a mistyped one would mean the
// default without a word. Pure functions.
#pragma once

#include <string>
#include <vector>

namespace weir::cli {

// A sentence for each, such as "WEIR_TIMEZONE in the environment is not a setting; did you mean
// WEIR_TIME_ZONE?". `environment` is as of the process: "NAME=value", a null at the end.
std::vector<std::string> strange_variables(const char* const* environment);

}  // namespace weir::cli
