// The rows of a query, through SOCI; the only place that knows it.
#include <soci/odbc/soci-odbc.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <deque>
#include <utility>

#include "input/table.h"

namespace weir::cli {
namespace {

// The password in a connection URL must not come back in an error.
std::string without_password(const std::string& url) {
  const std::size_t begin = url.find("://");
  const std::size_t at = url.rfind('@');
  if (begin == std::string::npos || at == std::string::npos || at < begin) return url;
  const std::size_t colon = url.find(':', begin + 3);
  return colon < at ? url.substr(0, colon) + ":***" + url.substr(at) : url;
}

bool open_session(soci::session& session, const std::string& url) {
  if (url.starts_with("sqlite3://")) {
    // Without "readonly", a mistyped name would leave an empty file behind.
    session.open(soci::sqlite3, "readonly=true dbname=" + url.substr(10));
  } else if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    session.open(soci::postgresql, url);
  } else if (url.starts_with("odbc://")) {
    session.open(soci::odbc,
                 url.find('=') == std::string::npos ? "DSN=" + url.substr(7) : url.substr(7));
  } else {
    return false;
  }
  return true;
}

std::string without_semicolon(std::string query) {
  while (!query.empty() &&
         (query.back() == ';' || std::isspace(static_cast<unsigned char>(query.back())) != 0)) {
    query.pop_back();
  }
  return query;
}

std::vector<std::string> column_names(soci::session& session, const std::string& query) {
  soci::row description;
  soci::statement statement =
      (session.prepare << "SELECT * FROM (" + query + ") AS weir_query WHERE 1 = 0",
       soci::into(description));
  statement.execute(true);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < description.size(); ++i)
    names.push_back(description.get_properties(i).get_name());
  return names;
}

// Every cell is fetched as the text that the database makes of it, so that no number passes through
// a double.
void fetch_rows(soci::session& session, const std::string& query, Table& table) {
  const std::size_t width = table.columns.size();
  std::deque<std::string> cells(width);
  std::deque<soci::indicator> indicators(width);
  soci::statement statement(session);
  for (std::size_t i = 0; i < width; ++i) statement.exchange(soci::into(cells[i], indicators[i]));
  statement.alloc();
  statement.prepare(query);
  statement.define_and_bind();
  bool more = statement.execute(true);
  while (more && table.rows.size() < kMostRows) {
    Row row;
    for (std::size_t i = 0; i < width; ++i)
      row.push_back(indicators[i] == soci::i_null ? "" : cells[i]);
    table.rows.push_back(std::move(row));
    more = statement.fetch();
  }
}

}  // namespace

Result<Table> read_sql(const std::string& url, const std::string& query) {
  Table table{.name = "the query"};
  try {
    soci::session session;
    if (!open_session(session, url)) {
      return input_error("--sql " + without_password(url),
                         "give sqlite3:///path, postgresql://… or odbc://dsn");
    }
    const std::string statement = without_semicolon(query);
    table.columns = column_names(session, statement);
    fetch_rows(session, statement, table);
  } catch (const std::exception& problem) {
    const std::string text = problem.what();
    // Drivers may quote the connection string; then only the kind of failure is told.
    const bool quotes_url = text.find("password") != std::string::npos ||
                            text.find("Pwd") != std::string::npos ||
                            text.find("PWD") != std::string::npos;
    return input_error("--sql " + without_password(url),
                       quotes_url ? "the database refuses the connection" : text);
  }
  if (table.columns.size() < 2)
    return input_error("the query", "a data source needs a key and at least one more column");
  return table;
}

}  // namespace weir::cli
