// Builds what a start builds of weir.toml, and throws it away: clients, sources, handlers and the
// rules of Platform Sync. No call is made, no origin read, no handler run; the stores are scratch
// ones.
#pragma once

#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/config/finding.h"

namespace weir::daemon {

// What cannot be built and is not told among `known` already.
std::vector<Finding> check_build(const DaemonConfig& config, const std::vector<Finding>& known);

}  // namespace weir::daemon
