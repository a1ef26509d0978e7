// SqlText: a query as a person wrote it, and where its parameter, :email or :since, stands in it.
//
// The query is not rewritten: only that becomes the parameter of the database at hand, and what
// stands from the semicolon at its end on is left out. What looks like one inside of literals,
// names, comments, dollar quotes, casts (::text) and slices (a[1:2]) is left alone. Several
// statements are refused, since only the first would give rows. Pure functions and a plain value.
#pragma once

#include <weir/result.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

// In what the databases read a query differently.
struct SqlDialect {
  bool backslash_escapes = false;  // 'it\'s'
  bool dollar_quotes = false;      // $tag$ … $tag$, and E'it\'s'
  bool nested_comments = false;    // /* /* */ */
  bool bracket_names = false;      // [a name]
  bool hash_comments = false;      // # … to the end of the line
  bool mysql_comments = false;     // -- needs a blank behind it, and /*! … */ is executed
};

inline constexpr SqlDialect kPostgresDialect = {.dollar_quotes = true, .nested_comments = true};
inline constexpr SqlDialect kSqliteDialect = {.bracket_names = true};
inline constexpr SqlDialect kMysqlDialect = {
    .backslash_escapes = true, .hash_comments = true, .mysql_comments = true};

inline constexpr std::string_view kEmail = ":email";
inline constexpr std::string_view kSince = ":since";

// kEmpty: nothing is asked, as when all of it is a comment.
enum class SqlFault { kEmpty, kSeveralStatements };

class SqlText {
 public:
  static std::optional<SqlFault> fault_of(std::string_view query, const SqlDialect& dialect);

  // kInvalidArgument: a fault_of() it.
  static Result<SqlText> scan(std::string_view query, const SqlDialect& dialect,
                              std::string_view parameter = kEmail);

  bool has_parameter() const { return parts_.size() > 1; }

  std::size_t parameters() const { return parts_.size() - 1; }

  // The query with `parameter`, such as $1, in the place of each of its own; without the semicolon
  // at its end. Its comments stay, for a database may see none where we see one.
  std::string with(std::string_view parameter) const;

  // In small letters, such as "select" or "call"; empty when it begins with a sign. The call of a
  // procedure may stand in braces, as ODBC has it.
  const std::string& first_word() const { return first_word_; }

 private:
  std::string first_word_;
  std::vector<std::string> parts_;  // what stands between the parameters
};

// The same with parameters of any name, such as :id and :answer.size.
class NamedSql {
 public:
  // kInvalidArgument: as SqlText::scan().
  static Result<NamedSql> scan(std::string_view statement, const SqlDialect& dialect);

  // Of the parameters, one for each place where one stands.
  const std::vector<std::string>& names() const { return names_; }

  // The statement with mark(1), mark(2), … in their places.
  std::string with(const std::function<std::string(std::size_t number)>& mark) const;

 private:
  std::vector<std::string> parts_;
  std::vector<std::string> names_;
};

}  // namespace weir::cli
