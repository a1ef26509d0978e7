// Help of the command, beyond what its parser makes: lines that fit the terminal, settings from the
// table of settings, and what a mistyped verb probably was.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "settings.h"

namespace weir::cli {

// Every line at most so wide; what is too long goes on below where it began.
std::string wrapped(const std::string& text, std::size_t width);

// Of the terminal, or of what is read elsewhere.
std::size_t help_width();

// The flags of these settings, described by the table of settings.
void add_setting_flags(CLI::App& command, SettingFlags& flags,
                       std::span<const std::string_view> names);

// What `weir help` knows beside the verbs: all settings, and the two pages of the manual.
inline constexpr const char* kSettingsTopic = "settings";
inline constexpr const char* kManualTopic = "man";
inline constexpr const char* kSettingsManualTopic = "weir.toml";
bool is_topic(const std::string& word);

// What `weir help VERB`, `weir version` and the like stand for; the topic alone for `weir help
// TOPIC`. Empty: there is no such verb, and `problem` says so.
std::vector<std::string> arguments_meant(const CLI::App& app, int argc, char** argv,
                                         std::string& problem);

// Of a flag that takes the name of a thing of the platform: no empty one.
std::string name_problem(const std::string& text);

}  // namespace weir::cli
