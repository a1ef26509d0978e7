#include "daemon/sources/file_rows.h"

#include "input/input_error.h"

namespace weir::daemon {

cli::RowSourceOptions reader_options(const SourceConfig& config, const cli::TextFormat& format) {
  cli::RowSourceOptions options{.key = config.key, .columns = config.columns, .format = format};
  // Whose a row is, Platform Sync sees in the column of its rule, which must be among the columns.
  options.allow_empty = true;
  options.is_read_again = true;
  options.advises_settings = true;
  return options;
}

std::unique_ptr<RowSource> file_rows(const std::string& path, FileKind kind,
                                     const cli::RowSourceOptions& options) {
  return kind == FileKind::kCsv ? cli::csv_source(path, options)
                                : cli::ndjson_source(path, options);
}

std::optional<OpenEnd> open_end_of(const std::string& path, FileKind kind,
                                   const cli::TextFormat& format, const std::string& name) {
  const Result<std::optional<std::size_t>> line = cli::line_without_end(path, format.encoding);
  if (!line || !*line) return std::nullopt;
  return OpenEnd{.place = cli::at_line(name, **line), .may_split_row = kind == FileKind::kCsv};
}

Error with_name(Error error, const std::string& path, const std::string& name) {
  for (std::size_t at = error.message.find(path); at != std::string::npos;
       at = error.message.find(path, at + name.size()))
    error.message.replace(at, path.size(), name);
  return error;
}

}  // namespace weir::daemon
