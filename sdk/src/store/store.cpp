#include "store/store.h"

#include <utility>

#include "os/store_file.h"
#include "store/postgres_database.h"
#include "store/sqlite_database.h"

namespace weir::store {
namespace {

bool is_postgres(const std::string& location) {
  return location.rfind("postgresql://", 0) == 0 || location.rfind("postgres://", 0) == 0;
}

Result<Store> open_postgres(const StoreOptions& options) {
  Result<std::unique_ptr<Database>> database = PostgresDatabase::open(options);
  if (!database) return database.error();
  return Store{.database = std::move(*database),
               .locks = postgres_slot_locks(options.location),
               .shared_time = postgres_time};
}

}  // namespace

Result<Store> open_store(const StoreOptions& options) {
  if (is_postgres(options.location)) return open_postgres(options);
  if (options.location.find("://") != std::string::npos) {
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the store " + shown_location(options.location) +
                            " is neither a path nor postgresql://…"};
  }
  if (Result<void> ready = os::prepare_store_file(options.location); !ready) return ready.error();
  Result<std::unique_ptr<Database>> database = SqliteDatabase::open(options);
  if (!database) return database.error();
  return Store{.database = std::move(*database),
               .locks = file_slot_locks(options.location + ".lock")};
}

// postgresql://user:password@host/name?password=… has two places for a password.
std::string shown_location(const std::string& location) {
  if (location.find("://") == std::string::npos) return location;
  std::string shown = location.substr(0, location.find('?'));
  const std::size_t user = shown.find("://") + 3;
  const std::size_t at = shown.rfind('@');
  const std::size_t colon = shown.find(':', user);
  if (at != std::string::npos && colon < at) shown.replace(colon, at - colon, ":…");
  return shown;
}

}  // namespace weir::store
