// LineCount: which line of a file comes next. A plain value without threads.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::cli {

// Which line a text is on that ends its lines with LF, CRLF or CR.
class LineCount {
 public:
  void pass(std::string_view text) {
    for (const char c : text) pass(c);
  }
  void pass(char c) {
    if (c == '\r' || (c == '\n' && last_ != '\r')) ++line_;
    last_ = c;
  }
  std::size_t line() const { return line_; }

 private:
  std::size_t line_ = 1;
  char last_ = '\0';
};

}  // namespace weir::cli
