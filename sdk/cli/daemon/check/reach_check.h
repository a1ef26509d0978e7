// Connects to everything that weir.toml names: databases, and hosts over TLS. Nothing is asked of a
// host, so it costs no call.
#pragma once

#include <stop_token>
#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/config/finding.h"

namespace weir::daemon {

// What cannot be reached, as warnings: it may be there later. Each place is tried once, for ten
// seconds at most.
std::vector<Finding> check_reach(const DaemonConfig& config, const std::stop_token& stop);

}  // namespace weir::daemon
