#include "store/postgres_store.h"

#include <utility>

#include "store/postgres_database.h"
#include "store/postgres_opening.h"

namespace weir::store {

Result<Store> open_postgres(const StoreOptions& options) {
  Result<std::unique_ptr<PostgresDatabase>> database = PostgresDatabase::open(options);
  if (!database) return database.error();
  const std::string schema = (*database)->schema();
  return Store{.database = std::move(*database),
               .locks = postgres_slot_locks(options, schema),
               .shared_time = postgres_time,
               .identity = postgres_identity,
               .schema = schema,
               .is_trial = options.use == StoreUse::kTrial};
}

std::optional<std::string> objection_to_postgres(const std::string& location) {
  return objection_to_address(location);
}

}  // namespace weir::store
