// What weir.toml says of single data sources:
//
//   [source.OUTAGES]
//   weight = 5
//   deadline = "15m"
//   max_deletes = "20%"
#pragma once

#include <toml++/toml.h>
#include <weir/client_options.h>

#include <map>
#include <string>

#include "push_settings.h"

namespace weir::cli {

struct SourceSettings {
  SourceOptions pacing = {};
  PushSettings push = {};
};

// Of an organization's table that has been checked (settings_tree.h).
std::map<std::string, SourceSettings> read_sources(const toml::table& org);

}  // namespace weir::cli
