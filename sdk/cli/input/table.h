// Table: rows as a customer's file or query gives them, with the key in front. Plain values.
#pragma once

#include <weir/result.h>
#include <weir/row.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace weir::cli {

struct Table {
  std::string name = {};  // the file, for messages
  std::vector<std::string> columns = {};
  std::vector<Row> rows = {};
  std::vector<std::size_t> lines = {};  // where each row begins in the file; empty for a query
};

// Moves the key column to the front, in names and rows. Without a name the first column is the key.
// kInvalidArgument: there is no such column; the message lists those there are.
Result<void> move_key_to_front(Table& table, const std::optional<std::string>& key);

// More rows than this are not read: a data source cannot hold them (docs/platform-facts.md,
// "Limits").
inline constexpr std::size_t kMostRows = 50'001;

Result<Table> read_csv(const std::string& path);

// Objects, one a line. Columns are the members of the first; a missing or null member is an empty
// cell, an unknown one an error.
Result<Table> read_ndjson(const std::string& path);

// The rows of a query: sqlite3:///path, postgresql://…, or odbc://dsn.
Result<Table> read_sql(const std::string& url, const std::string& query);

// A problem with the input; nothing was changed or sent.
Error input_error(const std::string& where, const std::string& problem);
std::string at_line(const std::string& file, std::size_t line);

}  // namespace weir::cli
