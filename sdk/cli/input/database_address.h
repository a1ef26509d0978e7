// DatabaseAddress: where a customer's database is, and what of that may be shown.
//
// Passwords never come back in a message: only the names of host, port, database and user are
// shown (of ODBC: DSN, driver, server and database), and the words of drivers and servers, which
// may quote the address, pass through cleaned(). A plain value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

class DatabaseAddress {
 public:
  enum class Kind { kUnknown, kMalformed, kSqlite, kPostgres, kOdbc };

  // sqlite3:///path, postgresql://… (or postgres://…, or libpq's key=value words), odbc://DSN or
  // odbc://KEY=VALUE;… . Anything else is kUnknown; one of these that cannot be read, kMalformed.
  static DatabaseAddress parse(const std::string& text);

  Kind kind() const { return kind_; }

  // What the library that reads it takes: a path, a connection string.
  const std::string& connection() const { return connection_; }

  // What messages call it.
  const std::string& shown() const { return shown_; }

  // What is wrong with an address that is kUnknown or kMalformed, and what to do.
  const std::string& problem() const { return problem_; }

  // Foreign words in one line, without any secret of the address.
  std::string cleaned(std::string_view words) const;

 private:
  void read_postgres(const std::string& text);
  void read_odbc(const std::string& rest);
  void hide(const std::string& secret);

  Kind kind_ = Kind::kUnknown;
  std::string connection_;
  std::string shown_;
  std::string problem_;
  std::vector<std::string> secrets_;
};

// The address with a password that a file of its own holds. Of SQLite, which has none, as it is.
std::string with_password(const std::string& address, const std::string& password);

}  // namespace weir::cli
