#include "commands/rows.h"

#include <utility>

#include "input/input_bytes.h"
#include "input/input_error.h"
#include "input/row_sources.h"
#include "signals.h"

namespace weir::cli {
namespace {

Error usage_error(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

}  // namespace

Result<void> check_rows(const RowsArguments& arguments) {
  const int inputs = int{arguments.csv.has_value()} + int{arguments.ndjson.has_value()} +
                     int{arguments.sql.has_value()};
  if (inputs != 1) return usage_error("give one of --csv, --ndjson or --sql");
  if (arguments.sql.has_value() != arguments.query.has_value())
    return usage_error("--sql and --query go together");
  if (const auto format = parse_text_format(arguments.delimiter, arguments.encoding); !format)
    return format.error();
  return {};
}

Result<std::optional<std::string>> place_without_end(const RowsArguments& arguments) {
  if (!arguments.csv && !arguments.ndjson) return std::optional<std::string>();
  const std::string& path = arguments.csv ? *arguments.csv : *arguments.ndjson;
  const TextFormat format = parse_text_format(arguments.delimiter, arguments.encoding).value();
  const Result<std::optional<std::size_t>> line = line_without_end(path, format.encoding);
  if (!line) return line.error();
  if (!*line) return std::optional<std::string>();
  return std::optional(at_line(shown_input(path), **line));
}

std::unique_ptr<RowSource> rows_of(const RowsArguments& arguments, bool allow_empty) {
  RowSourceOptions options{.key = arguments.key, .stop = stop_of_process()};
  if (arguments.query_timeout)
    options.longest_query = std::chrono::seconds{*arguments.query_timeout};
  // check_rows() has looked at them.
  if (const auto format = parse_text_format(arguments.delimiter, arguments.encoding))
    options.format = *format;
  options.allow_empty = allow_empty;
  if (arguments.columns) options.columns = parse_columns(*arguments.columns);
  if (arguments.csv) return csv_source(*arguments.csv, std::move(options));
  if (arguments.ndjson) return ndjson_source(*arguments.ndjson, std::move(options));
  return sql_source(*arguments.sql, *arguments.query, std::move(options));
}

}  // namespace weir::cli
