// weir.toml as it may be shown to others: which settings it has, without secrets, queries and the
// arguments of programs. Pure.
#pragma once

#include <string>

#include "settings_tree.h"

namespace weir::cli {

// A line for each setting, such as `source.OUTAGES.csv = "/srv/erp/outages.csv"`; of what may hold
// a secret only that it is set.
std::string shown_settings(const SettingsTree& tree);

}  // namespace weir::cli
