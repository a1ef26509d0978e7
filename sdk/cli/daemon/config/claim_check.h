// Looks through weir.toml for what two of its parts cannot both have: an address, a company, a
// store, or a file that one of them writes.
#pragma once

#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/config/finding.h"
#include "settings_tree.h"

namespace weir::daemon {

// A finding for each conflict, at the setting that comes second.
void check_claims(const cli::SettingsTree& tree, const DaemonConfig& config,
                  std::vector<Finding>& findings);

}  // namespace weir::daemon
