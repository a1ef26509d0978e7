// NdjsonReader: JSON objects, one a line, as names and texts. Not thread-safe.
#pragma once

#include <weir/result.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "input/text_file.h"

namespace weir::cli {

// Members in their order; null is an empty optional. Numbers keep their digits as they were
// written.
using Record = std::vector<std::pair<std::string, std::optional<std::string>>>;

class NdjsonReader {
 public:
  static Result<NdjsonReader> open(const std::string& path, Encoding encoding = Encoding::kUtf8);

  // False at the end of the file. Blank lines are passed over. kInvalidArgument names file and
  // line.
  Result<bool> next(Record& record);

  std::size_t line() const { return line_; }
  const std::string& path() const { return file_.path(); }

  // Whether the last line has its end: one without may be cut off.
  bool ends_with_line_break() const { return file_.ends_with_line_break(); }

  // What to tell of the file when all of it has been read; mostly empty.
  std::string doubt() const { return file_.doubt(); }

 private:
  explicit NdjsonReader(TextFile file) : file_(std::move(file)) {}

  // False at the end of the file.
  Result<bool> next_line();

  TextFile file_;
  std::string text_;
  std::size_t line_ = 0;
};

// What the parser of JSON says is wrong, for a person; empty when it is just no JSON. `words` are
// its own, `token` is where it stopped, and `name` the member under way.
std::string json_fault(std::string_view words, const std::string& token, const std::string& name);

}  // namespace weir::cli
