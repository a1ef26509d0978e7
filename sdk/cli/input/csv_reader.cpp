#include "input/csv_reader.h"

#include <array>
#include <filesystem>
#include <utility>

#include "input/table.h"

namespace weir::cli {
namespace {

constexpr int kEnd = std::ifstream::traits_type::eof();

// A cell longer than this is a missing quote rather than data.
constexpr std::size_t kLongestCell = 16 * 1024 * 1024;

}  // namespace

Result<CsvReader> CsvReader::open(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown))
    return input_error(path, "it is a folder, not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return input_error(path, "the file cannot be opened; check its name and permissions");
  std::array<char, 3> start = {};
  file.read(start.data(), start.size());
  const std::string mark(start.data(), static_cast<std::size_t>(file.gcount()));
  if (mark.starts_with("\xFF\xFE") || mark.starts_with("\xFE\xFF")) {
    return input_error(path, "the file is UTF-16; save it as UTF-8");
  }
  file.clear();
  file.seekg(mark == "\xEF\xBB\xBF" ? 3 : 0);
  return CsvReader(path, std::move(file));
}

Result<bool> CsvReader::next(std::vector<std::string>& cells) {
  while (file_.peek() == '\n' || file_.peek() == '\r') get();
  cells.clear();
  if (file_.peek() == kEnd) return false;
  record_line_ = line_;
  if (Result<void> read = read_record(cells); !read) return read.error();
  return true;
}

Result<void> CsvReader::read_record(std::vector<std::string>& cells) {
  while (true) {
    std::string cell;
    if (file_.peek() == '"') {
      if (Result<void> read = read_quoted(cell); !read) return read;
    } else {
      for (int c = file_.peek(); c != ',' && !at_record_end(); c = file_.peek()) {
        if (c == '"')
          return input_error(at_line(path_, line_),
                             "a quote inside a cell that does not begin with one");
        if (c == '\0')
          return input_error(at_line(path_, line_), "a NUL byte; is this a text file?");
        cell.push_back(static_cast<char>(get()));
        if (cell.size() > kLongestCell)
          return input_error(at_line(path_, record_line_), "a cell is longer than 16 MiB");
      }
    }
    cells.push_back(std::move(cell));
    const bool is_end = at_record_end();
    const int separator = get();
    if (is_end) {
      if (separator == '\r' && file_.peek() == '\n') get();
      return {};
    }
  }
}

Result<void> CsvReader::read_quoted(std::string& cell) {
  const std::size_t opened = line_;
  get();
  while (true) {
    const int c = get();
    if (c == kEnd)
      return input_error(at_line(path_, opened), "a quote is opened here and never closed");
    if (c == '\0') return input_error(at_line(path_, line_), "a NUL byte; is this a text file?");
    if (c == '"') {
      if (file_.peek() != '"') break;
      get();
    }
    cell.push_back(static_cast<char>(c));
    if (cell.size() > kLongestCell)
      return input_error(at_line(path_, opened), "a cell is longer than 16 MiB");
  }
  if (file_.peek() == ',' || at_record_end()) return {};
  return input_error(at_line(path_, line_), "text after a closing quote");
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
