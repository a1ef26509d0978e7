// The handler that is a table: an SQL statement for each entry, one transaction a batch, on
// PostgreSQL, SQLite or by ODBC.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/entries/recipient.h"

namespace weir::daemon {

Result<std::unique_ptr<Recipient>> insert_recipient(const InsertHandler& handler);

// Why the statement cannot be used, as far as it can be told without its database: it has a
// parameter that no entry gives. Empty: it can.
std::optional<std::string> insert_problem(const InsertHandler& handler);

// An entry may be handed over twice, for instance after a crash: a statement that neither ignores
// nor replaces a row which is there already is told of by `weir check`. Empty: it does.
std::optional<std::string> insert_warning(const std::string& statement);

}  // namespace weir::daemon
