// WholeFile: whether a file that is read again and again can be, and whether it looks cut off: its
// last line has no end, and it has much fewer rows than before. Not thread-safe.
#pragma once

#include <sys/stat.h>
#include <weir/result.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "input/input_error.h"

namespace weir::cli {

class WholeFile {
 public:
  explicit WholeFile(bool is_checked) : is_checked_(is_checked) {}

  // Before it is opened, for which a pipe without a writer would wait for ever.
  Result<void> check_kind(const std::string& path) const {
    struct stat found = {};
    if (!is_checked_ || ::stat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode)) return {};
    return input_error(path, "it is no plain file, and it is read again and again");
  }

  // What was read of the file now, up to `where`.
  Result<void> check(const std::string& where, std::size_t rows, bool ends_with_line_break) {
    const bool is_much_less = rows_ && *rows_ - *rows_ / 10 > rows;
    if (is_checked_ && !ends_with_line_break && is_much_less)
      return input_error(where, "the file ends without a line break and has " +
                                    std::to_string(rows) + " rows, after " +
                                    std::to_string(*rows_) +
                                    " before, so it looks cut off; write it again, whole");
    rows_ = rows;
    return {};
  }

  // The first doubt of the file, once.
  void tell(const std::function<void(const std::string&)>& teller, const std::string& doubt) {
    if (!teller || doubt.empty() || std::exchange(has_told_, true)) return;
    teller(doubt);
  }

 private:
  const bool is_checked_;
  bool has_told_ = false;
  std::optional<std::size_t> rows_ = {};  // of the last time
};

// There is not even a line with the names of the columns in the file.
inline Error empty_file(const std::string& name, const std::string& what) {
  return input_error(name, what + ". If the table has no rows any more, push takes --allow-empty");
}

}  // namespace weir::cli
