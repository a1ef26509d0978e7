// The settings of `weir serve`: a TOML file that says which data sources are served, and to whom.
#pragma once

#include <weir/sync/sync_options.h>
#include <weir/sync/sync_server.h>

#include "settings.h"

namespace weir::cli {

struct ServeConfig {
  SyncOptions service = {};
  SyncServerOptions server = {};
};

// Relative paths in the file are from the file's folder. kInvalidConfig names the file and the
// setting: one that is missing, wrong or not known. The private token comes from WEIR_PRIVATE_TOKEN
// and from the files that the settings name.
Result<ServeConfig> load_serve_config(const SettingFlags& flags);

}  // namespace weir::cli
