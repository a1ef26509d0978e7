// OdbcSession: one connection to a database by an ODBC driver, and one statement on it.
//
// Nothing is ever committed but by commit(), and where the database can, it refuses all changes of
// a session that reads. Unicode drivers are spoken to in UTF-16, others in the bytes they take,
// which are UTF-8 unless the driver is set up otherwise: unixODBC would make Latin-1 of what it
// translates between the two. A connection to MariaDB in another character set than utf8mb4, which
// would change letters unsaid, is refused. For one thread, but for cancel().
#pragma once

#include <sql.h>
#include <sqlext.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "input/cell_pieces.h"
#include "input/odbc_product.h"

namespace weir::cli {

// All that the driver manager and the driver say of a failure.
struct OdbcFailure {
  std::string state = {};  // the SQLSTATE of the first record
  std::string words = {};
};

struct OdbcColumn {
  std::string name = {};
  SQLSMALLINT type = 0;
  std::string type_name = {};
};

class OdbcSession {
 public:
  OdbcSession() = default;
  ~OdbcSession();
  OdbcSession(const OdbcSession&) = delete;
  OdbcSession& operator=(const OdbcSession&) = delete;

  // Each of these returns nothing when it went well.
  using Failure = std::optional<OdbcFailure>;

  // Asks nobody for what is missing in the connection string, and makes no file of SQLite. What is
  // executed can change nothing, or is taken back by close().
  Failure connect(const std::string& connection, std::chrono::seconds longest);
  // Begins anew what connect() began, after a statement has failed: a transaction may have ended
  // with it.
  Failure begin_to_read();
  // The same to change something: what is executed lasts when it is committed, and is taken back by
  // close() otherwise.
  Failure connect_to_write(const std::string& connection, std::chrono::seconds longest);
  Failure commit();

  OdbcProduct product() const { return product_; }

  // A statement anew, with a text or NULL for each parameter.
  Failure execute(const std::string& query, const std::vector<std::optional<std::string>>& values,
                  std::chrono::seconds longest);

  // Prepares without executing.
  Failure prepare(const std::string& query);

  Failure describe(std::vector<OdbcColumn>& columns);

  // `has_row` is false after the last row.
  Failure fetch(bool& has_row);

  // Goes on to what the statement gives next; `has_one` is false after its last result.
  Failure next_result(bool& has_one);

  // The whole of a cell as text, whatever size the driver announces; NULL is empty.
  Failure read_cell(std::size_t column, SQLSMALLINT type, std::string& cell);

  // Gives statement and connection back.
  void close();

  // May be called from another thread, to end what the statement does.
  void cancel();

 private:
  Failure describe(SQLUSMALLINT at, OdbcColumn& column);
  Failure read_pieces(std::size_t column, bool is_units, CellPieces& pieces, bool& is_null);
  Failure new_statement(std::chrono::seconds longest);
  Failure open(const std::string& connection, OdbcUse use, std::chrono::seconds longest);
  Failure check_letters();
  Failure bind(const std::vector<std::optional<std::string>>& values);
  Failure check(SQLRETURN result, SQLSMALLINT kind, SQLHANDLE handle) const;
  Failure check(SQLRETURN result) const;
  OdbcFailure failure(SQLSMALLINT kind, SQLHANDLE handle) const;
  bool was_cut_off() const;

  SQLHENV environment_ = SQL_NULL_HENV;
  SQLHDBC connection_ = SQL_NULL_HDBC;
  SQLHSTMT statement_ = SQL_NULL_HSTMT;
  std::mutex mutex_;  // held while the statement is made, freed or cancelled
  bool is_connected_ = false;
  bool is_wide_ = true;
  bool reads_bytes_ = false;  // though it is wide
  OdbcProduct product_ = OdbcProduct::kOther;
  std::vector<std::string> bytes_;     // the parameters' values,
  std::vector<std::u16string> units_;  // in one of these,
  std::vector<SQLLEN> value_sizes_;    // and their sizes
  std::vector<char> buffer_;           // for a piece of a cell
};

}  // namespace weir::cli
