// A settings file as TOML, and its checks by the table of settings (setting_table.h). What is wrong
// names the file, the place in it and what to do, and never quotes a value that may be a secret.
#pragma once

#include <toml++/toml.h>
#include <weir/result.h>

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/config/finding.h"
#include "setting_table.h"
#include "setting_values.h"

namespace weir::cli {

using daemon::Finding;

// A fault at this place.
Finding finding_at(const toml::source_region& place, std::string text);

// kInvalidConfig.
Error as_error(const Finding& finding);

// The file, or why it cannot be read.
using ParsedFile = std::variant<toml::table, Finding>;
ParsedFile parse_settings(const std::string& path);
Result<toml::table> read_toml(const std::string& path);

// Adds all that is wrong with the names, types and ranges of the table and of those within. `place`
// is what messages call it, such as "[source.OUTAGES]"; empty for the top of the file.
void check_table(const toml::table& table, SettingScope scope, const std::string& place,
                 std::vector<Finding>& findings);

// The same for a single key of it; `known` are the names that may have been meant.
void check_setting(const toml::key& key, const toml::node& value, SettingScope scope,
                   const std::string& place, std::span<const std::string_view> known,
                   std::vector<Finding>& findings);

// The first of them, as an error.
Result<void> check_settings(const toml::table& table, SettingScope scope, const std::string& place);

// "weir.toml:3:1: prot in [service] is not a setting; did you mean port?"
// Of a name that is one elsewhere, where it belongs.
Finding unknown_setting(const toml::key& key, SettingScope scope,
                        std::span<const std::string_view> known, const std::string& place);

// The path as seen from the folder of the settings file.
std::string from_folder_of(const std::string& file, const std::string& path);

// Absolute and without "..": as it is where the current folder is gone, and an empty one too.
std::string absolute_path(const std::string& path);

// Whether others than the owner may read the file.
bool others_may_read(const std::string& path);

}  // namespace weir::cli
