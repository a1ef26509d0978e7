// The places that a daemon cannot begin without: its state directory, the stores, and the addresses
// that it listens at. Nothing is made, and nothing that a running daemon holds is taken from it.
#pragma once

#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/config/finding.h"

namespace weir::daemon {

// A fault is what no start could do without; an address that another program has just now is a
// warning.
std::vector<Finding> check_places(const DaemonConfig& config);

}  // namespace weir::daemon
