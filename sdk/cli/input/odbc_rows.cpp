// The rows of a query of any database that has an ODBC driver. Drivers have limits of their own or
// none, so one is run in a thread that can be left behind.
#include <algorithm>
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

// SQLite's driver shows bytes so in a column that is none of bytes.
bool is_bytes_as_text(std::string_view cell) {
  if (cell.size() < 3 || cell.size() % 2 == 0 || !cell.starts_with("X'") || !cell.ends_with('\''))
    return false;
  const std::string_view digits = cell.substr(2, cell.size() - 3);
  return digits.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

bool is_date(const OdbcColumn& column) { return column.type == SQL_TYPE_DATE; }

// PostgreSQL's query, for the same rows, with a text in the place of each date.
std::string with_text_of_dates(const std::string& query, const std::vector<OdbcColumn>& columns) {
  std::string all;
  std::string names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string before = i == 0 ? "" : ", ";
    const std::string name = "c" + std::to_string(i + 1);
    names += before + name;
    all += before + name + (is_date(columns[i]) ? "::text" : "") + " AS \"";
    for (const char c : columns[i].name) all += c == '"' ? "\"\"" : std::string(1, c);
    all += '"';
  }
  return "SELECT " + all + " FROM (" + query + "\n) AS rows_of_query (" + names + ")";
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
    Result<SqlText> text = parameter_text(question_, dialect_of(session_->product()));
    if (!text) return text.error();
    const OdbcRows rows = rows_of_statement(session_->product(), text->first_word());
    if (rows != OdbcRows::kOfProcedure) {
      if (Result<void> described = describe_alone(*text); !described) return described;
      if (columns_.empty() && rows == OdbcRows::kDescribed) return gives_no_rows(question_);
      if (question_.names_only && !columns_.empty()) return hand_over_names();
    }
    if (Result<void> executed = execute(*text); !executed) return executed;
    if (Result<void> found = find_rows(); !found) return found;
    if (Result<void> usable = hand_over_names(); !usable || question_.names_only) return usable;
    return fetch_all();
  }

  // Finds out the columns without executing anything.
  Result<void> describe_alone(const SqlText& text) {
    auto failed = prepare(text);
    // PostgreSQL cannot tell the type of ":email IS NULL".
    if (failed && (failed->state == "42P18" || failed->state == "42P08")) {
      mark_ = "CAST(? AS TEXT)";
      failed = session_->begin_to_read();
      if (!failed) failed = prepare(text);
    }
    if (failed) return problem(*failed);
    return {};
  }

  OdbcSession::Failure prepare(const SqlText& text) {
    if (auto failed = session_->prepare(text.with(mark_))) return failed;
    return session_->describe(columns_);
  }

  Result<void> execute(const SqlText& text) {
    const auto longest = std::chrono::duration_cast<std::chrono::seconds>(question_.longest);
    std::optional<std::string> lowest;
    if (asks_for_lowest(question_)) {
      Result<std::string> found = lowest_version();
      if (!found) return found.error();
      lowest = std::move(*found);
    }
    const std::optional<std::string> value = parameter_value(question_, lowest);
    Result<std::string> query = is_postgres() ? query_for_psqlodbc(text) : text.with(mark_);
    if (!query) return query.error();
    const std::vector<std::optional<std::string>> values(text.parameters(), value);
    if (auto failed = session_->execute(*query, values, longest)) return problem(*failed);
    return {};
  }

  // psqlODBC takes the era off a date, and the end of a year that has more than four digits. It
  // writes on behind a query, which may end in a comment.
  Result<std::string> query_for_psqlodbc(const SqlText& text) const {
    const auto date = std::find_if(columns_.begin(), columns_.end(), &is_date);
    if (date == columns_.end()) return text.with(mark_) + "\n";
    if (text.first_word() == "call") return lost_moment(date->name);
    return with_text_of_dates(text.with(mark_), columns_);
  }

  // What no version in the column is below.
  Result<std::string> lowest_version() const {
    for (const OdbcColumn& column : columns_) {
      if (column.name != question_.since->column) continue;
      if (const std::optional<std::string> lowest = lowest_of(column.type)) return *lowest;
      return cannot_be_followed(question_, column.type_name);
    }
    return lacks_version_column(question_);
  }

  // The first result that has columns: a procedure may have others before.
  Result<void> find_rows() {
    bool has_one = true;
    while (has_one) {
      if (auto failed = session_->describe(columns_)) return problem(*failed);
      if (!columns_.empty()) return {};
      if (auto failed = session_->next_result(has_one)) return problem(*failed);
    }
    return gives_no_rows(question_);
  }

  // A procedure may fail after its rows, or give others.
  Result<void> see_the_end() {
    while (true) {
      bool has_one = false;
      if (auto failed = session_->next_result(has_one)) return problem(*failed);
      if (!has_one) return {};
      if (auto failed = session_->describe(columns_)) return problem(*failed);
      if (!columns_.empty())
        return sql_error(question_, "the query gives several tables of rows; it must give one");
    }
  }

  Result<void> hand_over_names() {
    std::vector<std::string> names;
    for (const OdbcColumn& column : columns_) {
      if (is_binary(column.type))
        return holds_bytes(question_, column.name, column.type_name,
                           is_postgres() ? "encode(" + column.name + ", 'hex')" : "");
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
      if (!has_row) return see_the_end();
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (auto failed = session_->read_cell(i + 1, columns_[i].type, row[i])) {
          failed->words.insert(0, "column '" + columns_[i].name + "': ");
          return problem(*failed);
        }
        if (is_postgres() && !repair(columns_[i].type, row[i]))
          return lost_moment(columns_[i].name);
        if (session_->product() == OdbcProduct::kSqlite && is_bytes_as_text(row[i]))
          return bytes_as_text(columns_[i].name);
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

  Error bytes_as_text(const std::string& column) const {
    return sql_error(question_,
                     "column '" + column +
                         "' has a cell such as X'4A', as the driver shows bytes. Make text of it "
                         "in the query, such as hex(" +
                         column + "). If it is a text, read the file as sqlite3:///path");
  }

  bool is_postgres() const { return session_->product() == OdbcProduct::kPostgres; }

  Error problem(const OdbcFailure& failed) const {
    // The last is what is left of an operator such as @?.
    const bool is_mark = failed.state == "07002" || failed.state == "42601" ||
                         failed.words.find("\"$") != std::string::npos;
    if (!is_postgres() || !is_mark || query_.find('?') == std::string::npos)
      return sql_error(question_, failed.words);
    return sql_error(question_, failed.words +
                                    ". The driver takes each ? for a parameter: write "
                                    "jsonb_exists(a, b) instead of a ? b, jsonb_exists_any for "
                                    "?|, jsonb_exists_all for ?& and jsonb_path_exists for @?");
  }

  const DatabaseAddress address_;
  const std::string query_;
  const SqlQuestion question_;
  const std::shared_ptr<OdbcSession> session_;
  const std::shared_ptr<RowChannel> channel_;
  std::vector<OdbcColumn> columns_;
  std::string mark_ = "?";  // of a parameter
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
