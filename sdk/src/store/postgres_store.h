// The store in a PostgreSQL database, as open_store() makes it. A build with WEIR_WITH_POSTGRES=OFF
// has without_postgres.cpp instead, which says so.
#pragma once

#include "store/store.h"

namespace weir::store {

Result<Store> open_postgres(const StoreOptions& options);

}  // namespace weir::store
