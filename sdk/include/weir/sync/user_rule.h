// UserRule: which rows of a served data source a user of the app may see.
//
// There is no default: a source without a rule is not served, so nobody shows all rows to everybody
// by forgetting something. A user is the e-mail address with which the app is logged in. A plain
// value; as thread-safe as the functions it is given.
//
//   .rule = weir::UserRule::column("crew_email")
#pragma once

#include <weir/result.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace weir::inline v0 {

class UserRule {
 public:
  // The values of the user column that a user may see.
  using Values = std::function<Result<std::vector<std::string>>(const std::string& email)>;

  enum class Kind { kNone, kSameRowsForAll, kColumn, kColumnValues, kSourceDecides };

  UserRule() = default;

  // Every user of the organization sees all rows.
  static UserRule same_rows_for_all() { return UserRule(Kind::kSameRowsForAll); }

  // A user sees the rows whose cell in this column is the user's e-mail address; upper and lower
  // case are the same, and an empty cell is nobody's. The column need not be sent.
  static UserRule column(std::string name) { return {Kind::kColumn, std::move(name), {}}; }

  // A user sees the rows whose cell in this column is one of the values that the function returns,
  // such as the districts of a crew. It is asked with each request, from one thread at a time; when
  // its answer changes, rows enter and leave the user's view. What it throws is an error of the
  // question.
  static UserRule column(std::string name, Values values) {
    return {Kind::kColumnValues, std::move(name), std::move(values)};
  }

  // The source is read with RowQuery::user and hands over only that user's rows, such as by a
  // query with WHERE crew = :email.
  static UserRule source_decides() { return UserRule(Kind::kSourceDecides); }

  Kind kind() const { return kind_; }
  const std::string& column_name() const { return column_; }
  const Values& values() const { return values_; }

 private:
  explicit UserRule(Kind kind) : kind_(kind) {}
  UserRule(Kind kind, std::string column, Values values)
      : kind_(kind), column_(std::move(column)), values_(std::move(values)) {}

  Kind kind_ = Kind::kNone;
  std::string column_;
  Values values_;
};

}  // namespace weir::inline v0
