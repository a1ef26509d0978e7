#include "input/row_layout.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "input/input_error.h"

namespace weir::cli {
namespace {

Error no_such_column(const std::string& where, const std::vector<std::string>& found,
                     const std::string& name, const std::string& purpose) {
  return input_error(where, "there is no column " + shown_name(name) + purpose +
                                "; the columns are " + shown_list(found));
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
      return input_error(where, "column " + shown_words(names[i]) + " comes twice");
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

std::string other_delimiter(const std::vector<std::string>& found, const TextFormat& format) {
  const bool is_given = format.is_delimiter_given || format.delimiter != ',';
  if (is_given && found.size() > 1) return "";
  std::string line;
  for (const std::string& name : found)
    line += (line.empty() ? "" : std::string(1, format.delimiter)) + name;
  for (const auto& [sign, name] : {std::pair{';', "';'"}, std::pair{'\t', "tab"},
                                   std::pair{'|', "'|'"}, std::pair{',', "','"}}) {
    if (sign == format.delimiter) continue;
    const auto signs = static_cast<std::size_t>(std::count(line.begin(), line.end(), sign));
    if (signs == 0 || signs + 1 < found.size()) continue;
    return "the first line is " + shown_words(line) + ": give --delimiter " + name +
           (found.size() == 1 ? "" : ", or --delimiter ',' if commas divide it");
  }
  return "";
}

Result<RowLayout> RowLayout::make(const std::string& where, const std::vector<std::string>& found,
                                  const RowSourceOptions& options) {
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
    if (key == wanted.end() && !options.columns.empty())
      return input_error(where, "the key " + shown_name(*options.key) + " is not among --columns");
    if (key == wanted.end()) return no_such_column(where, found, *options.key, " to be the key");
    std::rotate(wanted.begin(), key, key + 1);
  }
  for (const SourceColumn& column : wanted) {
    const auto position = position_of(found, column.from);
    if (!position) return no_such_column(where, found, column.from, "");
    if (std::count(found.begin(), found.end(), column.from) > 1)
      return input_error(where, "column " + shown_name(column.from) + " comes twice");
    layout.columns_.push_back(column.name);
    layout.positions_.push_back(*position);
  }
  if (Result<void> usable = check_names(where, layout.columns_); !usable) return usable.error();
  if (layout.columns_.size() < 2)
    return input_error(
        where,
        "a data source needs a key and at least one more column; here is " +
            (layout.columns_.empty() ? "none" : "only " + shown_words(layout.columns_.front())));
  if (options.user_column) {
    layout.user_ = position_of(found, *options.user_column);
    if (!layout.user_)
      return no_such_column(where, found, *options.user_column, " that names the user");
  }
  layout.is_in_order_ = layout.columns_.size() == found.size();
  for (std::size_t i = 0; i < layout.positions_.size(); ++i)
    layout.is_in_order_ = layout.is_in_order_ && layout.positions_[i] == i;
  return layout;
}

Result<void> ToldColumns::check(const std::string& where,
                                const std::vector<std::string>& columns) const {
  if (!columns_ || *columns_ == columns) return {};
  return input_error(where, "the columns are " + shown_list(columns) + ", and were " +
                                shown_list(*columns_) +
                                " a moment ago: it was replaced while it was read. Try again");
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
