// What is wrong with a command line, in our own words.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace weir::cli {

// Of what the parser has refused: which flag or verb, what it takes, and which one was probably
// meant. `app` has parsed the line.
std::string usage_problem(const CLI::App& app, const CLI::ParseError& problem);

}  // namespace weir::cli
