// Reads weir.toml for `weir run` and `weir check`: all that is in it, and all that is wrong with
// it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/config/finding.h"

namespace weir::daemon {

struct ReadConfig {
  DaemonConfig config = {};            // to be used when nothing of the findings is a fault
  std::vector<Finding> findings = {};  // in the order of files and lines
};

// `org`: only this organization; of a file of several. Reads secrets; opens no store, makes no
// call.
ReadConfig read_daemon_config(const std::string& file, const std::optional<std::string>& org = {});

}  // namespace weir::daemon
