// The status as the JSON of /api/v1/status and of `weir status --json`. Pure.
#pragma once

#include <string>

#include "daemon/seeing/status.h"

namespace weir::daemon {

// One line without its end.
std::string as_json(const Status& status);

}  // namespace weir::daemon
