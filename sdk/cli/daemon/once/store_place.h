// What is at the place of a store, found out without making or changing anything.
#pragma once

#include <weir/result.h>

#include <string>

namespace weir::daemon {

// Whether a store is there already. An error: its place cannot be looked at.
Result<bool> store_is_there(const std::string& location);

}  // namespace weir::daemon
