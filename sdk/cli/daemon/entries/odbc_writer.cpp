// Entries by an ODBC driver. The driver may hang, so all of it happens in a thread of its own,
// which is left behind when it is late.
#include <utility>

#include "daemon/entries/sql_writer.h"
#include "input/bounded_call.h"
#include "input/odbc_session.h"
#include "input/sql_reading.h"

namespace weir::daemon {
namespace {

using cli::OdbcSession;

// Those that are known to keep a text with a NUL in it whole, together with their drivers.
bool keeps_nul(cli::OdbcProduct product) {
  return product == cli::OdbcProduct::kMysql || product == cli::OdbcProduct::kSqlite;
}

// What the thread in the driver owns.
struct OdbcWork {
  OdbcWork(SqlWriterOptions where, std::vector<SqlValues> what)
      : options(std::move(where)), rows(std::move(what)) {}

  const SqlWriterOptions options;
  const std::vector<SqlValues> rows;
  OdbcSession session;
  std::optional<Handed> failed;

  std::optional<Handed> again(const cli::OdbcFailure& failure) const {
    return sql_failure(options, verdict_of_state(failure.state), failure.words);
  }

  void run() {
    failed = write();
    session.close();
  }

  std::optional<Handed> write() {
    if (auto bad = session.connect_to_write(options.address.connection(), cli::kLongestConnect))
      return again(*bad);
    Result<cli::NamedSql> statement =
        checked_statement(options, cli::dialect_of(session.product()));
    if (!statement) return sql_failure(options, HandlerAnswer::kAgain, statement.error().message);
    const std::string sql = statement->with([](std::size_t) { return std::string("?"); });
    const auto longest = std::chrono::ceil<std::chrono::seconds>(options.longest);
    for (const SqlValues& row : rows) {
      if (!keeps_nul(session.product())) {
        if (auto cut = nul_failure(options, statement->names(), row)) return cut;
      }
      if (auto bad = session.execute(sql, row, longest)) return again(*bad);
    }
    if (auto bad = session.commit()) return again(*bad);
    return std::nullopt;
  }
};

class OdbcWriter final : public SqlWriter {
 public:
  OdbcWriter(SqlWriterOptions options, std::vector<std::string> names)
      : options_(std::move(options)), names_(std::move(names)) {}

  const std::vector<std::string>& parameters() const override { return names_; }
  MomentForm moment_form() const override { return MomentForm::kPlain; }

  Handed write(const std::vector<SqlValues>& rows, std::stop_token stop) override {
    const auto work = std::make_shared<OdbcWork>(options_, rows);
    const auto longest = options_.longest + cli::kLongestConnect;
    switch (cli::call_within(longest, stop, [work] { work->run(); })) {
      case cli::CallEnd::kStopped:
        work->session.cancel();
        return {.verdict = HandlerAnswer::kStopped, .reason = "Weir stops"};
      case cli::CallEnd::kLate:
        work->session.cancel();
        return sql_failure(options_, HandlerAnswer::kAgain,
                           "the statement did not end within its timeout");
      case cli::CallEnd::kDone:
        break;
    }
    return work->failed.value_or(Handed{});
  }

  // Each transaction has a connection of its own.
  void rest() override {}

 private:
  const SqlWriterOptions options_;
  const std::vector<std::string> names_;
};

}  // namespace

Result<std::unique_ptr<SqlWriter>> odbc_writer(const SqlWriterOptions& options) {
  // Which dialect it is, only the database tells; where they differ, no parameter is meant.
  Result<cli::NamedSql> statement = checked_statement(options, cli::kPostgresDialect);
  if (!statement) return statement.error();
  return std::unique_ptr<SqlWriter>(std::make_unique<OdbcWriter>(options, statement->names()));
}

}  // namespace weir::daemon
