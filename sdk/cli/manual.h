// Man pages, in the language of man(7): weir(1) from the tree of verbs and flags, weir.toml(5) from
// the page of settings. So neither can differ from what the command does. Pure functions.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace weir::cli {

// `weir help man`
std::string command_manual(const CLI::App& app, const std::string& version);

// `weir help weir.toml`; `page` is that of settings, in Markdown.
std::string settings_manual(const std::string& page, const std::string& version);

}  // namespace weir::cli
