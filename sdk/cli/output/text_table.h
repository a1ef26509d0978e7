// A table of words for a terminal. Pure, thread-safe.
#pragma once

#include <string>
#include <vector>

namespace weir::cli {

using TableLine = std::vector<std::string>;

// Columns as wide as their widest cell, each line indented; the last column runs on. The first line
// has the names.
std::string text_table(const std::vector<TableLine>& lines);

}  // namespace weir::cli
