// Looks through weir.toml for what two of its parts cannot both have: an address, a company, a
// store, or a file that one of them writes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/config/finding.h"
#include "settings_tree.h"

namespace weir::daemon {

// A finding for each conflict, at the setting that comes second.
void check_claims(const cli::SettingsTree& tree, const DaemonConfig& config,
                  std::vector<Finding>& findings);

// A file that a flag of a command names.
struct FlagFile {
  std::string flag = {};
  std::string path = {};
};

// What is wrong with a file that a command is to write: it is a settings file, a secret or a store
// of weir.toml, or the command reads it or writes it for another purpose.
std::optional<std::string> overwritten_file(const cli::SettingsTree& tree,
                                            const std::vector<std::string>& stores,
                                            const std::vector<FlagFile>& read,
                                            const std::vector<FlagFile>& written);

}  // namespace weir::daemon
