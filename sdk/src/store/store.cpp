#include "store/store.h"

#include <utility>

#include "os/store_file.h"
#include "store/sqlite_database.h"

namespace weir::store {

Result<Store> open_store(const StoreOptions& options) {
  if (Result<void> ready = os::prepare_store_file(options.path); !ready) return ready.error();
  Result<std::unique_ptr<Database>> database = SqliteDatabase::open(options);
  if (!database) return database.error();
  return Store{.database = std::move(*database), .locks = file_slot_locks(options.path + ".lock")};
}

}  // namespace weir::store
