#include "input/row_layout.h"

#include <weir/foreign_words.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "input/input_error.h"
#include "output/printable.h"

namespace weir::cli {
namespace {

Error no_such_column(const std::string& where, const std::vector<std::string>& found,
                     const std::string& name, const std::string& purpose) {
  std::string list;
  for (const std::string& column : found) list += (list.empty() ? "" : ", ") + column;
  return input_error(where, "there is no column '" + name + "'" + purpose + "; the columns are " +
                                foreign_words(list));
}

std::optional<std::size_t> position_of(const std::vector<std::string>& names,
                                       const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

Result<void> check_names(const std::string& where, const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (const std::string problem = column_name_problem(names[i]); !problem.empty())
      return input_error(where, "column " + std::to_string(i + 1) + " " + problem);
    if (!seen.insert(names[i]).second)
      return input_error(where, "column " + foreign_words(names[i]) + " comes twice");
  }
  return {};
}

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Mail addresses differ in their case from system to system.
bool is_same_user(const std::string& one, const std::string& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

std::string other_delimiter(const std::vector<std::string>& found) {
  if (found.size() != 1) return "";
  for (const auto& [sign, name] : {std::pair{';', "';'"}, std::pair{'\t', "tab"},
                                   std::pair{'|', "'|'"}, std::pair{',', "','"}}) {
    if (found.front().find(sign) != std::string::npos)
      return "the first line is " + foreign_words(printable(found.front())) +
             ": give --delimiter " + name;
  }
  return "";
}

Result<RowLayout> RowLayout::make(const std::string& where, const std::vector<std::string>& found,
                                  const RowSourceOptions& options) {
  if (const std::string hint = other_delimiter(found); !hint.empty())
    return input_error(where, hint);
  RowLayout layout;
  std::vector<SourceColumn> wanted = options.columns;
  if (wanted.empty()) {
    if (Result<void> usable = check_names(where, found); !usable) return usable.error();
    for (const std::string& name : found) wanted.push_back({.name = name, .from = name});
  }
  if (options.key) {
    const auto key = std::find_if(wanted.begin(), wanted.end(), [&](const SourceColumn& column) {
      return column.from == *options.key || column.name == *options.key;
    });
    if (key == wanted.end()) return no_such_column(where, found, *options.key, " to be the key");
    std::rotate(wanted.begin(), key, key + 1);
  }
  for (const SourceColumn& column : wanted) {
    const auto position = position_of(found, column.from);
    if (!position) return no_such_column(where, found, column.from, "");
    if (std::count(found.begin(), found.end(), column.from) > 1)
      return input_error(where, "column '" + column.from + "' comes twice");
    layout.columns_.push_back(column.name);
    layout.positions_.push_back(*position);
  }
  if (Result<void> usable = check_names(where, layout.columns_); !usable) return usable.error();
  if (layout.columns_.size() < 2)
    return input_error(where,
                       "a data source needs a key and at least one more column; here is " +
                           (layout.columns_.empty()
                                ? "none"
                                : "only " + foreign_words(printable(layout.columns_.front()))));
  if (options.user_column) {
    layout.user_ = position_of(found, *options.user_column);
    if (!layout.user_)
      return no_such_column(where, found, *options.user_column, " that names the user");
  }
  layout.is_in_order_ = layout.columns_.size() == found.size() &&
                        std::is_sorted(layout.positions_.begin(), layout.positions_.end());
  return layout;
}

bool RowLayout::fits(const Row& cells, const RowQuery& query) const {
  return !query.user || !user_ || is_same_user(cells[*user_], *query.user);
}

const Row& RowLayout::arrange(const Row& cells, Row& row) const {
  if (is_in_order_) return cells;
  row.resize(positions_.size());
  for (std::size_t i = 0; i < positions_.size(); ++i) row[i] = cells[positions_[i]];
  return row;
}

}  // namespace weir::cli
