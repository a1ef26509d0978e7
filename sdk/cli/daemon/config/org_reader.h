// Reads an organization of weir.toml: its client's options, data sources, polls and Platform Sync.
#pragma once

#include <string>
#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/config/finding.h"
#include "settings_tree.h"

namespace weir::daemon {

// `name`: empty in a file of one organization.
OrgConfig read_org(const cli::SettingsTree& tree, const std::string& name, const toml::table& table,
                   std::vector<Finding>& findings);

}  // namespace weir::daemon
