// The rows of a query, through SOCI; the only place that knows it.
#include <soci/odbc/soci-odbc.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <deque>
#include <utility>

#include "input/input_error.h"
#include "input/row_layout.h"
#include "input/row_sources.h"

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
    // Otherwise the client library would hold all rows at once.
    session.open(soci::postgresql, url + " singlerows=true");
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

// The user that is asked for, as the parameter :email of a query that has one.
struct UserParameter {
  UserParameter(const std::string& query, const RowQuery& asked)
      : is_used(query.find(":email") != std::string::npos),
        value(asked.user.value_or("")),
        indicator(asked.user ? soci::i_ok : soci::i_null) {}

  void bind_to(soci::statement& statement) {
    if (is_used) statement.exchange(soci::use(value, indicator, "email"));
  }

  const bool is_used;
  std::string value;
  soci::indicator indicator;
};

std::vector<std::string> column_names(soci::session& session, const std::string& query) {
  soci::row description;
  UserParameter user(query, {});
  soci::statement statement(session);
  statement.exchange(soci::into(description));
  user.bind_to(statement);
  statement.alloc();
  statement.prepare("SELECT * FROM (" + query + ") AS weir_query WHERE 1 = 0");
  statement.define_and_bind();
  statement.execute(true);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < description.size(); ++i)
    names.push_back(description.get_properties(i).get_name());
  return names;
}

// Every cell is fetched as the text that the database makes of it, so that no number passes through
// a double.
Result<void> fetch_rows(soci::session& session, const std::string& query, std::size_t width,
                        UserParameter& user, const RowSink& sink) {
  std::deque<std::string> cells(width);
  std::deque<soci::indicator> indicators(width);
  soci::statement statement(session);
  for (std::size_t i = 0; i < width; ++i) statement.exchange(soci::into(cells[i], indicators[i]));
  user.bind_to(statement);
  statement.alloc();
  statement.prepare(query);
  statement.define_and_bind();
  Row row(width);
  for (bool more = statement.execute(true); more; more = statement.fetch()) {
    for (std::size_t i = 0; i < width; ++i) {
      if (indicators[i] == soci::i_null) {
        row[i].clear();
      } else {
        row[i] = cells[i];
      }
    }
    if (Result<void> taken = sink(row); !taken) return taken;
  }
  return {};
}

class SqlSource final : public RowSource {
 public:
  SqlSource(std::string url, std::string query, RowSourceOptions options)
      : url_(std::move(url)),
        query_(without_semicolon(std::move(query))),
        options_(std::move(options)) {}

  Result<std::vector<std::string>> columns() override {
    Result<std::vector<std::string>> names = std::vector<std::string>();
    const Result<void> asked = with_session([&](soci::session& session) -> Result<void> {
      Result<RowLayout> layout = layout_of(column_names(session, query_));
      if (!layout) return layout.error();
      names = layout->columns();
      return {};
    });
    if (!asked) return asked.error();
    return names;
  }

  Result<void> read(const RowQuery& asked, const RowSink& sink) override {
    return with_session([&](soci::session& session) -> Result<void> {
      const std::vector<std::string> names = column_names(session, query_);
      const Result<RowLayout> layout = layout_of(names);
      if (!layout) return layout.error();
      UserParameter user(query_, asked);
      std::size_t number = 0;
      Row row;
      return fetch_rows(session, query_, names.size(), user, [&](const Row& cells) -> Result<void> {
        ++number;
        if (!layout->fits(cells, asked)) return {};
        Result<void> taken = sink(layout->arrange(cells, row));
        if (taken) return taken;
        return at_row(taken.error(), "the query, row " + std::to_string(number));
      });
    });
  }

 private:
  Result<RowLayout> layout_of(const std::vector<std::string>& names) const {
    return RowLayout::make("the query", names, options_);
  }

  Result<void> with_session(const std::function<Result<void>(soci::session&)>& use) const {
    try {
      soci::session session;
      if (!open_session(session, url_)) {
        return input_error("--sql " + without_password(url_),
                           "give sqlite3:///path, postgresql://… or odbc://dsn");
      }
      return use(session);
    } catch (const std::exception& problem) {
      const std::string text = problem.what();
      // Drivers may quote the connection string; then only the kind of failure is told.
      const bool quotes_url = text.find("password") != std::string::npos ||
                              text.find("Pwd") != std::string::npos ||
                              text.find("PWD") != std::string::npos;
      return input_error("--sql " + without_password(url_),
                         quotes_url ? "the database refuses the connection" : text);
    }
  }

  const std::string url_;
  const std::string query_;
  const RowSourceOptions options_;
};

}  // namespace

std::unique_ptr<RowSource> sql_source(std::string url, std::string query,
                                      RowSourceOptions options) {
  return std::make_unique<SqlSource>(std::move(url), std::move(query), std::move(options));
}

}  // namespace weir::cli
