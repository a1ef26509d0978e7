#include <optional>
#include <utility>

#include "input/csv_reader.h"
#include "input/input_error.h"
#include "input/row_layout.h"
#include "input/row_sources.h"
#include "input/setting_words.h"
#include "input/whole_file.h"

namespace weir::cli {
namespace {

// A row, where the names of the columns are missing, mostly begins with one.
bool looks_like_a_number(const std::string& text) {
  constexpr std::string_view kDigits = "0123456789";
  return text.find_first_of(kDigits) != std::string::npos &&
         text.find_first_not_of("0123456789.-") == std::string::npos;
}

class CsvSource final : public RowSource {
 public:
  CsvSource(std::string path, RowSourceOptions options)
      : path_(std::move(path)), options_(std::move(options)) {}

  Result<std::vector<std::string>> columns() override {
    Result<Opened> file = open();
    if (!file) return file.error();
    std::vector<std::string> columns = columns_of(*file);
    told_.tell(columns);
    return columns;
  }

  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    Result<Opened> file = open();
    if (!file) return file.error();
    if (Result<void> same = told_.check(shown_, columns_of(*file)); !same) return same;
    if (!file->layout) return {};
    Row cells;
    Row row;
    Result<bool> more = true;
    std::size_t rows = 0;
    for (; (more = file->reader.next_row(file->cells, cells)) && *more; ++rows) {
      if (!file->layout->fits(cells, query)) continue;
      if (Result<void> taken = sink(file->layout->arrange(cells, row)); !taken)
        return at_row(taken.error(), at_line(shown_, file->reader.line()));
    }
    if (!more) return more.error();
    whole_.tell(options_.tell, file->reader.doubt());
    may_be_cut_off_ = !file->reader.ends_with_line_break();
    return whole_.check(at_line(shown_, file->reader.line()), rows,
                        file->reader.ends_with_line_break());
  }

  bool may_be_cut_off() const override { return may_be_cut_off_; }

  Result<bool> read_raw(const RawSink& sink) override {
    return read_raw_file(path_, options_, sink);
  }

  Result<std::optional<std::string>> version() override {
    Result<std::string> version = file_version(path_);
    if (!version) return version.error();
    return std::optional(std::move(*version));
  }

 private:
  struct Opened {
    CsvReader reader;
    std::size_t cells;
    std::optional<RowLayout> layout;  // none: there is nothing in the file
  };

  static std::vector<std::string> columns_of(const Opened& file) {
    return file.layout ? file.layout->columns() : std::vector<std::string>();
  }

  Result<Opened> open() const {
    if (Result<void> usable = whole_.check_kind(path_); !usable) return usable.error();
    Result<CsvReader> reader = CsvReader::open(path_, options_.format);
    if (!reader) return reader.error();
    std::vector<std::string> header;
    const Result<bool> found = reader->next(header);
    if (!found) return found.error();
    if (!*found && options_.allow_empty) return Opened{std::move(*reader), 0, std::nullopt};
    if (!*found)
      return empty_file(shown_, "the file is empty; its first line must name the columns");
    const std::string where = at_line(shown_, reader->line());
    if (const std::string hint = other_delimiter(header, options_.format); !hint.empty())
      return input_error(where, hint);
    if (options_.columns.empty() && looks_like_a_number(header.front()))
      return input_error(where, "the first line must name the columns, but its first cell is " +
                                    shown_words(header.front()) +
                                    ": put a line with the names above it");
    Result<RowLayout> layout = RowLayout::make(where, header, options_);
    if (!layout) return layout.error();
    return Opened{std::move(*reader), header.size(), std::move(*layout)};
  }

  const std::string path_;
  const std::string shown_ = shown_input(path_);
  const RowSourceOptions options_;
  ToldColumns told_;
  bool may_be_cut_off_ = false;
  WholeFile whole_{options_.is_read_again};
};

}  // namespace

std::unique_ptr<RowSource> csv_source(std::string path, const RowSourceOptions& options) {
  return in_words_of(options, std::make_unique<CsvSource>(std::move(path), options));
}

std::vector<SourceColumn> parse_columns(const std::string& list) {
  std::vector<SourceColumn> columns;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string item = list.substr(begin, end - begin);
    const std::size_t equals = item.find('=');
    columns.push_back({.name = item.substr(0, equals),
                       .from = equals == std::string::npos ? item : item.substr(equals + 1)});
    begin = end + 1;
  }
  return columns;
}

}  // namespace weir::cli
