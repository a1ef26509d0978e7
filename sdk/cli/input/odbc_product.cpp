#include "input/odbc_product.h"

#include <sqlext.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace weir::cli {
namespace {

std::string lower(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return all;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// In small letters, as the connection string or odbc.ini has it.
std::string driver_of(SQLHENV environment, const std::string& all) {
  const std::size_t driver = all.find("driver=");
  if (driver != std::string::npos) return all.substr(driver, all.find(';', driver) - driver);
  std::array<SQLCHAR, 256> name = {};
  std::array<SQLCHAR, 256> of_driver = {};
  SQLUSMALLINT which = SQL_FETCH_FIRST;
  while (SQL_SUCCEEDED(SQLDataSources(environment, which, name.data(), name.size(), nullptr,
                                      of_driver.data(), of_driver.size(), nullptr))) {
    which = SQL_FETCH_NEXT;
    const std::string source = "dsn=" + lower(reinterpret_cast<const char*>(name.data())) + ";";
    const std::string found = lower(reinterpret_cast<const char*>(of_driver.data()));
    if (all.find(source) != std::string::npos) return found;
  }
  return "";
}

}  // namespace

OdbcProduct product_of(std::string_view database) {
  const auto has = [&](std::string_view name) {
    return database.find(name) != std::string_view::npos;
  };
  if (has("PostgreSQL")) return OdbcProduct::kPostgres;
  if (has("MariaDB") || has("MySQL")) return OdbcProduct::kMysql;
  if (has("SQLite")) return OdbcProduct::kSqlite;
  return has("SQL Server") ? OdbcProduct::kSqlServer : OdbcProduct::kOther;
}

SqlDialect dialect_of(OdbcProduct product) {
  switch (product) {
    case OdbcProduct::kPostgres:
      return kPostgresDialect;
    case OdbcProduct::kMysql:
      return kMysqlDialect;
    case OdbcProduct::kSqlite:
    case OdbcProduct::kSqlServer:
      return kSqliteDialect;
    case OdbcProduct::kOther:
      break;
  }
  return {};
}

std::vector<std::string> statements_to_only_read(OdbcProduct product) {
  switch (product) {
    case OdbcProduct::kPostgres:
      // As SET TRANSACTION READ ONLY, for a driver whose ReadOnly=1 takes queries alone.
      return {"SELECT set_config('transaction_read_only', 'on', true)"};
    case OdbcProduct::kMysql:
      // The first is for a procedure that commits, as each CREATE TABLE does.
      return {"SET SESSION TRANSACTION READ ONLY", "START TRANSACTION READ ONLY"};
    case OdbcProduct::kSqlite:
      return {"PRAGMA query_only = ON"};
    case OdbcProduct::kSqlServer:
    case OdbcProduct::kOther:
      break;
  }
  return {};
}

OdbcRows rows_of_statement(OdbcProduct product, std::string_view first_word) {
  const bool is_known = product != OdbcProduct::kOther && product != OdbcProduct::kSqlServer;
  if (product == OdbcProduct::kMysql && first_word == "call") return OdbcRows::kOfProcedure;
  if (is_known) return OdbcRows::kDescribed;
  if (is_one_of(first_word, {"call", "exec", "execute"})) return OdbcRows::kOfProcedure;
  const bool is_query = is_one_of(first_word, {"select", "with", "values"});
  return is_query ? OdbcRows::kOfQuery : OdbcRows::kDescribed;
}

std::string options_of_driver(SQLHENV environment, const std::string& connection, OdbcUse use) {
  const std::string all = lower(connection) + ";";
  const std::string driver = driver_of(environment, all);
  const auto is_of = [&](const char* name) { return driver.find(name) != std::string::npos; };
  const auto has = [&](const char* option) { return all.find(option) != std::string::npos; };
  std::string options;
  if (is_of("sqlite")) {
    // A mistyped name would leave an empty file behind, and a writer would be waited for 100 s.
    options = ";NoCreat=1";
    if (!has("timeout=")) options += ";Timeout=5000";
  }
  // psqlODBC would have all rows in memory before the first is read.
  const bool is_psqlodbc = is_of("postgresql") || is_of("psqlodbc");
  if (is_psqlodbc && use == OdbcUse::kReading && !has("usedeclarefetch=") && !has("b6="))
    options += ";UseDeclareFetch=1";
  return options;
}

}  // namespace weir::cli
