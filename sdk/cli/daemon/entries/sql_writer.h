// SqlWriter: a statement of a person's, executed once for each entry within one transaction, on
// PostgreSQL, SQLite or by ODBC. Used by insert_recipient() alone.
//
// A writer connects when it writes and stays connected until rest(). For one thread.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "daemon/config/source_config.h"
#include "daemon/entries/entry_values.h"
#include "daemon/entries/recipient.h"
#include "input/database_address.h"
#include "input/sql_text.h"

namespace weir::daemon {

using SqlValues = std::vector<std::optional<std::string>>;

// What a database's refusal means for the entry, by its SQLSTATE: 22 (the data do not fit) and 23
// (a constraint) are for good; anything else may be mended.
HandlerAnswer verdict_of_state(const std::string& sqlstate);

class SqlWriter {
 public:
  virtual ~SqlWriter() = default;

  // The names of the statement's parameters, in order, and how it takes moments.
  virtual const std::vector<std::string>& parameters() const = 0;
  virtual MomentForm moment_form() const { return MomentForm::kIso; }

  // Executes the statement for each of the rows of values and commits, or changes nothing.
  virtual Handed write(const std::vector<SqlValues>& rows, std::stop_token stop) = 0;

  // Gives the connection back.
  virtual void rest() = 0;

 protected:
  SqlWriter() = default;
  SqlWriter(const SqlWriter&) = default;
  SqlWriter& operator=(const SqlWriter&) = default;
};

struct SqlWriterOptions {
  cli::DatabaseAddress address;
  std::string statement = {};
  Milliseconds longest = std::chrono::seconds{60};  // a whole transaction
};

// kInvalidConfig: the statement has parameters that no entry gives, or is not one statement.
Result<std::unique_ptr<SqlWriter>> postgres_writer(const SqlWriterOptions& options);
Result<std::unique_ptr<SqlWriter>> sqlite_writer(const SqlWriterOptions& options);
Result<std::unique_ptr<SqlWriter>> odbc_writer(const SqlWriterOptions& options);

// The statement as the dialect reads it, its parameters checked.
Result<cli::NamedSql> checked_statement(const SqlWriterOptions& options,
                                        const cli::SqlDialect& dialect);

// The failure in the words of the database, without secrets.
Handed sql_failure(const SqlWriterOptions& options, HandlerAnswer verdict, std::string_view words);

// For a database that would cut a text off at a NUL: the refusal of a row that has one.
std::optional<Handed> nul_failure(const SqlWriterOptions& options,
                                  const std::vector<std::string>& parameters, const SqlValues& row);

}  // namespace weir::daemon
