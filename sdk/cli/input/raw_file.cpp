#include "input/row_sources.h"
#include "input/text_file.h"

namespace weir::cli {

Result<bool> read_raw_file(const std::string& path, const RowSourceOptions& options,
                           const RawSink& sink) {
  // A NUL ends each, which no name has in it.
  std::string layout = options.key.value_or("");
  layout += '\0';
  for (const SourceColumn& column : options.columns)
    layout += column.name + '\0' + column.from + '\0';
  Result<TextFile> file = TextFile::open(path);
  if (!file) return file.error();
  sink(layout + '\0');
  if (Result<void> read = file->read_rest(sink); !read) return read.error();
  return true;
}

}  // namespace weir::cli
