// Entries into an SQLite file that is there already.
#include <sqlite3.h>
#include <weir/foreign_words.h>

#include <utility>

#include "daemon/entries/sql_writer.h"

namespace weir::daemon {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kBusyMilliseconds = 5000;
constexpr int kStepsBetweenLooks = 10'000;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class SqliteWriter final : public SqlWriter {
 public:
  SqliteWriter(SqlWriterOptions options, cli::NamedSql statement)
      : options_(std::move(options)), statement_(std::move(statement)) {}

  const std::vector<std::string>& parameters() const override { return statement_.names(); }

  Handed write(const std::vector<SqlValues>& rows, std::stop_token /*stop*/) override {
    until_ = SteadyClock::now() + options_.longest;
    int status = open();
    if (status == SQLITE_OK) status = run("BEGIN IMMEDIATE");
    if (status == SQLITE_OK) status = prepare();
    for (const SqlValues& row : rows) {
      if (status == SQLITE_OK) status = execute(row);
    }
    if (status == SQLITE_OK) status = run("COMMIT");
    if (status == SQLITE_OK) return {};
    // Closing it takes back what was done.
    Handed failed = failure(status);
    rest();
    return failed;
  }

  void rest() override {
    prepared_.reset();
    database_.reset();
  }

 private:
  // Without creating it: a mistyped name would leave an empty file behind.
  int open() {
    if (database_) return SQLITE_OK;
    sqlite3* opened = nullptr;
    const int status = sqlite3_open_v2(options_.address.connection().c_str(), &opened,
                                       SQLITE_OPEN_READWRITE, nullptr);
    database_.reset(opened);
    if (status != SQLITE_OK) return status;
    sqlite3_busy_timeout(opened, kBusyMilliseconds);
    sqlite3_progress_handler(opened, kStepsBetweenLooks, &SqliteWriter::must_end, this);
    return SQLITE_OK;
  }

  int run(const char* sql) { return sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr); }

  int prepare() {
    if (prepared_) return SQLITE_OK;
    const std::string sql =
        statement_.with([](std::size_t number) { return "?" + std::to_string(number); });
    sqlite3_stmt* prepared = nullptr;
    const int status = sqlite3_prepare_v2(database_.get(), sql.c_str(),
                                          static_cast<int>(sql.size()), &prepared, nullptr);
    prepared_.reset(prepared);
    return status;
  }

  int execute(const SqlValues& row) {
    sqlite3_reset(prepared_.get());
    for (std::size_t i = 0; i < row.size(); ++i) {
      const int number = static_cast<int>(i) + 1;
      const int status = row[i] ? sqlite3_bind_text(prepared_.get(), number, row[i]->data(),
                                                    static_cast<int>(row[i]->size()), SQLITE_STATIC)
                                : sqlite3_bind_null(prepared_.get(), number);
      if (status != SQLITE_OK) return status;
    }
    int status = SQLITE_ROW;
    while (status == SQLITE_ROW) status = sqlite3_step(prepared_.get());
    const int reset = sqlite3_reset(prepared_.get());
    return status == SQLITE_DONE ? reset : status;
  }

  Handed failure(int status) const {
    const int kind = status & 0xFF;
    const bool is_refused =
        kind == SQLITE_CONSTRAINT || kind == SQLITE_MISMATCH || kind == SQLITE_TOOBIG;
    std::string words = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(status);
    if (status == SQLITE_CONSTRAINT_TRIGGER) words = foreign_words(words);
    return sql_failure(options_, is_refused ? HandlerAnswer::kNever : HandlerAnswer::kAgain,
                       kind == SQLITE_INTERRUPT ? "the statement did not end within its timeout"
                                                : std::string_view(words));
  }

  static int must_end(void* self) {
    return SteadyClock::now() > static_cast<const SqliteWriter*>(self)->until_ ? 1 : 0;
  }

  const SqlWriterOptions options_;
  const cli::NamedSql statement_;
  SteadyClock::time_point until_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> prepared_;
};

}  // namespace

Result<std::unique_ptr<SqlWriter>> sqlite_writer(const SqlWriterOptions& options) {
  Result<cli::NamedSql> statement = checked_statement(options, cli::kSqliteDialect);
  if (!statement) return statement.error();
  return std::unique_ptr<SqlWriter>(std::make_unique<SqliteWriter>(options, std::move(*statement)));
}

}  // namespace weir::daemon
