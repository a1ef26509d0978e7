// Rows as customers' systems keep them: a CSV file, a file of JSON objects, a query of a database.
// Each is a weir::RowSource, to be published or served.
//
// Nothing is opened before columns() or read() is called, and every read() looks at the file or
// database anew. Errors name the file and the line, and never a database's password. Not
// thread-safe.
#pragma once

#include <weir/row_source.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "input/sql_text.h"
#include "input/text_format.h"

namespace weir::cli {

// A column of the data source, and the column of the file or query that it is taken from.
struct SourceColumn {
  std::string name = {};
  std::string from = {};
};

// What a followed query asks for: the rows whose version, in this column, is later than that.
struct SinceVersion {
  std::string column = {};
  std::optional<std::string> version = {};  // as the column was read; empty: all rows
};

struct RowSourceOptions {
  // The column that is the key, moved to the front; empty: the first.
  std::optional<std::string> key = {};
  // The data source's columns; empty: all of the file or query, in its order.
  std::vector<SourceColumn> columns = {};
  // CSV and NDJSON: the column with the mail address of the user whose row it is. A query for a
  // user gets only those rows, upper and lower case being the same. Empty: all rows are everyone's.
  std::optional<std::string> user_column = {};
  // CSV and NDJSON: how the file is written.
  TextFormat format = {};
  // CSV and NDJSON: a file without anything in it, so without names of columns, is a table without
  // rows; else it is an error.
  bool allow_empty = false;
  // CSV and NDJSON: the file is read again and again. It is an error then when it is no plain file,
  // such as a pipe; and when its last line has no end and it has a tenth fewer rows than it had
  // before, for it may be cut off.
  bool is_read_again = false;
  // A query: how long it may take; and whoever asks for this stop ends it.
  std::chrono::milliseconds longest_query = std::chrono::minutes{10};
  std::stop_token stop = {};
  // NDJSON: the columns that the data source has, if they are known, the key first. Without others
  // that are asked for, they say in which order members become columns.
  std::function<std::vector<std::string>()> known_columns = {};
  // Some of them may have gone, and others come.
  bool may_change_columns = false;
  // CSV and NDJSON: told once what may be wrong with a file that is taken all the same.
  std::function<void(const std::string&)> tell = {};
  // Errors advise settings of weir.toml, instead of flags of weir push.
  bool advises_settings = false;
  // A query: the value of its parameter :since, which it must have then, and :email is none.
  std::optional<SinceVersion> since = {};
};

// Where a file without an end of its last line stops; empty when it has one, or no line at all.
Result<std::optional<std::size_t>> line_without_end(const std::string& path, Encoding encoding);

// "id,city,crew=crew_status": names of columns; NAME=COLUMN gives one another name.
std::vector<SourceColumn> parse_columns(const std::string& list);

// RowSource::read_raw() of a file: what of it becomes rows, then its bytes.
Result<bool> read_raw_file(const std::string& path, const RowSourceOptions& options,
                           const RawSink& sink);

// The first line names the columns. The path "-" is standard input, for NDJSON too.
std::unique_ptr<RowSource> csv_source(std::string path, const RowSourceOptions& options = {});

// Objects, one a line. Columns are those of the options, and other members are passed over; one
// that no object has is an error. Without, they are the members of the first object, and an unknown
// member is an error. A missing or null member is an empty cell.
std::unique_ptr<RowSource> ndjson_source(std::string path, const RowSourceOptions& options = {});

// The rows of a query: sqlite3:///path, postgresql://…, or odbc://dsn. The parameter :email in it
// is the user that is asked for, and NULL when all rows are; a query without it answers no question
// for a user.
std::unique_ptr<RowSource> sql_source(const std::string& url, std::string query,
                                      const RowSourceOptions& options = {});

// Reads a query once: its columns, as the options choose them, before the first row.
using ColumnsSink = std::function<Result<void>(const std::vector<std::string>& columns)>;
Result<void> read_query(const std::string& url, const std::string& query,
                        const RowSourceOptions& options, const ColumnsSink& columns,
                        const RowSink& rows);

// What is wrong with a text of SQL before its database is asked. Behind ODBC may be any database:
// then it is what all that are known would say.
std::optional<SqlFault> sql_fault(const std::string& url, const std::string& sql);

// Whether a query has the parameter :email.
bool asks_for_user(const std::string& url, const std::string& query);

// Whether it has the parameter :since.
bool asks_for_changes(const std::string& url, const std::string& query);

}  // namespace weir::cli
