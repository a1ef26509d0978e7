// Completion of the command line for bash, zsh and fish, from the tree of verbs and flags. A flag
// that takes some words offers those; what is no flag is completed as a file. Pure functions.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <string>

namespace weir::cli {

inline constexpr std::array<const char*, 3> kShells = {"bash", "zsh", "fish"};

// Adds `weir completion SHELL`, whose shell goes to `shell`.
CLI::App& add_completion(CLI::App& app, std::string& shell);

// The script of one of the shells.
std::string completion(const CLI::App& app, const std::string& shell);

}  // namespace weir::cli
