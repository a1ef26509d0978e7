// The status as Prometheus text, for /metrics. Labels are organization, source and poll, never a
// row's key or an entry's id. Pure.
#pragma once

#include <string>

#include "daemon/seeing/status.h"

namespace weir::daemon {

std::string as_metrics(const Status& status);

}  // namespace weir::daemon
