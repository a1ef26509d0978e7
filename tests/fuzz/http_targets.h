// The readers of the HTTP server: a head, a body in chunks, and a whole connection.
#pragma once

#include <vector>

#include "fuzz/targets.h"

namespace weir::fuzz {

std::vector<Target> http_targets();

}  // namespace weir::fuzz
