// The rows of a query of PostgreSQL, by libpq itself: in single-row mode, so that memory stays
// bounded, and in a read-only transaction.
#include <libpq-fe.h>
#include <poll.h>
#include <weir/foreign_words.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "input/bounded_call.h"
#include "input/sql_reading.h"
#include "input/sql_text.h"
#include "input/stop_event.h"

namespace weir::cli {
namespace {

using Clock = std::chrono::steady_clock;

// The server ends the query itself; only when it hangs does this side end it.
constexpr std::chrono::seconds kGrace{3};

// The type "text" of PostgreSQL's catalog, which never changes.
constexpr Oid kTextType = 25;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, Finish>;

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

Connection connect(const std::string& address) {
  // What stands before the address is a default, what stands behind it comes first.
  const std::array<const char*, 10> names = {"connect_timeout",
                                             "keepalives_idle",
                                             "keepalives_interval",
                                             "keepalives_count",
                                             "tcp_user_timeout",
                                             "fallback_application_name",
                                             "dbname",
                                             "client_encoding",
                                             nullptr,
                                             nullptr};
  const std::array<const char*, 10> values = {
      "5", "5", "2", "3", "10000", "weir", address.c_str(), "UTF8", nullptr, nullptr};
  return Connection(PQconnectdbParams(names.data(), values.data(), 1));
}

// The numbers of the types in PostgreSQL's catalog never change.
std::optional<std::string> lowest_of(Oid type) {
  switch (type) {
    case 1082:  // date
    case 1114:  // timestamp
    case 1184:  // timestamptz
      return "-infinity";
    case 700:  // float4
    case 701:  // float8
      return "-Infinity";
    case 1700:  // numeric
      return "-1e1000";
    case 20:  // int8
      return "-9223372036854775808";
    case 21:  // int2
      return "-32768";
    case 23:  // int4
      return "-2147483648";
    case kTextType:
    case 1042:  // char
    case 1043:  // varchar
      return "";
    default:
      return std::nullopt;
  }
}

class PostgresReading {
 public:
  PostgresReading(const SqlQuestion& question, SqlText text)
      : question_(question), text_(std::move(text)), stop_(question.stop) {}

  Result<void> read(const NamesSink& names, const RowSink& rows) {
    if (Result<void> open = open_connection(); !open) return open;
    until_ = Clock::now() + question_.longest + kGrace;
    if (Result<void> begun = begin(); !begun) return begun;
    if (Result<void> prepared = prepare(); !prepared) return prepared;
    return question_.names_only ? describe(names) : stream(names, rows);
  }

 private:
  Result<void> open_connection() {
    const auto opened = std::make_shared<Connection>();
    const auto work = [opened, address = question_.address.connection()] {
      *opened = connect(address);
    };
    const CallEnd end = call_within(kLongestConnect, question_.stop, work);
    if (end == CallEnd::kStopped) return stopped();
    if (end == CallEnd::kLate) return problem("the server does not answer");
    connection_ = std::move(*opened);
    if (PQstatus(connection_.get()) != CONNECTION_OK) return problem(last_words());
    // libpq would write what a function says by RAISE NOTICE among our own words.
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    PQsetnonblocking(connection_.get(), 1);
    return {};
  }

  // A query that its reader has left must not go on for ever; a shorter time that the user has set
  // stays.
  Result<void> begin() {
    if (Result<void> begun = run("BEGIN TRANSACTION READ ONLY"); !begun) return begun;
    const std::string longest = std::to_string(question_.longest.count());
    const std::string limits =
        "SELECT set_config(name, CASE WHEN name = 'statement_timeout' AND "
        "setting::bigint BETWEEN 1 AND " +
        longest +
        " THEN setting WHEN name = "
        "'statement_timeout' THEN '" +
        longest +
        "' ELSE '2s' END, true) FROM pg_settings WHERE "
        "name = 'statement_timeout' OR name = 'client_connection_check_interval' AND "
        "version() LIKE '%linux%'";
    if (run(limits)) return {};
    // A server that only speaks PostgreSQL's protocol may lack these.
    if (Result<void> ended = run("ROLLBACK"); !ended) return ended;
    return run("BEGIN TRANSACTION READ ONLY");
  }

  // The server finds out the type of the parameter; where it cannot, as in ":email IS NULL", it is
  // a text.
  Result<void> prepare() {
    const std::string query = text_.with("$1");
    const int parameters = text_.has_parameter() ? 1 : 0;
    for (const Oid type : {Oid{0}, kTextType}) {
      if (PQsendPrepare(connection_.get(), "", query.c_str(), parameters, &type) == 0)
        return problem(last_words());
      Result<Answer> answer = last_answer();
      if (!answer) return answer.error();
      if (PQresultStatus(answer->get()) == PGRES_COMMAND_OK) return {};
      const std::string state = field(*answer, PG_DIAG_SQLSTATE);
      if ((state != "42P18" && state != "42P08") || parameters == 0 || type == kTextType)
        return problem(*answer);
      if (Result<void> ended = run("ROLLBACK"); !ended) return ended;
      if (Result<void> begun = begin(); !begun) return begun;
    }
    return {};
  }

  Result<void> describe(const NamesSink& names) {
    if (PQsendDescribePrepared(connection_.get(), "") == 0) return problem(last_words());
    Result<Answer> answer = last_answer();
    if (!answer) return answer.error();
    if (PQresultStatus(answer->get()) != PGRES_COMMAND_OK) return problem(*answer);
    return hand_over_names(*answer, names);
  }

  // What no version in the column is below.
  Result<std::string> lowest_version() {
    if (PQsendDescribePrepared(connection_.get(), "") == 0) return problem(last_words());
    Result<Answer> answer = last_answer();
    if (!answer) return answer.error();
    if (PQresultStatus(answer->get()) != PGRES_COMMAND_OK) return problem(*answer);
    for (int i = 0; i < PQnfields(answer->get()); ++i) {
      if (PQfname(answer->get(), i) != question_.since->column) continue;
      const Oid type = PQftype(answer->get(), i);
      if (const std::optional<std::string> lowest = lowest_of(type)) return *lowest;
      return cannot_be_followed(question_, "type with the number " + std::to_string(type));
    }
    return lacks_version_column(question_);
  }

  Result<void> stream(const NamesSink& names, const RowSink& rows) {
    std::optional<std::string> lowest;
    if (asks_for_lowest(question_)) {
      Result<std::string> found = lowest_version();
      if (!found) return found.error();
      lowest = std::move(*found);
    }
    const std::optional<std::string> value = parameter_value(question_, lowest);
    const std::array<const char*, 1> values = {value ? value->c_str() : nullptr};
    if (PQsendQueryPrepared(connection_.get(), "", text_.has_parameter() ? 1 : 0, values.data(),
                            nullptr, nullptr, 0) == 0)
      return problem(last_words());
    PQsetSingleRowMode(connection_.get());
    bool has_names = false;
    Row row;
    while (true) {
      Result<Answer> answer = next_answer();
      if (!answer) return answer.error();
      if (!*answer) return {};
      const ExecStatusType status = PQresultStatus(answer->get());
      if (status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY)
        return gives_no_rows(question_);
      if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) return problem(*answer);
      if (!has_names) {
        if (Result<void> taken = hand_over_names(*answer, names); !taken) return taken;
        has_names = true;
      }
      if (status != PGRES_SINGLE_TUPLE) continue;
      read_row(*answer, row);
      if (Result<void> taken = rows(row); !taken) return taken;
    }
  }

  Result<void> hand_over_names(const Answer& answer, const NamesSink& names) const {
    std::vector<std::string> found;
    for (int i = 0; i < PQnfields(answer.get()); ++i) found.emplace_back(PQfname(answer.get(), i));
    if (found.empty()) return gives_no_rows(question_);
    return names(found);
  }

  static void read_row(const Answer& answer, Row& row) {
    row.resize(static_cast<std::size_t>(PQnfields(answer.get())));
    for (std::size_t i = 0; i < row.size(); ++i) {
      const int column = static_cast<int>(i);
      row[i].assign(PQgetvalue(answer.get(), 0, column),
                    static_cast<std::size_t>(PQgetlength(answer.get(), 0, column)));
    }
  }

  Result<void> run(const std::string& statement) {
    if (PQsendQuery(connection_.get(), statement.c_str()) == 0) return problem(last_words());
    Result<Answer> answer = last_answer();
    if (!answer) return answer.error();
    const ExecStatusType status = PQresultStatus(answer->get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
    return problem(*answer);
  }

  // The answer to a statement that has one.
  Result<Answer> last_answer() {
    Answer last;
    while (true) {
      Result<Answer> answer = next_answer();
      if (!answer) return answer.error();
      if (!*answer) return last;
      last = std::move(*answer);
    }
  }

  // Empty after the last one.
  Result<Answer> next_answer() {
    bool must_flush = true;
    while (must_flush || PQisBusy(connection_.get()) != 0) {
      const int flushed = PQflush(connection_.get());
      if (flushed < 0) return problem(last_words());
      must_flush = flushed > 0;
      if (!must_flush && PQisBusy(connection_.get()) == 0) break;
      if (Result<void> ready = wait_for_server(must_flush); !ready) return ready.error();
      if (PQconsumeInput(connection_.get()) == 0) return problem(last_words());
    }
    return Answer(PQgetResult(connection_.get()));
  }

  Result<void> wait_for_server(bool to_write) {
    std::array<pollfd, 2> waits = {
        {{PQsocket(connection_.get()), static_cast<short>(POLLIN | (to_write ? POLLOUT : 0)), 0},
         {stop_.descriptor(), POLLIN, 0}}};
    while (true) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now()).count();
      if (left <= 0) return too_late(question_);
      const int ready =
          ::poll(waits.data(), waits.size(), static_cast<int>(std::min<long long>(left, 60'000)));
      if (waits[1].revents != 0) return stopped();
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return problem("the connection cannot be waited for");
    }
  }

  static std::string field(const Answer& answer, int code) {
    const char* text = PQresultErrorField(answer.get(), code);
    return text != nullptr ? text : "";
  }

  std::string last_words() const { return PQerrorMessage(connection_.get()); }

  Error problem(std::string_view words) const { return sql_error(question_, words); }

  Error problem(const Answer& answer) const {
    const std::string primary = field(answer, PG_DIAG_MESSAGE_PRIMARY);
    if (primary.empty()) {
      const std::string words = answer ? PQresultErrorMessage(answer.get()) : "";
      return problem(words.empty() ? last_words() : words);
    }
    const std::string state = field(answer, PG_DIAG_SQLSTATE);
    std::string words = may_quote_rows(state) ? foreign_words(primary) : primary;
    for (const std::string& more :
         {field(answer, PG_DIAG_MESSAGE_DETAIL), field(answer, PG_DIAG_MESSAGE_HINT)}) {
      if (!more.empty()) words += ". " + foreign_words(more);
    }
    if (state == "57014" && words.find("timeout") != std::string::npos)
      words +=
          ". A longer time is --query-timeout, query_timeout_seconds of a [[source]], or timeout "
          "of "
          "a [source.ID]";
    return problem(words);
  }

  const SqlQuestion& question_;
  const SqlText text_;
  const StopEvent stop_;
  Connection connection_;
  Clock::time_point until_;
};

}  // namespace

Result<void> read_postgres(const SqlQuestion& question, const NamesSink& names,
                           const RowSink& rows) {
  Result<SqlText> text = parameter_text(question, kPostgresDialect);
  if (!text) return text.error();
  return PostgresReading(question, std::move(*text)).read(names, rows);
}

}  // namespace weir::cli
