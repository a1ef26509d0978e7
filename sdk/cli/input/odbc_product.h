// OdbcProduct: which database is behind an ODBC driver, where that makes a difference.
//
// Used by those who read and write by OdbcSession. Pure functions, but for options_of_driver(),
// which looks into odbc.ini.
#pragma once

#include <sql.h>

#include <string>
#include <string_view>
#include <vector>

#include "input/sql_text.h"

namespace weir::cli {

enum class OdbcProduct { kPostgres, kMysql, kSqlite, kSqlServer, kOther };

// `database` is what the database calls itself; kMysql is MariaDB too.
OdbcProduct product_of(std::string_view database);

SqlDialect dialect_of(OdbcProduct product);

// Executed while the driver commits nothing by itself, they make the database refuse all changes.
// None where we know of none.
std::vector<std::string> statements_to_only_read(OdbcProduct product);

// How a statement whose first word is given comes by its rows.
enum class OdbcRows {
  kDescribed,    // the driver can tell its columns before it is executed; one without never has any
  kOfProcedure,  // what a procedure gives is known when it has run
  kOfQuery       // a query of a driver that may not be able to describe it
};
OdbcRows rows_of_statement(OdbcProduct product, std::string_view first_word);

enum class OdbcUse { kReading, kWriting };

// What is added to a connection string for the driver that it names, itself or by a data source of
// odbc.ini: without it the driver would do what nobody wants.
std::string options_of_driver(SQLHENV environment, const std::string& connection, OdbcUse use);

}  // namespace weir::cli
