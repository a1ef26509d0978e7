// Settings of the weir command: flag before environment before weir.toml before default.
#pragma once

#include <weir/client_options.h>
#include <weir/result.h>

#include <cstdint>
#include <optional>
#include <string>

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
  std::optional<std::string> config =
      {};  // default: weir.toml in the current folder, if it is there
  bool verbose = false;
};

// kInvalidConfig names the setting and the place it came from. The key is never a flag: it comes
// from WEIR_INTEGRATION_KEY, from --key-file, or from a weir.toml that only its owner may read.
Result<ClientOptions> load_settings(const SettingFlags& flags);

// What a command needs that reaches neither the platform nor a store.
struct OrgSettings {
  std::string time_zone = {};
  std::int64_t calls_per_day = ClientOptions{}.calls_per_day;
};

Result<OrgSettings> load_org_settings(const SettingFlags& flags);

}  // namespace weir::cli
