#include "daemon/entries/insert_recipient.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "daemon/entries/sql_writer.h"

namespace weir::daemon {
namespace {

class InsertRecipient final : public Recipient {
 public:
  InsertRecipient(std::unique_ptr<SqlWriter> writer, std::int64_t batch)
      : writer_(std::move(writer)),
        batch_(static_cast<std::size_t>(std::max<std::int64_t>(1, batch))) {}

  std::size_t batch() const override { return batch_; }

  Handed hand_over(std::span<const QueuedEntry> entries, std::stop_token stop) override {
    std::vector<SqlValues> rows;
    for (const QueuedEntry& entry : entries) {
      Result<SqlValues> values =
          parameter_values(writer_->parameters(), entry, writer_->moment_form());
      if (!values) return {.verdict = HandlerAnswer::kNever, .reason = values.error().message};
      rows.push_back(std::move(*values));
    }
    return writer_->write(rows, std::move(stop));
  }

  void rest() override { writer_->rest(); }

 private:
  const std::unique_ptr<SqlWriter> writer_;
  const std::size_t batch_;
};

Result<std::unique_ptr<SqlWriter>> writer_for(const SqlWriterOptions& options) {
  using Kind = cli::DatabaseAddress::Kind;
  switch (options.address.kind()) {
    case Kind::kPostgres:
      return postgres_writer(options);
    case Kind::kSqlite:
      return sqlite_writer(options);
    case Kind::kOdbc:
      return odbc_writer(options);
    case Kind::kUnknown:
    case Kind::kMalformed:
      break;
  }
  return Error{.code = ErrorCode::kInvalidConfig, .message = options.address.problem()};
}

std::optional<std::string> problem_of(const Result<cli::NamedSql>& statement) {
  if (!statement) return "cannot be used: " + statement.error().message;
  for (const std::string& name : statement->names()) {
    if (const auto problem = parameter_problem(name)) return "cannot be used: " + *problem;
  }
  return std::nullopt;
}

}  // namespace

HandlerAnswer verdict_of_state(const std::string& sqlstate) {
  return sqlstate.starts_with("22") || sqlstate.starts_with("23") ? HandlerAnswer::kNever
                                                                  : HandlerAnswer::kAgain;
}

Result<cli::NamedSql> checked_statement(const SqlWriterOptions& options,
                                        const cli::SqlDialect& dialect) {
  Result<cli::NamedSql> statement = cli::NamedSql::scan(options.statement, dialect);
  if (const auto problem = problem_of(statement))
    return Error{.code = ErrorCode::kInvalidConfig, .message = "insert " + *problem};
  return statement;
}

Handed sql_failure(const SqlWriterOptions& options, HandlerAnswer verdict, std::string_view words) {
  return {.verdict = verdict,
          .reason = options.address.shown() + ": " + options.address.cleaned(words)};
}

std::optional<Handed> nul_failure(const SqlWriterOptions& options,
                                  const std::vector<std::string>& parameters,
                                  const SqlValues& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] && row[i]->find('\0') != std::string::npos)
      return sql_failure(
          options, HandlerAnswer::kNever,
          "the value of :" + parameters.at(i) +
              " has a NUL character, which this database would take for the end of the text");
  }
  return std::nullopt;
}

Result<std::unique_ptr<Recipient>> insert_recipient(const InsertHandler& handler) {
  const std::string address =
      cli::with_password(handler.database.address, std::string(handler.database.password.reveal()));
  Result<std::unique_ptr<SqlWriter>> writer =
      writer_for({.address = cli::DatabaseAddress::parse(address),
                  .statement = handler.statement,
                  .longest = handler.timeout});
  if (!writer) return writer.error();
  return std::unique_ptr<Recipient>(
      std::make_unique<InsertRecipient>(std::move(*writer), handler.batch));
}

std::optional<std::string> insert_problem(const InsertHandler& handler) {
  const auto kind = cli::DatabaseAddress::parse(handler.database.address).kind();
  const bool is_sqlite = kind == cli::DatabaseAddress::Kind::kSqlite;
  // As the writers read it: which database is behind ODBC, only its driver tells.
  return problem_of(cli::NamedSql::scan(handler.statement,
                                        is_sqlite ? cli::kSqliteDialect : cli::kPostgresDialect));
}

std::optional<std::string> insert_warning(const std::string& statement) {
  std::string words = " ";
  for (const char c : statement) {
    const bool is_letter = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    if (is_letter) {
      words += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    } else if (words.back() != ' ') {
      words += ' ';
    }
  }
  words += ' ';
  for (const char* safe : {" ON CONFLICT ", " MERGE ", " ON DUPLICATE KEY ", " OR IGNORE ",
                           " OR REPLACE ", " REPLACE INTO ", " INSERT IGNORE ", " NOT EXISTS "}) {
    if (words.find(safe) != std::string::npos) return std::nullopt;
  }
  return "may insert an entry twice, since entries are handed over at least once; say ON CONFLICT "
         "DO NOTHING, or MERGE";
}

}  // namespace weir::daemon
