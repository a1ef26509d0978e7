// The rows of a query: chooses who reads them.
#include <algorithm>
#include <utility>

#include "input/input_error.h"
#include "input/row_layout.h"
#include "input/row_sources.h"
#include "input/setting_words.h"
#include "input/sql_reading.h"
#include "input/sql_text.h"

namespace weir::cli {
namespace {

class SqlSource final : public RowSource {
 public:
  SqlSource(const std::string& url, std::string query, RowSourceOptions options)
      : address_(DatabaseAddress::parse(url)),
        query_(std::move(query)),
        options_(std::move(options)) {}

  Result<std::vector<std::string>> columns() override {
    std::vector<std::string> columns;
    SqlQuestion question = ask({});
    question.names_only = true;
    const Result<void> asked = read_from_database(
        question,
        [&](const std::vector<std::string>& names) -> Result<void> {
          Result<RowLayout> layout = layout_of(names);
          if (!layout) return layout.error();
          columns = layout->columns();
          return {};
        },
        [](const Row&) -> Result<void> { return {}; });
    if (!asked) return asked.error();
    told_.tell(columns);
    return columns;
  }

  Result<void> read(const RowQuery& asked, const RowSink& sink) override {
    const auto same = [this](const std::vector<std::string>& columns) {
      return told_.check("the query", columns);
    };
    return read(asked, same, sink);
  }

  Result<void> read(const RowQuery& asked, const ColumnsSink& columns, const RowSink& sink) const {
    std::optional<RowLayout> layout;
    std::size_t number = 0;
    Row row;
    return read_from_database(
        ask(asked),
        [&](const std::vector<std::string>& names) -> Result<void> {
          Result<RowLayout> made = layout_of(names);
          if (!made) return made.error();
          layout = std::move(*made);
          return columns(layout->columns());
        },
        [&](const Row& cells) -> Result<void> {
          ++number;
          Result<void> taken = sink(layout->arrange(cells, row));
          if (taken) return taken;
          return at_row(taken.error(), "the query, row " + std::to_string(number),
                        RowsAreOf::kQuery);
        });
  }

 private:
  SqlQuestion ask(const RowQuery& asked) const {
    return {.address = address_,
            .query = query_,
            .user = asked.user,
            .since = options_.since,
            .longest = options_.longest_query,
            .stop = options_.stop};
  }

  Result<RowLayout> layout_of(const std::vector<std::string>& names) const {
    return RowLayout::make("the query", names, options_);
  }

  Result<void> read_from_database(const SqlQuestion& question, const NamesSink& names,
                                  const RowSink& rows) const {
    switch (address_.kind()) {
      case DatabaseAddress::Kind::kSqlite:
        return read_sqlite(question, names, rows);
      case DatabaseAddress::Kind::kPostgres:
        return read_postgres(question, names, rows);
      case DatabaseAddress::Kind::kOdbc:
        return read_odbc(question, names, rows);
      case DatabaseAddress::Kind::kUnknown:
      case DatabaseAddress::Kind::kMalformed:
        break;
    }
    return input_error(address_.shown(), address_.problem());
  }

  const DatabaseAddress address_;
  const std::string query_;
  const RowSourceOptions options_;
  ToldColumns told_;
};

// Which database is behind ODBC, only the driver tells; it is asked at each reading.
std::vector<SqlDialect> dialects_of(const std::string& url) {
  switch (DatabaseAddress::parse(url).kind()) {
    case DatabaseAddress::Kind::kSqlite:
      return {kSqliteDialect};
    case DatabaseAddress::Kind::kPostgres:
      return {kPostgresDialect};
    default:
      return {kPostgresDialect, kMysqlDialect, kSqliteDialect};
  }
}

bool asks_for(std::string_view parameter, const std::string& url, const std::string& query) {
  const std::vector<SqlDialect> dialects = dialects_of(url);
  return std::any_of(dialects.begin(), dialects.end(), [&](const SqlDialect& dialect) {
    const Result<SqlText> text = SqlText::scan(query, dialect, parameter);
    return text && text->has_parameter();
  });
}

}  // namespace

std::unique_ptr<RowSource> sql_source(const std::string& url, std::string query,
                                      const RowSourceOptions& options) {
  return in_words_of(options, std::make_unique<SqlSource>(url, std::move(query), options));
}

Result<void> read_query(const std::string& url, const std::string& query,
                        const RowSourceOptions& options, const ColumnsSink& columns,
                        const RowSink& rows) {
  Result<void> read = SqlSource(url, query, options).read({}, columns, rows);
  if (read || !options.advises_settings) return read;
  return with_settings(read.error());
}

std::optional<SqlFault> sql_fault(const std::string& url, const std::string& sql) {
  std::optional<SqlFault> fault;
  for (const SqlDialect& dialect : dialects_of(url)) {
    fault = SqlText::fault_of(sql, dialect);
    if (!fault) break;
  }
  return fault;
}

bool asks_for_user(const std::string& url, const std::string& query) {
  return asks_for(kEmail, url, query);
}

bool asks_for_changes(const std::string& url, const std::string& query) {
  return asks_for(kSince, url, query);
}

}  // namespace weir::cli
