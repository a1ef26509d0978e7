// The one table of settings: every name, its type, range and default. The parser, the flags' help
// and docs/settings.md come from it; another setting is a line in setting_table.cpp. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

// Where a setting stands.
enum class SettingScope {
  kFile,          // weir.toml as a whole, whatever organizations it has; tables only
  kOrganization,  // at the top of weir.toml, or in [org.NAME]
  kSource,        // in [source.ID] of an organization
  kFollow,        // in follow of a data source
  kRule,          // in [source.ID.sync], which is [sync.source.ID] too
  kPoll,          // in [poll.NAME] of an organization
  kSync,          // in [sync] of an organization
  kDaemon,        // in [daemon] of weir.toml
  kNotify,        // in [notify] of weir.toml
  kService,       // in [service] of the file of weir serve
  kServed,        // in [[source]] of that file
};

enum class SettingType {
  kText,
  kQuery,       // a text that may have several lines
  kPath,        // of a file, from the folder of the settings file
  kStore,       // a path, or postgresql://…
  kSecret,      // a text that is never shown
  kTexts,       // one text or a list
  kWhole,       // a whole number in the range
  kPositive,    // any number above 0
  kTruth,       // true or false
  kDuration,    // "90s", "15m"
  kChoice,      // one of the words in `words`
  kDeletes,     // a number of rows, or "20%"
  kSecretFile,  // the name of a file with a secret (secret_file.h)
  kCommand,     // a program and its arguments
  kSize,        // "64KiB", "128MiB"
  kRotation,    // a duration or a size
  kShare,       // "80%"
  kTimes,       // times of day: "06:00", or a list
  kMoment,      // a date with time and zone, without quotes
};

struct Setting {
  SettingScope scope;
  std::string_view name;
  SettingType type;
  std::string_view sentence;
  std::string_view otherwise = {};  // the default, as people read it
  std::int64_t least = 0;           // of kWhole
  std::int64_t most = 0;
  std::string_view words = {};  // of kChoice: "adopt replace"
  bool has_flag = false;        // also a flag, and an environment variable
  std::string_view since = "0.1.0";
  bool needs_restart = false;  // a reload of `weir run` that changes it is refused
};

// A table within the table of a scope.
struct SubTable {
  SettingScope parent;
  std::string_view name;
  SettingScope scope;
  bool is_named = false;  // it has tables of any name, each of which is of the scope: [source.ID]
};

std::span<const Setting> all_settings();

// Null when there is none.
const Setting* find_setting(SettingScope scope, std::string_view name);

std::span<const SubTable> all_sub_tables();
// Null when there is none.
const SubTable* find_sub_table(SettingScope scope, std::string_view name);

// The names of a scope, settings and tables, in the order of the table.
std::vector<std::string_view> names_of(SettingScope scope);

// Of the known names the one that was probably meant.
std::optional<std::string> nearest(std::string_view name, std::span<const std::string_view> known);

// "; did you mean port?", or nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known);

// "--time-zone" of time_zone.
std::string flag_of(std::string_view name);
// "WEIR_TIME_ZONE" of time_zone.
std::string variable_of(std::string_view name);

// docs/settings.md: every setting, in Markdown.
std::string settings_page();

}  // namespace weir::cli
