// What the tests of SQL sources share: the real databases, each started once for the whole program,
// and each way to them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <functional>
#include <string>
#include <vector>

#include "input/row_sources.h"
#include "support/mariadb_server.h"
#include "support/postgres_server.h"
#include "support/temporary_folder.h"

namespace weir::cli {

using weir::testing::MariadbServer;
using weir::testing::PostgresServer;
using weir::testing::TemporaryFolder;

inline PostgresServer& postgres() {
  static PostgresServer server;
  return server;
}

inline MariadbServer& mariadb() {
  static MariadbServer server;
  return server;
}

inline const std::string& sqlite_file() {
  static const TemporaryFolder folder;
  static const std::string file = folder.file("rows.db");
  return file;
}

// psqlODBC does not give back all that belongs to a query that fails; this is for LeakSanitizer.
inline constexpr const char* kLeaksOfDrivers = "leak:psqlodbcw.so\nleak:psqlodbca.so\n";

// A way to a database.
struct Way {
  std::string name;
  std::function<std::string()> url;
  std::function<void(const std::string&)> run;  // statements, as the administrator
};

inline void run_on_sqlite(const std::string& statements) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(sqlite_file().c_str(), &database), SQLITE_OK);
  char* problem = nullptr;
  EXPECT_EQ(sqlite3_exec(database, statements.c_str(), nullptr, nullptr, &problem), SQLITE_OK)
      << problem;
  sqlite3_close(database);
}

inline std::string psqlodbc(const std::string& driver) {
  return "odbc://Driver=PostgreSQL " + driver + ";Servername=127.0.0.1;Port=" + postgres().port() +
         ";Database=postgres;Uid=weir";
}

inline Way postgres_way() {
  return {"postgresql", [] { return postgres().url(); },
          [](const std::string& sql) { postgres().sql(sql); }};
}
inline Way psqlodbc_way(const std::string& driver) {
  return {"psqlodbc_" + driver, [driver] { return psqlodbc(driver); },
          [](const std::string& sql) { postgres().sql(sql); }};
}
inline Way sqlite_way() {
  return {"sqlite3", [] { return "sqlite3://" + sqlite_file(); }, &run_on_sqlite};
}
inline Way sqliteodbc_way() {
  return {"sqliteodbc", [] { return "odbc://Driver=SQLite3;Database=" + sqlite_file(); },
          &run_on_sqlite};
}
inline Way mariadb_way() {
  return {"mariadb", [] { return mariadb().url(); },
          [](const std::string& sql) { mariadb().sql(sql, "crm"); }};
}

// Of a user who may change the database `crm`.
inline std::string mariadb_writer() {
  mariadb().sql(
      "CREATE USER IF NOT EXISTS writer@'127.0.0.1' IDENTIFIED BY 'may-write'; GRANT ALL ON crm.* "
      "TO "
      "writer@'127.0.0.1'");
  return "odbc://Driver=MariaDB Unicode;Server=127.0.0.1;Port=" + mariadb().port() +
         ";Database=crm;UID=writer;PWD=may-write";
}
inline Way mariadb_writer_way() {
  return {"mariadb", [] { return mariadb_writer(); },
          [](const std::string& sql) { mariadb().sql(sql, "crm"); }};
}

inline std::vector<Way> all_ways() {
  return {postgres_way(), psqlodbc_way("Unicode"), psqlodbc_way("ANSI"),
          sqlite_way(),   sqliteodbc_way(),        mariadb_way()};
}

// What a source hands over, all at once.
struct Table {
  std::vector<std::string> columns = {};
  std::vector<Row> rows = {};
};

inline Result<Table> read_table(const std::string& url, const std::string& query,
                                const RowQuery& asked = {}, const RowSourceOptions& options = {}) {
  const std::unique_ptr<RowSource> source = sql_source(url, query, options);
  Table table;
  const Result<void> read = source->read(asked, [&](const Row& row) -> Result<void> {
    table.rows.push_back(row);
    return {};
  });
  if (!read) return read.error();
  Result<std::vector<std::string>> columns = source->columns();
  if (!columns) return columns.error();
  table.columns = *columns;
  return table;
}

// The cells of the first row, or what was wrong.
inline std::string first_row(const std::string& url, const std::string& query) {
  const Result<Table> table = read_table(url, query);
  if (!table) return "error: " + table.error().message;
  if (table->rows.empty()) return "no rows";
  std::string text;
  for (const std::string& cell : table->rows.front()) text += "|" + cell;
  return text.substr(1);
}

inline std::string message_of(const std::string& url, const std::string& query,
                              const RowSourceOptions& options = {}) {
  const Result<Table> table = read_table(url, query, {}, options);
  return table ? "no error" : table.error().message;
}

class OnEachWay : public ::testing::TestWithParam<Way> {};

inline std::string way_name(const ::testing::TestParamInfo<Way>& info) { return info.param.name; }

inline void PrintTo(const Way& way, std::ostream* stream) { *stream << way.name; }

}  // namespace weir::cli
