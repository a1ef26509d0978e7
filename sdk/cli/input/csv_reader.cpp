#include "input/csv_reader.h"

#include <algorithm>
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
  while (file_.peek() == '\n' || file_.peek() == '\r') get();
  if (file_.peek() == kEnd) {
    if (Result<void> whole = file_.finish(); !whole) return whole.error();
    return false;
  }
  record_line_ = line_;
  if (Result<void> read = read_record(cells); !read) return read.error();
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
  if (!more || !*more || cells.size() == columns) return more;
  return problem(record_line_, "the row has " + std::to_string(cells.size()) +
                                   " cells, but the header has " + std::to_string(columns));
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
    if (separator == '\r' && file_.peek() == '\n') get();
    cells.resize(count + 1);
    return {};
  }
}

Result<void> CsvReader::read_plain(std::string& cell) {
  while (true) {
    const std::string_view text = up_to(file_.ahead(), ends_plain_);
    cell += text;
    file_.skip(text.size());
    if (cell.size() > kLongestCell) return problem(record_line_, kTooLong);
    const int c = file_.peek();
    if (c == '"') return problem(line_, "a quote inside a cell that does not begin with one");
    if (c == '\0') return problem(line_, kNul);
    if (c == delimiter_ || at_record_end()) return {};
  }
}

Result<void> CsvReader::read_quoted(std::string& cell) {
  const std::size_t opened = line_;
  get();
  while (true) {
    const std::string_view text = up_to(file_.ahead(), kEndsQuoted);
    cell += text;
    line_ += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    file_.skip(text.size());
    if (cell.size() > kLongestCell) return problem(opened, kTooLong);
    const int c = file_.peek();
    if (c == kEnd) return problem(opened, "a quote is opened here and never closed");
    if (c == '\0') return problem(line_, kNul);
    if (c != '"') continue;
    get();
    if (file_.peek() != '"') break;
    cell.push_back(static_cast<char>(get()));
  }
  if (file_.peek() == delimiter_ || at_record_end()) return {};
  return problem(line_, "text after a closing quote");
}

Error CsvReader::problem(std::size_t line, const std::string& what) const {
  return input_error(at_line(file_.path(), line), what);
}

int CsvReader::get() {
  const int c = file_.get();
  if (c == '\n') ++line_;
  return c;
}

bool CsvReader::at_record_end() {
  const int c = file_.peek();
  return c == kEnd || c == '\n' || c == '\r';
}

}  // namespace weir::cli
