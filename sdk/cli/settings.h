// Settings of the weir command: flag before environment before weir.toml before default. Which ones
// there are is in setting_table.h.
#pragma once

#include <weir/client_options.h>
#include <weir/result.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "push_settings.h"
#include "settings_tree.h"

namespace weir::cli {

// What the command line says; empty members come from elsewhere.
struct SettingFlags {
  std::optional<std::string> url = {};
  std::optional<std::string> company_id = {};
  std::optional<std::string> time_zone = {};
  std::optional<std::string> store = {};
  std::optional<std::string> calls_per_day = {};
  std::optional<std::string> max_connections = {};
  std::optional<std::string> ca_file = {};
  std::optional<std::string> key_file = {};
  std::optional<std::string> org = {};  // of a weir.toml of several organizations
  std::optional<std::string> config =
      {};  // default: weir.toml in the current folder, if it is there
  bool verbose = false;
  bool moves_time_zone = false;  // of weir usage
};

// What a command is going to do, and so which settings it needs.
enum class Needs {
  kCalls,  // all of them
  kStore,  // time zone and store: the org day is looked at, and no call is made
  kRows,   // the store alone: what waits in it
};

struct Settings {
  ClientOptions client = {};
  std::map<std::string, PushSettings> push = {};  // of single data sources
  // Where texts were found: "WEIR_URL", "--time-zone", "weir.toml:3".
  std::map<std::string, std::string, std::less<>> places = {};
};

// The error with the place in front where the url, the time zone or the ca_file stands that is its
// cause.
Error with_place(const Settings& settings, Error error);

// kInvalidConfig names the setting and the place it came from, and all settings that are missing.
// The key is never a flag: it comes from --key-file, from WEIR_INTEGRATION_KEY, from the file that
// weir.toml names, or from a weir.toml that only its owner may read.
Result<Settings> read_settings(const SettingFlags& flags, Needs needs);

// The same of a file that has been read, and one organization of it.
Result<Settings> read_settings(const SettingsTree& tree, const toml::table& org,
                               const SettingFlags& flags, Needs needs);

// The client's part of them, for a command that makes calls.
Result<ClientOptions> load_settings(const SettingFlags& flags);

// What a command needs that reaches neither the platform nor a store.
struct OrgSettings {
  std::string time_zone = {};
  std::int64_t calls_per_day = ClientOptions{}.calls_per_day;
};

Result<OrgSettings> load_org_settings(const SettingFlags& flags);

}  // namespace weir::cli
