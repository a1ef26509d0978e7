#include "store/store.h"

#include <weir/url_without_password.h>

#include <optional>
#include <utility>

#include "os/store_file.h"
#include "store/identity.h"
#include "store/postgres_store.h"
#include "store/sqlite_database.h"
#include "text/ascii.h"
#include "text/connection_words.h"

namespace weir::store {
namespace {

bool is_postgres(const std::string& location) {
  return location.rfind("postgresql://", 0) == 0 || location.rfind("postgres://", 0) == 0;
}

// "postgresql:/…", "postgres//…" and the like.
bool is_mistyped_postgres(const std::string& location) {
  const std::string low = text::lowered(location);
  const std::size_t name_end = low.find_first_of(":/");
  if (name_end == std::string::npos) return false;
  const std::string name = low.substr(0, name_end);
  return (name == "postgresql" || name == "postgres") &&
         (low[name_end] == ':' || low.compare(name_end, 2, "//") == 0);
}

// What SQLite reads as something else than a path: a database in memory, which would forget calls
// and changes with each command, or a URI.
bool is_special_to_sqlite(const std::string& location) {
  return location.front() == ':' || text::lowered(location).rfind("file:", 0) == 0;
}

// A database that is named in another way must not become a file of that name: hosts that are to
// share a budget would have one each.
std::optional<std::string> objection_to_path(const std::string& location) {
  if (location.empty() || location.find('\0') != std::string::npos)
    return "is no path: it is empty, or has a zero byte in it. Give the path of a file";
  if (location.find("://") != std::string::npos || is_mistyped_postgres(location))
    return "is neither a path nor postgresql://…";
  if (is_special_to_sqlite(location))
    return "is no path. Give the path of a file, such as weir.db; a file of that name is ./" +
           location;
  if (!text::is_connection_words(location)) return std::nullopt;
  return "looks like the words of a database connection. A store in PostgreSQL is given as "
         "postgresql://USER:PASSWORD@HOST/DATABASE, and a file whose name has a \"=\" as ./NAME.";
}

}  // namespace

Result<Store> open_store(const StoreOptions& options) {
  if (is_postgres(options.location)) return open_postgres(options);
  if (const auto objection = objection_to_path(options.location)) {
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the store " + shown_location(options.location) + " " + *objection};
  }
  if (options.use == StoreUse::kReal) {
    if (Result<void> ready = os::prepare_store_file(options.location); !ready) return ready.error();
  } else if (Result<void> plain = os::check_store_kind(options.location); !plain) {
    return plain.error();
  }
  Result<std::unique_ptr<Database>> database = SqliteDatabase::open(options);
  if (!database) return database.error();
  return Store{.database = std::move(*database),
               .locks = file_slot_locks(options.location + ".lock"),
               .identity =
                   [path = options.location](Statements&) {
                     return identity_of_file(os::file_number(path), os::machine_id());
                   },
               .is_trial = options.use == StoreUse::kTrial};
}

std::optional<std::string> objection_to_location(const std::string& location) {
  return is_postgres(location) ? objection_to_postgres(location) : objection_to_path(location);
}

std::string shown_location(const std::string& location) { return url_without_password(location); }

}  // namespace weir::store
