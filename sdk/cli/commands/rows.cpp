#include "commands/rows.h"

#include <algorithm>
#include <iostream>
#include <utility>
#include <variant>

#include "input/input_bytes.h"
#include "input/input_error.h"
#include "input/row_sources.h"
#include "signals.h"

namespace weir::cli {
namespace {

constexpr std::string_view kZero = "0";

Error usage_error(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

class NotingKeyZero final : public RowSource {
 public:
  NotingKeyZero(std::unique_ptr<RowSource> rows, bool& found)
      : rows_(std::move(rows)), found_(found) {}

  Result<std::vector<std::string>> columns() override { return rows_->columns(); }
  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    return rows_->read(query, [&](const Row& row) -> Result<void> {
      found_ = found_ || (!row.empty() && row.front() == kZero);
      return sink(row);
    });
  }
  Result<bool> read_raw(const RawSink& sink) override { return rows_->read_raw(sink); }
  Result<std::optional<std::string>> version() override { return rows_->version(); }

 private:
  const std::unique_ptr<RowSource> rows_;
  bool& found_;
};

}  // namespace

void tell_of_key_zero() {
  std::cerr << "weir: a row has the key 0, which forms of the platform take for a new row; another "
               "key is safer (--allow-key-zero: it is meant)\n";
}

bool has_key_zero(const std::vector<Change>& changes) {
  return std::any_of(changes.begin(), changes.end(), [](const Change& change) {
    const auto* upsert = std::get_if<Upsert>(&change);
    return upsert != nullptr && !upsert->row.empty() && upsert->row.front() == kZero;
  });
}

std::unique_ptr<RowSource> noting_key_zero(std::unique_ptr<RowSource> rows, bool& found) {
  return std::make_unique<NotingKeyZero>(std::move(rows), found);
}

Result<void> check_rows(const RowsArguments& arguments) {
  const int inputs = int{arguments.csv.has_value()} + int{arguments.ndjson.has_value()} +
                     int{arguments.sql.has_value()};
  if (inputs != 1) return usage_error("give one of --csv, --ndjson or --sql");
  if (arguments.sql.has_value() != arguments.query.has_value())
    return usage_error("--sql and --query go together");
  if (arguments.sql && (arguments.delimiter || arguments.encoding))
    return usage_error("--delimiter and --encoding are for files, and do nothing with --sql");
  if (arguments.ndjson && arguments.delimiter)
    return usage_error("--delimiter is for a CSV, and does nothing with --ndjson");
  if (!arguments.sql && arguments.query_timeout)
    return usage_error("--query-timeout goes with --sql");
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

std::string ends_without_line_break(const std::string& place) {
  return place +
         ": the file ends without a line break; if it was cut off, its last row is not whole";
}

std::unique_ptr<RowSource> rows_of(const RowsArguments& arguments,
                                   const std::vector<std::string>& known, bool allow_empty,
                                   bool may_change_columns) {
  RowSourceOptions options{.key = arguments.key, .stop = stop_of_process()};
  if (arguments.query_timeout)
    options.longest_query = std::chrono::seconds{*arguments.query_timeout};
  // check_rows() has looked at them.
  if (const auto format = parse_text_format(arguments.delimiter, arguments.encoding))
    options.format = *format;
  options.allow_empty = allow_empty;
  options.known_columns = [known] { return known; };
  options.may_change_columns = may_change_columns;
  options.tell = [](const std::string& doubt) { std::cerr << "weir: " << doubt << '\n'; };
  if (arguments.columns) options.columns = parse_columns(*arguments.columns);
  if (arguments.csv) return csv_source(*arguments.csv, options);
  if (arguments.ndjson) return ndjson_source(*arguments.ndjson, options);
  return sql_source(*arguments.sql, *arguments.query, options);
}

}  // namespace weir::cli
