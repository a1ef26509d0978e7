#include "store/sqlite_look.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>

#include "store/schema.h"

namespace weir::store {
namespace {

// SQLite takes what is shorter than its shortest page for an empty database, and writes over it.
constexpr std::uintmax_t kShortestDatabase = 512;

bool is_too_short(const std::string& location) {
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(location, unknown);
  return !unknown && size > 0 && size < kShortestDatabase;
}

Error no_database(const std::string& location) {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "the store " + location +
                     " is not a store of Weir but another kind of file. Give another path; nothing "
                     "was changed."};
}

}  // namespace

std::string sqlite_path_of(const std::string& location) {
  return location.front() == '/' ? location : "./" + location;
}

bool is_about_tables(const std::string& words) {
  const auto has = [&](const char* part) { return words.find(part) != std::string::npos; };
  return has("no such table") || has("no such column") || has("already exists") ||
         has("duplicate column") || has("has no column");
}

Error others_database(const std::string& location) {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "the store " + location +
                     " is another program's database. Give another path; nothing was changed."};
}

Result<void> look_first(const std::string& location) try {
  if (is_too_short(location)) return no_database(location);
  const SQLite::Database found(sqlite_path_of(location),
                               SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX);
  const auto number = [&](const std::string& sql) {
    SQLite::Statement statement(found, sql);
    return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
  };
  const std::int64_t application = number("PRAGMA application_id");
  const bool has_tables = number("SELECT count(*) FROM sqlite_master") != 0;
  if (application != kApplicationId && (has_tables || application != 0))
    return others_database(location);
  return {};
} catch (const SQLite::Exception& failure) {
  if (failure.getErrorCode() != SQLITE_NOTADB) return {};
  return no_database(location);
}

}  // namespace weir::store
