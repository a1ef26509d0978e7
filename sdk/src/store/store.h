// Store: the one durable place of an organization: its database (ledger, outbox, mirror) and its
// locks.
//
// open_store() is the only way in; the rest of Weir sees the two seams. See docs/architecture.md,
// "The store".
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <memory>
#include <string>

#include "store/database.h"
#include "store/slot_locks.h"

namespace weir::store {

struct Store {
  std::unique_ptr<Database> database;
  std::unique_ptr<SlotLocks> locks;
};

struct StoreOptions {
  std::string path = {};
  // How long to wait for another process's transaction.
  Milliseconds busy_timeout = std::chrono::seconds{5};
};

// Opens the file, creating it with mode 0600 when it is not there, and its lock file beside it
// (".lock"). kStoreUnusable: not a store of Weir, damaged, read-only, or written by a newer
// version. kStoreBusy: locked.
Result<Store> open_store(const StoreOptions& options);

}  // namespace weir::store
