// A store belongs to one organization: two of them in one would mix their calls and changes.
// Thread-safe.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <string>

#include "store/database.h"

namespace weir::store {

// Keeps the organization's number with the first use. kInvalidConfig: the store is another's.
Result<void> claim_for(Database& database, std::int64_t company_id, const std::string& location);

}  // namespace weir::store
