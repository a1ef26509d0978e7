// Rows as customers' systems keep them: a CSV file, a file of JSON objects, a query of a database.
// Each is a weir::RowSource, to be published or served.
//
// Nothing is opened before columns() or read() is called, and every read() looks at the file or
// database anew. Errors name the file and the line, and never a database's password. Not
// thread-safe.
#pragma once

#include <weir/row_source.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::cli {

// A column of the data source, and the column of the file or query that it is taken from.
struct SourceColumn {
  std::string name = {};
  std::string from = {};
};

struct RowSourceOptions {
  // The column that is the key, moved to the front; empty: the first.
  std::optional<std::string> key = {};
  // The data source's columns; empty: all of the file or query, in its order.
  std::vector<SourceColumn> columns = {};
  // CSV and NDJSON: the column with the mail address of the user whose row it is. A query for a
  // user gets only those rows, upper and lower case being the same. Empty: all rows are everyone's.
  std::optional<std::string> user_column = {};
};

// "id,city,crew=crew_status": names of columns; NAME=COLUMN gives one another name.
std::vector<SourceColumn> parse_columns(const std::string& list);

// RowSource::read_raw() of a file: what of it becomes rows, then its bytes.
Result<bool> read_raw_file(const std::string& path, const RowSourceOptions& options,
                           const RawSink& sink);

// The first line names the columns.
std::unique_ptr<RowSource> csv_source(std::string path, RowSourceOptions options = {});

// Objects, one a line. Columns are the members of the first; a missing or null member is an empty
// cell, an unknown one an error.
std::unique_ptr<RowSource> ndjson_source(std::string path, RowSourceOptions options = {});

// The rows of a query: sqlite3:///path, postgresql://…, or odbc://dsn. The parameter :email in it
// is the user that is asked for, and NULL when all rows are.
std::unique_ptr<RowSource> sql_source(std::string url, std::string query,
                                      RowSourceOptions options = {});

}  // namespace weir::cli
