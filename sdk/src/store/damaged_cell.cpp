#include "store/damaged_cell.h"

#include <algorithm>

namespace weir::store {
namespace {

std::string word_after(std::string_view sql, std::string_view keyword) {
  const std::size_t at = sql.find(keyword);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = sql.substr(at + keyword.size());
  const std::size_t first = std::min(rest.find_first_not_of(" \n("), rest.size());
  return std::string(rest.substr(first, rest.find_first_of(" \n(,)", first) - first));
}

std::string table_of(std::string_view sql) {
  for (const std::string_view keyword : {"FROM ", "INTO ", "UPDATE "}) {
    std::string table = word_after(sql, keyword);
    if (!table.empty()) return table;
  }
  return "?";
}

// The expressions of what a statement gives back.
std::string_view columns_of(std::string_view sql) {
  for (const std::string_view keyword : {"RETURNING ", "SELECT "}) {
    const std::size_t at = sql.find(keyword);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = sql.substr(at + keyword.size());
    return rest.substr(0, rest.find(" FROM "));
  }
  return {};
}

std::string nth(std::string_view list, std::size_t column) {
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    if (i < list.size() && list[i] == '(') ++depth;
    if (i < list.size() && list[i] == ')') --depth;
    if (i < list.size() && (list[i] != ',' || depth > 0)) continue;
    if (column-- == 0) {
      const std::size_t first = std::min(list.find_first_not_of(' ', begin), i);
      return std::string(list.substr(first, i - first));
    }
    begin = i + 1;
  }
  return "?";
}

}  // namespace

Error damaged_cell(const std::string& location, std::string_view sql, std::size_t column) {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "the store " + location + " is damaged: table " + table_of(sql) + ", column " +
                     nth(columns_of(sql), column) +
                     ", has a value of the wrong kind. Keep a copy, start with another path and "
                     "publish the rows again."};
}

}  // namespace weir::store
