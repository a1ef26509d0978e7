#include "input/table.h"

#include <algorithm>

namespace weir::cli {

Error input_error(const std::string& where, const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument, .message = where + ": " + problem};
}

std::string at_line(const std::string& file, std::size_t line) {
  return file + ", line " + std::to_string(line);
}

Result<void> move_key_to_front(Table& table, const std::optional<std::string>& key) {
  if (!key) return {};
  const auto found = std::find(table.columns.begin(), table.columns.end(), *key);
  if (found == table.columns.end()) {
    std::string list;
    for (const std::string& column : table.columns) list += (list.empty() ? "" : ", ") + column;
    return input_error(table.name,
                       "there is no column '" + *key + "' to be the key; the columns are " + list);
  }
  const auto position = found - table.columns.begin();
  std::rotate(table.columns.begin(), found, found + 1);
  for (Row& row : table.rows) {
    const auto cell = row.begin() + position;
    std::rotate(row.begin(), cell, cell + 1);
  }
  return {};
}

}  // namespace weir::cli
