#include <algorithm>
#include <utility>

#include "input/input_error.h"
#include "input/ndjson_reader.h"
#include "input/row_layout.h"
#include "input/row_sources.h"

namespace weir::cli {
namespace {

Result<void> read_cells(const Record& record, const std::vector<std::string>& names,
                        const std::string& where, Row& cells) {
  cells.assign(names.size(), "");
  for (const auto& [name, value] : record) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      return input_error(where, "member '" + name + "' is not in the first record");
    cells[static_cast<std::size_t>(found - names.begin())] = value.value_or("");
  }
  return {};
}

class NdjsonSource final : public RowSource {
 public:
  NdjsonSource(std::string path, RowSourceOptions options)
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
    for (; more && *more; more = file->reader.next(file->record)) {
      const std::string where = at_line(path_, file->reader.line());
      if (Result<void> read = read_cells(file->record, file->names, where, cells); !read)
        return read;
      if (!file->layout.fits(cells, query)) continue;
      if (Result<void> taken = sink(file->layout.arrange(cells, row)); !taken)
        return at_row(taken.error(), where);
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
    NdjsonReader reader;
    Record record;  // the first
    std::vector<std::string> names;
    RowLayout layout;
  };

  Result<Opened> open() const {
    Result<NdjsonReader> reader = NdjsonReader::open(path_);
    if (!reader) return reader.error();
    Record first;
    Result<bool> more = reader->next(first);
    if (!more) return more.error();
    if (!*more) return input_error(path_, "the file has no records");
    std::vector<std::string> names;
    for (const auto& [name, value] : first) names.push_back(name);
    Result<RowLayout> layout = RowLayout::make(at_line(path_, reader->line()), names, options_);
    if (!layout) return layout.error();
    return Opened{std::move(*reader), std::move(first), std::move(names), std::move(*layout)};
  }

  const std::string path_;
  const RowSourceOptions options_;
};

}  // namespace

std::unique_ptr<RowSource> ndjson_source(std::string path, RowSourceOptions options) {
  return std::make_unique<NdjsonSource>(std::move(path), std::move(options));
}

}  // namespace weir::cli
