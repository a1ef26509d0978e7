#include "input/row_sources.h"
#include "input/text_file.h"

namespace weir::cli {

Result<bool> read_raw_file(const std::string& path, const RowSourceOptions& options,
                           const RawSink& sink) {
  // A NUL ends each, which no name has in it.
  std::string layout = options.key.value_or("");
  layout += options.format.delimiter;
  layout += '\0';
  for (const SourceColumn& column : options.columns)
    layout += column.name + '\0' + column.from + '\0';
  Result<TextFile> file = TextFile::open(path, options.format.encoding);
  if (!file) return file.error();
  sink(layout + '\0');
  if (Result<void> read = file->read_rest(sink); !read) return read.error();
  return true;
}

Result<std::optional<std::size_t>> line_without_end(const std::string& path, Encoding encoding) {
  Result<TextFile> file = TextFile::open(path, encoding);
  if (!file) return file.error();
  LineCount lines;
  const Result<void> read = file->read_rest([&](std::string_view text) { lines.pass(text); });
  if (!read) return read.error();
  return file->ends_with_line_break() ? std::optional<std::size_t>() : lines.line();
}

}  // namespace weir::cli
