// Reading the rows of one query from a customer's database: what the readers of PostgreSQL, SQLite
// and ODBC have in common. Used by sql_source() alone.
//
// Each reader opens a connection of its own on which nothing can be changed, runs the query as it
// stands, and hands over every cell as the text that the database makes of it, so that no number
// passes through a double. An error in mid-stream fails the whole reading. It ends in its time,
// also when the server hangs, and soon after a stop is asked for.
#pragma once

#include <weir/result.h>
#include <weir/row_source.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "input/database_address.h"
#include "input/row_sources.h"
#include "input/sql_text.h"

namespace weir::cli {

// Takes the names of the columns, once, before the first row.
using NamesSink = std::function<Result<void>(const std::vector<std::string>& names)>;

struct SqlQuestion {
  const DatabaseAddress& address;
  const std::string& query;
  std::optional<std::string> user = {};  // the value of :email; NULL without
  // Set: the parameter is :since, not :email.
  std::optional<SinceVersion> since = {};
  bool names_only = false;
  std::chrono::milliseconds longest = {};  // how long the query may take
  std::stop_token stop = {};
};

Result<void> read_postgres(const SqlQuestion& question, const NamesSink& names,
                           const RowSink& rows);
Result<void> read_sqlite(const SqlQuestion& question, const NamesSink& names, const RowSink& rows);
Result<void> read_odbc(const SqlQuestion& question, const NamesSink& names, const RowSink& rows);

// Whether what a database says with this SQLSTATE may quote what stands in rows: data and
// constraints, what a function raises, and what a driver has no other state for. `native` is the
// database's own number, of which MariaDB's from 2000 on are about the connection.
bool may_quote_rows(std::string_view state, int native = 0);

// kInvalidArgument, with the database's name and the words of a library or server, cleaned of
// secrets and of the user's address.
Error sql_error(const SqlQuestion& question, std::string_view words);

// The query did not end in its time, or a stop was asked for.
Error too_late(const SqlQuestion& question);
Error stopped();

Error gives_no_rows(const SqlQuestion& question);
// `as_text`: how the query can make text of it; empty: as most databases do.
Error holds_bytes(const SqlQuestion& question, const std::string& column, const std::string& type,
                  const std::string& as_text = {});

// The query and its parameter. kInvalidArgument: there are several statements; or it is asked for
// the rows of one user, or for those since a version, and has no place for that.
Result<SqlText> parameter_text(const SqlQuestion& question, const SqlDialect& dialect);

// The parameter's value; NULL when empty. Of a followed query that is asked for all rows, `lowest`,
// which the column's type gives.
std::optional<std::string> parameter_value(const SqlQuestion& question,
                                           const std::optional<std::string>& lowest);

// Whether the lowest value is asked for.
bool asks_for_lowest(const SqlQuestion& question);

Error cannot_be_followed(const SqlQuestion& question, const std::string& type);
Error lacks_version_column(const SqlQuestion& question);

// How long opening a connection may take.
inline constexpr std::chrono::seconds kLongestConnect{10};

}  // namespace weir::cli
