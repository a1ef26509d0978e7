// CsvReader: records of a CSV file as RFC 4180 has it, one at a time.
//
// Our own, since errors must name the line: libraries for C lose it inside quoted cells. Accepts LF
// and CRLF, quoted cells with line breaks, and a UTF-8 byte order mark. Not thread-safe.
#pragma once

#include <weir/result.h>

#include <cstddef>
#include <string>
#include <vector>

#include "input/text_file.h"

namespace weir::cli {

class CsvReader {
 public:
  static Result<CsvReader> open(const std::string& path);

  // False at the end of the file. Blank lines are passed over. The strings of `cells` are used
  // again. kInvalidArgument names file and line.
  Result<bool> next(std::vector<std::string>& cells);

  // The names of the columns: the first record. kInvalidArgument: the file is empty.
  Result<std::vector<std::string>> header();

  // Reads a record of a table with so many columns; any other number of cells is refused.
  Result<bool> next_row(std::size_t columns, std::vector<std::string>& cells);

  // The line on which the record just read begins.
  std::size_t line() const { return record_line_; }

 private:
  explicit CsvReader(TextFile file) : file_(std::move(file)) {}

  Result<void> read_record(std::vector<std::string>& cells);
  Result<void> read_plain(std::string& cell);
  Result<void> read_quoted(std::string& cell);
  Error problem(std::size_t line, const std::string& what) const;
  int get();
  bool at_record_end();

  TextFile file_;
  std::size_t line_ = 1;
  std::size_t record_line_ = 1;
};

}  // namespace weir::cli
