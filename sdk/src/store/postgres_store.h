// The store in a PostgreSQL database, as open_store() makes it. A build with WEIR_WITH_POSTGRES=OFF
// has without_postgres.cpp instead, which says so.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/store.h"

namespace weir::store {

Result<Store> open_postgres(const StoreOptions& options);

// Session advisory locks of a PostgreSQL database, on a session of their own.
std::unique_ptr<SlotLocks> postgres_slot_locks(const StoreOptions& options,
                                               const std::string& schema);

// As objection_to_location() of such a one.
std::optional<std::string> objection_to_postgres(const std::string& location);

}  // namespace weir::store
