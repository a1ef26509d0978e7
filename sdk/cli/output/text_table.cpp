#include "output/text_table.h"

#include <algorithm>

namespace weir::cli {

std::string text_table(const std::vector<TableLine>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const TableLine& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const TableLine& line : lines) {
    text += "  ";
    for (std::size_t i = 0; i + 1 < line.size(); ++i)
      text += line[i] + std::string(widths[i] - line[i].size() + 2, ' ');
    text += line.back() + "\n";
  }
  return text;
}

}  // namespace weir::cli
