#include "store/postgres_store.h"

namespace weir::store {

Result<Store> open_postgres(const StoreOptions& options) {
  return Error{.code = ErrorCode::kInvalidConfig,
               .message = "the store " + shown_location(options.location) + " " +
                          *objection_to_postgres(options.location)};
}

std::optional<std::string> objection_to_postgres(const std::string&) {
  return "is a PostgreSQL database, and this build of Weir can use files alone: give the path of a "
         "file, or build Weir with WEIR_WITH_POSTGRES=ON";
}

}  // namespace weir::store
