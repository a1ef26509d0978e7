#include "input/csv_reader.h"

#include <array>
#include <utility>

#include "input/input_error.h"

namespace weir::cli {
namespace {

constexpr int kEnd = TextFile::kEnd;

// A cell longer than this is a missing quote rather than data.
constexpr std::size_t kLongestCell = 16 * 1024 * 1024;
constexpr const char* kTooLong = "a cell is longer than 16 MiB";
constexpr const char* kNul = "a NUL byte; is this a text file?";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Which bytes end a run of others.
using Ends = std::array<bool, 256>;

constexpr Ends ends_at(std::string_view any_of) {
  Ends ends = {};
  for (const char c : any_of) ends[static_cast<unsigned char>(c)] = true;
  return ends;
}

constexpr Ends kEndsQuoted = ends_at(std::string_view("\"\0", 2));

// The bytes before the first that ends them.
std::string_view up_to(std::string_view text, const Ends& ends) {
  std::size_t at = 0;
  while (at < text.size() && !ends[static_cast<unsigned char>(text[at])]) ++at;
  return text.substr(0, at);
}

}  // namespace

CsvReader::CsvReader(TextFile file, char delimiter)
    : file_(std::move(file)),
      delimiter_(delimiter),
      ends_plain_(ends_at(std::string_view("\"\0\n\r", 4))) {
  ends_plain_[static_cast<unsigned char>(delimiter)] = true;
}

Result<CsvReader> CsvReader::open(const std::string& path, const TextFormat& format) {
  Result<TextFile> file = TextFile::open(path, format.encoding);
  if (!file) return file.error();
  return CsvReader(std::move(*file), format.delimiter);
}

Result<bool> CsvReader::next(std::vector<std::string>& cells) {
  while (file_.peek() == '\n' || file_.peek() == '\r') {
    if (Result<void> blank = end_line(get()); !blank) return blank.error();
  }
  if (file_.peek() == kEnd) {
    if (Result<void> whole = file_.finish(); !whole) return whole.error();
    return false;
  }
  record_line_ = lines_.line();
  if (Result<void> read = read_record(cells); !read) return read.error();
  if (!header_.empty()) return true;
  header_ = cells;
  if (const std::string wrong = header_problem(cells); !wrong.empty())
    return problem(record_line_, wrong);
  return true;
}

Result<std::vector<std::string>> CsvReader::header() {
  std::vector<std::string> names;
  Result<bool> more = next(names);
  if (!more) return more.error();
  if (!*more)
    return input_error(file_.path(), "the file is empty; its first line must name the columns");
  return names;
}

Result<bool> CsvReader::next_row(std::size_t columns, std::vector<std::string>& cells) {
  Result<bool> more = next(cells);
  if (!more || !*more) return more;
  if (const std::string wrong = row_problem(columns, cells); !wrong.empty())
    return problem(record_line_, wrong);
  return true;
}

std::string CsvReader::header_problem(const std::vector<std::string>& cells) const {
  if (!cells.front().starts_with("sep=")) return "";
  const std::string sign =
      cells.size() > 1 ? std::string(1, delimiter_) : cells.front().substr(4, 1);
  return "'sep=" + sign + "' is a mark for Excel, not the names of the columns: remove this line" +
         (sign == "," || cells.size() > 1 ? "" : ", and give --delimiter '" + sign + "'");
}

std::string CsvReader::row_problem(std::size_t columns, const std::vector<std::string>& cells) {
  if (cells.size() != columns) {
    const bool may_be_cut_off = file_.is_at_end() && !file_.ends_with_line_break();
    return "the row has " + std::to_string(cells.size()) +
           (cells.size() == 1 ? " cell" : " cells") + ", but the header has " +
           std::to_string(columns) +
           (may_be_cut_off ? "; the file ends here without a line break, so it may be cut off"
                           : "");
  }
  if (cells.front().starts_with(kByteOrderMark))
    return "a byte order mark in the midst of the file: were two files joined here?";
  if (cells == header_)
    return "this line is the header again: were two files joined here? Remove it";
  return "";
}

Result<void> CsvReader::read_record(std::vector<std::string>& cells) {
  for (std::size_t count = 0;; ++count) {
    if (count == cells.size()) cells.emplace_back();
    cells[count].clear();
    Result<void> read = file_.peek() == '"' ? read_quoted(cells[count]) : read_plain(cells[count]);
    if (!read) return read;
    const bool is_end = at_record_end();
    const int separator = get();
    if (!is_end) continue;
    cells.resize(count + 1);
    return end_line(separator);
  }
}

Result<void> CsvReader::end_line(int separator) {
  if (separator == kEnd) return {};
  const bool is_pair = separator == '\r' && file_.peek() == '\n';
  const bool ends_in_cr = separator == '\r' && !is_pair;
  if (!is_cr_) is_cr_ = ends_in_cr;
  // The line of a break is the one that it ends.
  const std::size_t line = lines_.line() - 1;
  if (is_pair) get();
  // A file that ends with CR may have been cut off before its LF.
  if (*is_cr_ == ends_in_cr || is_pair || (ends_in_cr && file_.is_at_end())) return {};
  return problem(line, ends_in_cr ? "a carriage return within a cell, in a file whose lines end "
                                    "with a line feed; put the cell in quotes"
                                  : "a line feed within a cell, in a file whose lines end with a "
                                    "carriage return; put the cell in quotes");
}

Result<void> CsvReader::read_plain(std::string& cell) {
  while (true) {
    const std::string_view text = up_to(file_.ahead(), ends_plain_);
    cell += text;
    if (!text.empty()) lines_.pass(text.back());
    file_.skip(text.size());
    if (cell.size() > kLongestCell) return problem(record_line_, kTooLong);
    const int c = file_.peek();
    if (c == '"')
      return problem(lines_.line(),
                     "a quote inside a cell that does not begin with one; put the cell in quotes "
                     "and write each quote in it twice");
    if (c == '\0') return problem(lines_.line(), kNul);
    if (c == delimiter_ || at_record_end()) return {};
  }
}

Result<void> CsvReader::read_quoted(std::string& cell) {
  const std::size_t opened = lines_.line();
  get();
  while (true) {
    const std::string_view text = up_to(file_.ahead(), kEndsQuoted);
    cell += text;
    lines_.pass(text);
    file_.skip(text.size());
    if (cell.size() > kLongestCell) return problem(opened, kTooLong);
    const int c = file_.peek();
    if (c == kEnd) return problem(opened, "a quote is opened here and never closed");
    if (c == '\0') return problem(lines_.line(), kNul);
    if (c != '"') continue;
    get();
    if (file_.peek() != '"') break;
    cell.push_back(static_cast<char>(get()));
  }
  if (file_.peek() == delimiter_ || at_record_end()) return {};
  return problem(lines_.line(), "text after a closing quote; write a quote inside of a cell twice");
}

Error CsvReader::problem(std::size_t line, const std::string& what) const {
  if (const std::optional<Error> cause = file_.undecodable()) return *cause;
  return input_error(at_line(file_.path(), line), what);
}

int CsvReader::get() {
  const int c = file_.get();
  if (c != kEnd) lines_.pass(static_cast<char>(c));
  return c;
}

bool CsvReader::at_record_end() {
  const int c = file_.peek();
  return c == kEnd || c == '\n' || c == '\r';
}

}  // namespace weir::cli
