// The rows of a query of any database that has an ODBC driver. Drivers have limits of their own or
// none, so one is run in a thread that can be left behind.
#include <exception>
#include <memory>
#include <utility>

#include "input/bounded_call.h"
#include "input/odbc_session.h"
#include "input/row_channel.h"
#include "input/sql_reading.h"
#include "input/sql_text.h"

namespace weir::cli {
namespace {

using Clock = std::chrono::steady_clock;

// The driver ends the query itself; only when it does not, this side does.
constexpr std::chrono::seconds kGrace{3};
constexpr std::chrono::seconds kLongestCancel{2};
constexpr std::chrono::milliseconds kShortly{100};

SqlDialect dialect_of(const std::string& database) {
  const auto has = [&](const char* name) { return database.find(name) != std::string::npos; };
  if (has("PostgreSQL")) return kPostgresDialect;
  if (has("MariaDB") || has("MySQL")) return kMysqlDialect;
  if (has("SQLite") || has("SQL Server")) return kSqliteDialect;
  return {};
}

bool is_binary(SQLSMALLINT type) {
  return type == SQL_BINARY || type == SQL_VARBINARY || type == SQL_LONGVARBINARY;
}

// The earliest moment that all databases know; a version is no negative number.
std::optional<std::string> lowest_of(SQLSMALLINT type) {
  switch (type) {
    case SQL_TYPE_TIMESTAMP:
    case SQL_TYPE_DATE:
    case SQL_TIMESTAMP:
      return "1753-01-01 00:00:00";
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
    case SQL_NUMERIC:
    case SQL_DECIMAL:
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE:
      return "-1";
    case SQL_CHAR:
    case SQL_VARCHAR:
    case SQL_LONGVARCHAR:
    case SQL_WCHAR:
    case SQL_WVARCHAR:
    case SQL_WLONGVARCHAR:
      return "";
    default:
      return std::nullopt;
  }
}

// What the thread in the driver owns.
class OdbcReading {
 public:
  OdbcReading(const SqlQuestion& question, std::shared_ptr<OdbcSession> session,
              std::shared_ptr<RowChannel> channel)
      : address_(question.address),
        query_(question.query),
        question_{.address = address_,
                  .query = query_,
                  .user = question.user,
                  .since = question.since,
                  .names_only = question.names_only,
                  .longest = question.longest},
        session_(std::move(session)),
        channel_(std::move(channel)) {}
  OdbcReading(const OdbcReading&) = delete;
  OdbcReading& operator=(const OdbcReading&) = delete;

  void run() {
    std::optional<Error> error;
    try {
      if (const Result<void> done = read(); !done) error = done.error();
    } catch (const std::exception& problem) {
      error = sql_error(question_, problem.what());
    }
    // The connection is given back before anybody is told.
    session_->close();
    channel_->end(std::move(error));
  }

 private:
  Result<void> read() {
    if (auto failed = session_->connect(address_.connection(), kLongestConnect))
      return problem(*failed);
    channel_->is_connected();
    const std::string database = session_->database_name();
    is_postgres_ = database.find("PostgreSQL") != std::string::npos;
    Result<SqlText> text = parameter_text(question_, dialect_of(database));
    if (!text) return text.error();
    if (question_.names_only && describe_alone(*text)) return {};
    if (Result<void> executed = execute(*text); !executed) return executed;
    if (auto failed = session_->describe(columns_)) return problem(*failed);
    if (Result<void> usable = hand_over_names(); !usable || question_.names_only) return usable;
    return fetch_all();
  }

  // Most drivers can describe a query without running it.
  bool describe_alone(const SqlText& text) {
    if (session_->prepare(text.with("?"))) return false;
    if (session_->describe(columns_) || columns_.empty()) return false;
    return static_cast<bool>(hand_over_names());
  }

  Result<void> execute(const SqlText& text) {
    const auto longest = std::chrono::duration_cast<std::chrono::seconds>(question_.longest);
    std::optional<std::string> lowest;
    if (asks_for_lowest(question_)) {
      Result<std::string> found = lowest_version(text);
      if (!found) return found.error();
      lowest = std::move(*found);
    }
    const std::optional<std::string> value = parameter_value(question_, lowest);
    auto failed = session_->execute(text.with("?"), text.parameters(), value, longest);
    // PostgreSQL cannot tell the type of ":email IS NULL".
    if (failed && (failed->state == "42P18" || failed->state == "42P08"))
      failed = session_->execute(text.with("CAST(? AS TEXT)"), text.parameters(), value, longest);
    if (failed) return problem(*failed);
    return {};
  }

  // What no version in the column is below.
  Result<std::string> lowest_version(const SqlText& text) {
    if (auto failed = session_->prepare(text.with("?"))) return problem(*failed);
    if (auto failed = session_->describe(columns_)) return problem(*failed);
    for (const OdbcColumn& column : columns_) {
      if (column.name != question_.since->column) continue;
      if (const std::optional<std::string> lowest = lowest_of(column.type)) return *lowest;
      return cannot_be_followed(question_, column.type_name);
    }
    return lacks_version_column(question_);
  }

  Result<void> hand_over_names() {
    if (columns_.empty()) return gives_no_rows(question_);
    std::vector<std::string> names;
    for (const OdbcColumn& column : columns_) {
      if (is_binary(column.type)) return holds_bytes(question_, column.name, column.type_name);
      names.push_back(column.name);
    }
    channel_->put_names(std::move(names));
    return {};
  }

  Result<void> fetch_all() {
    Row row(columns_.size());
    while (true) {
      bool has_row = false;
      if (auto failed = session_->fetch(has_row)) return problem(*failed);
      if (!has_row) return {};
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (auto failed = session_->read_cell(i + 1, columns_[i].type, row[i])) {
          failed->words.insert(0, "column '" + columns_[i].name + "': ");
          return problem(*failed);
        }
        if (is_postgres_ && !repair(columns_[i].type, row[i])) return lost_moment(columns_[i].name);
      }
      if (!channel_->put(row)) return {};
    }
  }

  // What psqlODBC makes of a cell; false where it has lost the value.
  static bool repair(SQLSMALLINT type, std::string& cell) {
    // It writes in capitals what PostgreSQL writes in small letters.
    if (type == SQL_GUID) {
      for (char& c : cell) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const bool is_moment =
        type == SQL_TYPE_DATE || type == SQL_TYPE_TIMESTAMP || type == SQL_TIMESTAMP;
    return !is_moment || (!cell.starts_with("0000-") && !cell.ends_with("BC"));
  }

  Error lost_moment(const std::string& column) const {
    return sql_error(question_, "column '" + column +
                                    "': a moment such as infinity, or one outside of the years 1 "
                                    "to 9999, is lost by the driver. Make text of it in the "
                                    "query: " +
                                    column + "::text");
  }

  Error problem(const OdbcFailure& failed) const { return sql_error(question_, failed.words); }

  const DatabaseAddress address_;
  const std::string query_;
  const SqlQuestion question_;
  const std::shared_ptr<OdbcSession> session_;
  const std::shared_ptr<RowChannel> channel_;
  std::vector<OdbcColumn> columns_;
  bool is_postgres_ = false;
};

// Hands on what comes through the channel, until it ends, is late or is not wanted.
Result<void> take_all(const SqlQuestion& question, RowChannel& channel, const NamesSink& names,
                      const RowSink& rows) {
  RowChannel::Deadline until = Clock::now() + kLongestConnect + kGrace;
  bool is_connected = false;
  while (true) {
    switch (channel.wait(until, question.stop)) {
      case RowChannel::State::kConnected:
        until = Clock::now() + question.longest + kGrace;
        is_connected = true;
        break;
      case RowChannel::State::kNames:
        if (Result<void> taken = names(channel.names()); !taken) return taken;
        break;
      case RowChannel::State::kRows:
        for (const Row& row : channel.rows()) {
          if (Result<void> taken = rows(row); !taken) return taken;
        }
        break;
      case RowChannel::State::kEnded:
        if (std::optional<Error> error = channel.error()) return *error;
        return {};
      case RowChannel::State::kLate:
        return is_connected ? too_late(question)
                            : sql_error(question, "the server does not answer");
      case RowChannel::State::kStopped:
        return stopped();
    }
  }
}

// However the reading ends: the driver is told to, unless it has come to its end.
class EndOfReading {
 public:
  EndOfReading(std::shared_ptr<RowChannel> channel, std::shared_ptr<OdbcSession> session)
      : channel_(std::move(channel)), session_(std::move(session)) {}
  ~EndOfReading() {
    channel_->give_up();
    if (channel_->wait_for_end(Clock::now() + kShortly)) return;
    call_within(kLongestCancel, {}, [session = session_] { session->cancel(); });
    channel_->wait_for_end(Clock::now() + kLongestCancel);
  }
  EndOfReading(const EndOfReading&) = delete;
  EndOfReading& operator=(const EndOfReading&) = delete;

 private:
  const std::shared_ptr<RowChannel> channel_;
  const std::shared_ptr<OdbcSession> session_;
};

}  // namespace

Result<void> read_odbc(const SqlQuestion& question, const NamesSink& names, const RowSink& rows) {
  const auto channel = std::make_shared<RowChannel>();
  const auto session = std::make_shared<OdbcSession>();
  const auto reading = std::make_shared<OdbcReading>(question, session, channel);
  if (!run_apart([reading] { reading->run(); }))
    return sql_error(question, "earlier queries still wait for the driver, which does not answer");
  const EndOfReading end(channel, session);
  return take_all(question, *channel, names, rows);
}

}  // namespace weir::cli
