// What a flag of the command takes, checked in our own words. The message goes on after the flag's
// name: "--max" + " takes a whole number from 1 on, not '0'".
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace weir::cli {

CLI::Validator whole_number(std::int64_t least,
                            std::int64_t most = std::numeric_limits<std::int64_t>::max());
CLI::Validator number_above_zero();
CLI::Validator one_of(const std::vector<std::string>& words);

// The name of a thing of the platform or the store: no empty one.
CLI::Validator named();

// Anything but an empty text.
CLI::Validator not_empty();

// Words that stand in one line, or none.
CLI::Validator one_line();

// A file that is written. A dash alone would be a file of that name, which nobody means.
CLI::Validator file_to_write();

}  // namespace weir::cli
