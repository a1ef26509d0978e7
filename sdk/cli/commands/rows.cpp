#include "commands/rows.h"

#include <utility>

#include "input/row_sources.h"

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
  return {};
}

std::unique_ptr<RowSource> rows_of(const RowsArguments& arguments) {
  RowSourceOptions options{.key = arguments.key};
  if (arguments.columns) options.columns = parse_columns(*arguments.columns);
  if (arguments.csv) return csv_source(*arguments.csv, std::move(options));
  if (arguments.ndjson) return ndjson_source(*arguments.ndjson, std::move(options));
  return sql_source(*arguments.sql, *arguments.query, std::move(options));
}

}  // namespace weir::cli
