// The settings of `weir serve`: [sync] of a weir.toml with the rules of its data sources, or a TOML
// file of its own with [service] and [[source]].
#pragma once

#include <weir/sync/sync_options.h>
#include <weir/sync/sync_server.h>

#include "settings.h"

namespace weir::cli {

struct ServeConfig {
  SyncOptions service = {};
  SyncServerOptions server = {};
};

// For what the settings are.
enum class ServeUse {
  kServe,
  kExplain,  // what users get: of a weir.toml whose weir run is at work, the rows that it serves
};

// Relative paths in the file are from the file's folder. kInvalidConfig names the file and the
// setting: one that is missing, wrong or not known. The private token comes from WEIR_PRIVATE_TOKEN
// and from the files that the settings name. Of a weir.toml, data sources that only `weir run` can
// read are refused, unless it serves them.
Result<ServeConfig> load_serve_config(const SettingFlags& flags, ServeUse use = ServeUse::kServe);

}  // namespace weir::cli
