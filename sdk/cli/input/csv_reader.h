// CsvReader: records of a CSV file as RFC 4180 has it, one at a time.
//
// Our own, since errors must name the line: libraries for C lose it inside quoted cells. Accepts
// LF, CRLF and CR, as the first line ends, quoted cells with line breaks, and a byte order mark;
// cells are separated by the format's delimiter. Not thread-safe.
#pragma once

#include <weir/result.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "input/text_file.h"

namespace weir::cli {

class CsvReader {
 public:
  static Result<CsvReader> open(const std::string& path, const TextFormat& format = {});

  // False at the end of the file. Blank lines are passed over. The strings of `cells` are used
  // again. kInvalidArgument names file and line.
  Result<bool> next(std::vector<std::string>& cells);

  // The names of the columns: the first record. kInvalidArgument: the file is empty.
  Result<std::vector<std::string>> header();

  // Reads a record of a table with so many columns. Refused: any other number of cells, and what
  // shows that files were joined here, such as the header again.
  Result<bool> next_row(std::size_t columns, std::vector<std::string>& cells);

  // The line on which the record just read begins.
  std::size_t line() const { return record_line_; }

  // Whether the last line has its end: one without may be cut off.
  bool ends_with_line_break() const { return file_.ends_with_line_break(); }

  // What to tell of the file when all of it has been read; mostly empty.
  std::string doubt() const { return file_.doubt(); }

 private:
  CsvReader(TextFile file, char delimiter);

  Result<void> read_record(std::vector<std::string>& cells);
  // The line break that ends a record, of which `separator` has been read.
  Result<void> end_line(int separator);
  Result<void> read_plain(std::string& cell);
  Result<void> read_quoted(std::string& cell);
  Error problem(std::size_t line, const std::string& what) const;
  // What is wrong with the record just read; empty when nothing is.
  std::string header_problem(const std::vector<std::string>& cells) const;
  std::string row_problem(std::size_t columns, const std::vector<std::string>& cells);
  int get();
  bool at_record_end();

  // Which bytes end a run of others.
  using Ends = std::array<bool, 256>;

  TextFile file_;
  char delimiter_;
  Ends ends_plain_;
  LineCount lines_;
  std::size_t record_line_ = 1;
  // Whether lines end with CR alone, as the first one does: another sign is then part of a cell.
  std::optional<bool> is_cr_;
  std::vector<std::string> header_;
};

}  // namespace weir::cli
