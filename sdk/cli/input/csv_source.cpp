#include <utility>

#include "input/csv_reader.h"
#include "input/input_error.h"
#include "input/row_layout.h"
#include "input/row_sources.h"

namespace weir::cli {
namespace {

class CsvSource final : public RowSource {
 public:
  CsvSource(std::string path, RowSourceOptions options)
      : path_(std::move(path)), options_(std::move(options)) {}

  Result<std::vector<std::string>> columns() override {
    Result<Opened> file = open();
    if (!file) return file.error();
    return file->layout.columns();
  }

  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    Result<Opened> file = open();
    if (!file) return file.error();
    Row cells;
    Row row;
    Result<bool> more = true;
    while ((more = file->reader.next_row(file->cells, cells)) && *more) {
      if (!file->layout.fits(cells, query)) continue;
      if (Result<void> taken = sink(file->layout.arrange(cells, row)); !taken)
        return at_row(taken.error(), at_line(path_, file->reader.line()));
    }
    if (!more) return more.error();
    return {};
  }

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
    RowLayout layout;
  };

  Result<Opened> open() const {
    Result<CsvReader> reader = CsvReader::open(path_);
    if (!reader) return reader.error();
    Result<std::vector<std::string>> header = reader->header();
    if (!header) return header.error();
    Result<RowLayout> layout = RowLayout::make(at_line(path_, reader->line()), *header, options_);
    if (!layout) return layout.error();
    return Opened{std::move(*reader), header->size(), std::move(*layout)};
  }

  const std::string path_;
  const RowSourceOptions options_;
};

}  // namespace

std::unique_ptr<RowSource> csv_source(std::string path, RowSourceOptions options) {
  return std::make_unique<CsvSource>(std::move(path), std::move(options));
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
