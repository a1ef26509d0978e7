#include "input/odbc_session.h"

#include <dlfcn.h>
#include <link.h>
#include <sqlucode.h>
#include <weir/foreign_words.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "input/sql_reading.h"
#include "input/utf16.h"

namespace weir::cli {
namespace {

static_assert(sizeof(SQLWCHAR) == sizeof(char16_t));

constexpr std::size_t kPiece = 64 * 1024;

std::string utf8_of(const SQLWCHAR* units, std::size_t count) {
  std::u16string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char16_t>(units[i]);
  std::string utf8;
  return append_utf8(text, utf8) ? utf8 : "(a text that is not UTF-16)";
}

SQLWCHAR* wide(std::u16string& text) { return reinterpret_cast<SQLWCHAR*>(text.data()); }
SQLCHAR* narrow(std::string& text) { return reinterpret_cast<SQLCHAR*>(text.data()); }

OdbcFailure failure_of(std::string words) { return {.state = "", .words = std::move(words)}; }

// Whether the driver whose name is given takes UTF-16, which its own functions tell.
struct DriverSearch {
  std::string name;
  bool is_wide = true;
};

int look_at_library(dl_phdr_info* library, std::size_t /*size*/, void* data) {
  auto& search = *static_cast<DriverSearch*>(data);
  const std::string_view path = library->dlpi_name != nullptr ? library->dlpi_name : "";
  const std::string_view file = path.substr(path.rfind('/') + 1);
  if (path.empty() || file.find(search.name) == std::string_view::npos) return 0;
  void* opened = ::dlopen(library->dlpi_name, RTLD_LAZY | RTLD_NOLOAD);
  if (opened == nullptr) return 0;
  search.is_wide = ::dlsym(opened, "SQLExecDirectW") != nullptr;
  ::dlclose(opened);
  return 1;
}

bool takes_utf16(std::string driver) {
  if (driver.ends_with(".so")) driver.erase(driver.size() - 3);
  if (driver.empty()) return true;
  DriverSearch search{.name = std::move(driver)};
  ::dl_iterate_phdr(&look_at_library, &search);
  return search.is_wide;
}

std::string info(SQLHDBC connection, SQLUSMALLINT what) {
  std::array<char, 256> text = {};
  SQLSMALLINT size = 0;
  if (!SQL_SUCCEEDED(SQLGetInfo(connection, what, text.data(), text.size(), &size))) return "";
  return {text.data(), std::min<std::size_t>(text.size() - 1, static_cast<std::size_t>(size))};
}

SQLPOINTER number(std::int64_t value) { return reinterpret_cast<SQLPOINTER>(value); }

}  // namespace

OdbcSession::~OdbcSession() { close(); }

void OdbcSession::close() {
  const std::lock_guard lock(mutex_);
  if (statement_ != SQL_NULL_HSTMT) SQLFreeHandle(SQL_HANDLE_STMT, statement_);
  statement_ = SQL_NULL_HSTMT;
  if (is_connected_) SQLEndTran(SQL_HANDLE_DBC, connection_, SQL_ROLLBACK);
  if (std::exchange(is_connected_, false)) SQLDisconnect(connection_);
  if (connection_ != SQL_NULL_HDBC) SQLFreeHandle(SQL_HANDLE_DBC, connection_);
  connection_ = SQL_NULL_HDBC;
  if (environment_ != SQL_NULL_HENV) SQLFreeHandle(SQL_HANDLE_ENV, environment_);
  environment_ = SQL_NULL_HENV;
}

OdbcSession::Failure OdbcSession::connect(const std::string& connection,
                                          std::chrono::seconds longest) {
  if (Failure failed = open(connection, OdbcUse::kReading, longest)) return failed;
  // A driver that knows no transactions says so; it is used all the same.
  SQLSetConnectAttr(connection_, SQL_ATTR_AUTOCOMMIT, number(SQL_AUTOCOMMIT_OFF), 0);
  return begin_to_read();
}

OdbcSession::Failure OdbcSession::begin_to_read() {
  SQLEndTran(SQL_HANDLE_DBC, connection_, SQL_ROLLBACK);
  for (const std::string& statement : statements_to_only_read(product_)) {
    if (Failure failed = execute(statement, {}, std::chrono::seconds{0})) return failed;
  }
  return {};
}

OdbcSession::Failure OdbcSession::connect_to_write(const std::string& connection,
                                                   std::chrono::seconds longest) {
  if (Failure failed = open(connection, OdbcUse::kWriting, longest)) return failed;
  return check(SQLSetConnectAttr(connection_, SQL_ATTR_AUTOCOMMIT, number(SQL_AUTOCOMMIT_OFF), 0),
               SQL_HANDLE_DBC, connection_);
}

OdbcSession::Failure OdbcSession::commit() {
  return check(SQLEndTran(SQL_HANDLE_DBC, connection_, SQL_COMMIT), SQL_HANDLE_DBC, connection_);
}

OdbcSession::Failure OdbcSession::open(const std::string& connection, OdbcUse use,
                                       std::chrono::seconds longest) {
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_)))
    return failure_of("unixODBC cannot be set up");
  SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION, number(SQL_OV_ODBC3), 0);
  std::optional<std::u16string> text =
      to_utf16(connection + options_of_driver(environment_, connection, use));
  if (!text) return failure_of("the connection string is not UTF-8");
  if (Failure failed = check(SQLAllocHandle(SQL_HANDLE_DBC, environment_, &connection_),
                             SQL_HANDLE_ENV, environment_))
    return failed;
  // A driver that knows no limit says so; it is used all the same.
  SQLSetConnectAttr(connection_, SQL_ATTR_LOGIN_TIMEOUT, number(longest.count()), 0);
  const SQLRETURN result =
      SQLDriverConnectW(connection_, nullptr, wide(*text), static_cast<SQLSMALLINT>(text->size()),
                        nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
  if (Failure failed = check(result, SQL_HANDLE_DBC, connection_)) return failed;
  is_connected_ = true;
  product_ = product_of(info(connection_, SQL_DBMS_NAME));
  const std::string driver = info(connection_, SQL_DRIVER_NAME);
  is_wide_ = takes_utf16(driver);
  // MariaDB's driver cuts a text at a NUL when it makes UTF-16 of it.
  reads_bytes_ = driver.find("maodbc") != std::string::npos;
  return product_ == OdbcProduct::kMysql ? check_letters() : Failure();
}

OdbcSession::Failure OdbcSession::check_letters() {
  std::string letters;
  bool has_row = false;
  // What only speaks MySQL's protocol may lack the variable.
  if (execute("SELECT @@character_set_results", {}, kLongestConnect) || fetch(has_row) || !has_row)
    return {};
  if (Failure failed = read_cell(1, SQL_VARCHAR, letters)) return failed;
  if (letters == "utf8mb4") return {};
  return failure_of("the character set of the connection is " +
                    (letters.empty() ? "not known" : letters) +
                    ", and letters that it lacks would arrive as others. Write CHARSET=utf8mb4 in "
                    "the connection string or in odbc.ini");
}

OdbcSession::Failure OdbcSession::new_statement(std::chrono::seconds longest) {
  const std::lock_guard lock(mutex_);
  if (statement_ != SQL_NULL_HSTMT) SQLFreeHandle(SQL_HANDLE_STMT, statement_);
  statement_ = SQL_NULL_HSTMT;
  if (Failure failed = check(SQLAllocHandle(SQL_HANDLE_STMT, connection_, &statement_),
                             SQL_HANDLE_DBC, connection_))
    return failed;
  SQLSetStmtAttr(statement_, SQL_ATTR_QUERY_TIMEOUT, number(longest.count()), 0);
  return {};
}

OdbcSession::Failure OdbcSession::prepare(const std::string& query) {
  if (Failure failed = new_statement(std::chrono::seconds{0})) return failed;
  if (!is_wide_) {
    std::string text = query;
    return check(SQLPrepare(statement_, narrow(text), static_cast<SQLINTEGER>(text.size())));
  }
  std::optional<std::u16string> text = to_utf16(query);
  if (!text) return failure_of("the query is not UTF-8");
  return check(SQLPrepareW(statement_, wide(*text), static_cast<SQLINTEGER>(text->size())));
}

OdbcSession::Failure OdbcSession::execute(const std::string& query,
                                          const std::vector<std::optional<std::string>>& values,
                                          std::chrono::seconds longest) {
  if (Failure failed = new_statement(longest)) return failed;
  if (Failure failed = bind(values)) return failed;
  SQLRETURN result = SQL_ERROR;
  if (is_wide_) {
    std::optional<std::u16string> text = to_utf16(query);
    if (!text) return failure_of("the query is not UTF-8");
    result = SQLExecDirectW(statement_, wide(*text), static_cast<SQLINTEGER>(text->size()));
  } else {
    std::string text = query;
    result = SQLExecDirect(statement_, narrow(text), static_cast<SQLINTEGER>(text.size()));
  }
  return result == SQL_NO_DATA ? Failure() : check(result);
}

OdbcSession::Failure OdbcSession::bind(const std::vector<std::optional<std::string>>& values) {
  // Their addresses must not change any more.
  bytes_.resize(values.size());
  units_.resize(values.size());
  value_sizes_.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    bytes_[i] = values[i].value_or("");
    std::optional<std::u16string> units = to_utf16(bytes_[i]);
    if (!units) return failure_of("the value of a parameter is not UTF-8");
    units_[i] = std::move(*units);
    const std::size_t letters = is_wide_ ? units_[i].size() : bytes_[i].size();
    const std::size_t size = is_wide_ ? letters * sizeof(char16_t) : letters;
    value_sizes_[i] = values[i] ? static_cast<SQLLEN>(size) : SQL_NULL_DATA;
    SQLPOINTER data = is_wide_ ? static_cast<SQLPOINTER>(units_[i].data()) : bytes_[i].data();
    const SQLRETURN result = SQLBindParameter(
        statement_, static_cast<SQLUSMALLINT>(i + 1), SQL_PARAM_INPUT,
        is_wide_ ? SQL_C_WCHAR : SQL_C_CHAR, is_wide_ ? SQL_WVARCHAR : SQL_VARCHAR,
        std::max<SQLULEN>(1, letters), 0, data, static_cast<SQLLEN>(size), &value_sizes_[i]);
    if (Failure failed = check(result)) return failed;
  }
  return {};
}

OdbcSession::Failure OdbcSession::describe(std::vector<OdbcColumn>& columns) {
  SQLSMALLINT count = 0;
  if (Failure failed = check(SQLNumResultCols(statement_, &count))) return failed;
  columns.clear();
  for (SQLSMALLINT i = 1; i <= count; ++i) {
    OdbcColumn column;
    if (Failure failed = describe(static_cast<SQLUSMALLINT>(i), column)) return failed;
    columns.push_back(std::move(column));
  }
  return {};
}

OdbcSession::Failure OdbcSession::describe(SQLUSMALLINT at, OdbcColumn& column) {
  std::array<SQLWCHAR, 1024> units = {};
  std::array<SQLCHAR, 1024> bytes = {};
  SQLSMALLINT size = 0;
  SQLULEN width = 0;
  SQLSMALLINT digits = 0;
  SQLSMALLINT nullable = 0;
  const SQLRETURN result = is_wide_
                               ? SQLDescribeColW(statement_, at, units.data(), units.size(), &size,
                                                 &column.type, &width, &digits, &nullable)
                               : SQLDescribeCol(statement_, at, bytes.data(), bytes.size(), &size,
                                                &column.type, &width, &digits, &nullable);
  if (Failure failed = check(result)) return failed;
  const auto letters = std::min<std::size_t>(static_cast<std::size_t>(size), units.size() - 1);
  column.name = is_wide_ ? utf8_of(units.data(), letters)
                         : std::string(reinterpret_cast<const char*>(bytes.data()), letters);
  std::array<char, 128> type_name = {};
  SQLSMALLINT type_size = 0;
  SQLColAttribute(statement_, at, SQL_DESC_TYPE_NAME, type_name.data(), type_name.size() - 1,
                  &type_size, nullptr);
  column.type_name = type_name.data();
  return {};
}

OdbcSession::Failure OdbcSession::fetch(bool& has_row) {
  const SQLRETURN result = SQLFetch(statement_);
  has_row = SQL_SUCCEEDED(result);
  return result == SQL_NO_DATA ? Failure() : check(result);
}

OdbcSession::Failure OdbcSession::next_result(bool& has_one) {
  const SQLRETURN result = SQLMoreResults(statement_);
  has_one = SQL_SUCCEEDED(result);
  if (has_one || result == SQL_NO_DATA) return {};
  Failure failed = check(result);
  constexpr const char* kNotInTheDriver = "IM001";
  return failed->state == kNotInTheDriver ? Failure() : failed;
}

OdbcSession::Failure OdbcSession::read_cell(std::size_t column, SQLSMALLINT type,
                                            std::string& cell) {
  const bool is_bit = type == SQL_BIT;
  const bool is_units = is_wide_ && !reads_bytes_ && !is_bit;
  CellPieces pieces;
  bool is_null = false;
  if (Failure failed = read_pieces(column, is_units, pieces, is_null)) return failed;
  cell.clear();
  if (is_null) return {};
  if (is_units) {
    std::u16string units(pieces.text().size() / sizeof(char16_t), u'\0');
    std::memcpy(units.data(), pieces.text().data(), units.size() * sizeof(char16_t));
    return append_utf8(units, cell) ? Failure() : failure_of("a cell is not valid UTF-16 text");
  }
  cell = pieces.text();
  // MariaDB has the byte 0 or 1 for a bit.
  if (is_bit && cell.size() == 1 && (cell[0] == '\0' || cell[0] == '\1'))
    cell[0] = static_cast<char>('0' + cell[0]);
  return {};
}

OdbcSession::Failure OdbcSession::read_pieces(std::size_t column, bool is_units, CellPieces& pieces,
                                              bool& is_null) {
  buffer_.resize(kPiece + sizeof(SQLWCHAR));
  // What a full buffer holds beside its end mark.
  const std::string_view full(buffer_.data(), kPiece);
  const std::size_t mark = is_units ? sizeof(SQLWCHAR) : 1;
  auto state = CellPieces::Result::kMore;
  while (state == CellPieces::Result::kMore) {
    SQLLEN size = SQL_NO_TOTAL;
    const SQLRETURN result = SQLGetData(statement_, static_cast<SQLUSMALLINT>(column),
                                        is_units ? SQL_C_WCHAR : SQL_C_CHAR, buffer_.data(),
                                        static_cast<SQLLEN>(kPiece + mark), &size);
    if (result == SQL_NO_DATA) {
      state = pieces.end();
      break;
    }
    if (Failure failed = check(result)) return failed;
    is_null = size == SQL_NULL_DATA;
    if (is_null) return {};
    const auto left = size >= 0 ? std::optional(static_cast<std::size_t>(size)) : std::nullopt;
    const bool is_cut = result == SQL_SUCCESS_WITH_INFO && was_cut_off();
    state = is_cut ? pieces.add_cut(full, left) : pieces.add_last(full, left);
  }
  if (state == CellPieces::Result::kWhole) return {};
  return failure_of(state == CellPieces::Result::kTooLong
                        ? "a cell is longer than 64 MiB"
                        : "the driver does not tell how long a cell is, so it may be cut off");
}

void OdbcSession::cancel() {
  const std::lock_guard lock(mutex_);
  if (statement_ != SQL_NULL_HSTMT) SQLCancel(statement_);
}

OdbcSession::Failure OdbcSession::check(SQLRETURN result) const {
  return check(result, SQL_HANDLE_STMT, statement_);
}

OdbcSession::Failure OdbcSession::check(SQLRETURN result, SQLSMALLINT kind,
                                        SQLHANDLE handle) const {
  if (SQL_SUCCEEDED(result)) return {};
  return failure(kind, handle);
}

OdbcFailure OdbcSession::failure(SQLSMALLINT kind, SQLHANDLE handle) const {
  OdbcFailure found;
  std::array<SQLWCHAR, 6> state = {};
  std::array<SQLWCHAR, 2048> words = {};
  for (SQLSMALLINT i = 1; i <= 8; ++i) {
    SQLINTEGER native = 0;
    SQLSMALLINT size = 0;
    if (!SQL_SUCCEEDED(SQLGetDiagRecW(kind, handle, i, state.data(), &native, words.data(),
                                      words.size(), &size)))
      break;
    const std::string code = utf8_of(state.data(), 5);
    if (i == 1) found.state = code;
    const std::string said = utf8_of(
        words.data(), std::min<std::size_t>(static_cast<std::size_t>(size), words.size() - 1));
    found.words += (i == 1 ? "" : ". ") +
                   (may_quote_rows(code, native) ? foreign_words(said) : said) + " (" + code + ")";
  }
  if (found.words.empty()) found.words = "the driver failed and does not say why";
  if (found.words.find("Can't open lib") != std::string::npos)
    found.words += ". odbcinst -q -d lists the drivers that are installed";
  if (found.words.find("[SQLite]connect failed") != std::string::npos)
    found.words += ". Is the path of the database's file right? Weir makes no file";
  if (found.state == "IM002")
    found.words += ". odbcinst -q -s lists the data sources, odbcinst -q -d the drivers";
  return found;
}

bool OdbcSession::was_cut_off() const {
  std::array<SQLWCHAR, 6> state = {};
  std::array<SQLWCHAR, 256> words = {};
  SQLINTEGER native = 0;
  SQLSMALLINT size = 0;
  for (SQLSMALLINT i = 1; SQL_SUCCEEDED(SQLGetDiagRecW(SQL_HANDLE_STMT, statement_, i, state.data(),
                                                       &native, words.data(), words.size(), &size));
       ++i) {
    if (utf8_of(state.data(), 5) == "01004") return true;
  }
  return false;
}

}  // namespace weir::cli
