// Entries into PostgreSQL, by libpq itself.
#include <libpq-fe.h>
#include <poll.h>
#include <weir/foreign_words.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "daemon/entries/sql_writer.h"
#include "input/bounded_call.h"
#include "input/sql_reading.h"

namespace weir::daemon {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using PgConnection = std::unique_ptr<PGconn, FinishConnection>;

struct ClearAnswer {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgAnswer = std::unique_ptr<PGresult, ClearAnswer>;

PgConnection connect_to(const std::string& address) {
  // What stands before the address is a default, what stands behind it comes first.
  const std::array<const char*, 6> names = {"connect_timeout",           "tcp_user_timeout",
                                            "fallback_application_name", "dbname",
                                            "client_encoding",           nullptr};
  const std::array<const char*, 6> values = {"5",    "10000", "weir", address.c_str(),
                                             "UTF8", nullptr};
  return PgConnection(PQconnectdbParams(names.data(), values.data(), 1));
}

class PostgresWriter final : public SqlWriter {
 public:
  PostgresWriter(SqlWriterOptions options, cli::NamedSql statement)
      : options_(std::move(options)),
        statement_(std::move(statement)),
        sql_(statement_.with([](std::size_t number) { return "$" + std::to_string(number); })) {}

  const std::vector<std::string>& parameters() const override { return statement_.names(); }

  Handed write(const std::vector<SqlValues>& rows, std::stop_token stop) override {
    until_ = SteadyClock::now() + options_.longest;
    std::optional<Handed> failed = open(stop);
    if (!failed) failed = run("BEGIN");
    // The server ends what takes too long itself; when it hangs, this side does.
    if (!failed)
      failed = run("SET LOCAL statement_timeout = " + std::to_string(options_.longest.count()));
    for (const SqlValues& row : rows) {
      if (!failed) failed = execute(row);
    }
    if (!failed) failed = run("COMMIT");
    if (!failed) return {};
    // Whatever is open there ends with the connection.
    rest();
    return *failed;
  }

  void rest() override { connection_.reset(); }

 private:
  using Failure = std::optional<Handed>;

  Failure open(const std::stop_token& stop) {
    if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK) return {};
    const auto opened = std::make_shared<PgConnection>();
    const auto work = [opened, address = options_.address.connection()] {
      *opened = connect_to(address);
    };
    const cli::CallEnd end = cli::call_within(cli::kLongestConnect, stop, work);
    if (end == cli::CallEnd::kStopped)
      return Handed{.verdict = HandlerAnswer::kStopped, .reason = "Weir stops"};
    if (end == cli::CallEnd::kLate) return again("the server does not answer");
    connection_ = std::move(*opened);
    if (PQstatus(connection_.get()) != CONNECTION_OK) return again(last_words());
    // libpq would write what a trigger says by RAISE NOTICE among our own words.
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    PQsetnonblocking(connection_.get(), 1);
    return {};
  }

  Failure run(const std::string& sql) {
    if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return again(last_words());
    return finish();
  }

  Failure execute(const SqlValues& row) {
    // libpq takes a NUL for the end of a value.
    if (Failure cut = nul_failure(options_, parameters(), row)) return cut;
    std::vector<const char*> values;
    for (const auto& value : row) values.push_back(value ? value->c_str() : nullptr);
    if (PQsendQueryParams(connection_.get(), sql_.c_str(), static_cast<int>(values.size()), nullptr,
                          values.data(), nullptr, nullptr, 0) == 0)
      return again(last_words());
    return finish();
  }

  // The answers to what was sent, to the last.
  Failure finish() {
    Failure failed;
    while (true) {
      if (Failure late = wait_for_answer()) return late;
      const PgAnswer answer(PQgetResult(connection_.get()));
      if (!answer) return failed;
      const ExecStatusType status = PQresultStatus(answer.get());
      if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) continue;
      if (!failed) failed = problem(answer.get());
      if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
        return failed;
    }
  }

  Failure wait_for_answer() {
    bool must_flush = true;
    while (must_flush || PQisBusy(connection_.get()) != 0) {
      const int flushed = PQflush(connection_.get());
      if (flushed < 0) return again(last_words());
      must_flush = flushed > 0;
      if (!must_flush && PQisBusy(connection_.get()) == 0) break;
      if (Failure late = wait_for_server(must_flush)) return late;
      if (PQconsumeInput(connection_.get()) == 0) return again(last_words());
    }
    return {};
  }

  Failure wait_for_server(bool to_write) {
    pollfd server = {PQsocket(connection_.get()),
                     static_cast<short>(POLLIN | (to_write ? POLLOUT : 0)), 0};
    while (true) {
      const auto left =
          std::chrono::duration_cast<Milliseconds>(until_ - SteadyClock::now()).count() + kGrace;
      if (left <= 0) return again("the statement did not end within its timeout");
      const int ready = ::poll(&server, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return again("the connection cannot be waited for");
    }
  }

  static std::string field(const PGresult* answer, int code) {
    const char* text = PQresultErrorField(answer, code);
    return text != nullptr ? text : "";
  }

  std::string last_words() const { return PQerrorMessage(connection_.get()); }

  Failure again(std::string_view words) const {
    return sql_failure(options_, HandlerAnswer::kAgain, words);
  }

  // Without DETAIL, which quotes the row.
  Failure problem(const PGresult* answer) const {
    const std::string state = field(answer, PG_DIAG_SQLSTATE);
    std::string words = field(answer, PG_DIAG_MESSAGE_PRIMARY);
    if (words.empty()) words = last_words();
    return sql_failure(options_, verdict_of_state(state),
                       cli::may_quote_rows(state) ? foreign_words(words) : words);
  }

  static constexpr std::int64_t kGrace = 3000;  // milliseconds

  const SqlWriterOptions options_;
  const cli::NamedSql statement_;
  const std::string sql_;
  SteadyClock::time_point until_;
  PgConnection connection_;
};

}  // namespace

Result<std::unique_ptr<SqlWriter>> postgres_writer(const SqlWriterOptions& options) {
  Result<cli::NamedSql> statement = checked_statement(options, cli::kPostgresDialect);
  if (!statement) return statement.error();
  return std::unique_ptr<SqlWriter>(
      std::make_unique<PostgresWriter>(options, std::move(*statement)));
}

}  // namespace weir::daemon
