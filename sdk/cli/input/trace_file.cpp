#include "input/trace_file.h"

#include <algorithm>
#include <charconv>

#include "input/input_error.h"

namespace weir::cli {
namespace {

constexpr const char* kTime = "time_ms";
constexpr const char* kOp = "op";

Result<std::size_t> position_of(const std::string& path, const std::vector<std::string>& header,
                                const std::string& column) {
  const auto found = std::find(header.begin(), header.end(), column);
  if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  return input_error(at_line(path, 1), "there is no column " + shown_name(column) +
                                           "; there are: " + plain_list(header));
}

Result<TimePoint> time_of(const std::string& where, const std::string& text) {
  std::int64_t ms = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, ms);
  // The last instant of the year 9999: what lies beyond is no time in milliseconds.
  constexpr std::int64_t kLatest = 253'402'300'799'999;
  if (error != std::errc() || stopped != end || ms < 0 || ms > kLatest) {
    return input_error(where, "time_ms is " + shown_name(text) +
                                  "; it must be milliseconds since 1970, in digits");
  }
  // January 1970 in milliseconds is this century in seconds.
  if (ms >= 1'000'000'000 && ms < 5'000'000'000) {
    return input_error(where, "time_ms is " + shown_name(text) +
                                  ", which looks like seconds; it must be "
                                  "milliseconds since 1970");
  }
  return TimePoint(Milliseconds(ms));
}

}  // namespace

Result<TraceFile> TraceFile::open(const std::string& path, TraceColumns columns) {
  Result<CsvReader> reader = CsvReader::open(path);
  if (!reader) return reader.error();
  TraceFile file(path, std::move(*reader), std::move(columns));
  Result<std::vector<std::string>> header = file.reader_.header();
  if (!header) return header.error();
  if (Result<void> found = file.find_columns(*header); !found) return found.error();
  return file;
}

Result<void> TraceFile::find_columns(const std::vector<std::string>& header) {
  const std::vector<std::pair<std::string, std::size_t*>> wanted = {
      {kTime, &time_at_}, {kOp, &op_at_}, {columns_.source, &source_at_}, {columns_.key, &key_at_}};
  for (const auto& [column, target] : wanted) {
    Result<std::size_t> at = position_of(path_, header, column);
    if (!at) return at.error();
    *target = *at;
  }
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (i == time_at_ || i == op_at_ || i == source_at_ || i == key_at_) continue;
    columns_.values.push_back(header[i]);
    values_at_.push_back(i);
  }
  width_ = header.size();
  return {};
}

Result<std::optional<RecordedChange>> TraceFile::next() {
  Result<bool> more = reader_.next_row(width_, cells_);
  if (!more) return more.error();
  if (!*more) return std::optional<RecordedChange>();
  const std::string where = at_line(path_, reader_.line());
  const std::vector<std::string>& cells = cells_;
  Result<TimePoint> time = time_of(where, cells[time_at_]);
  if (!time) return time.error();
  if (!first_) first_ = *time;
  constexpr std::chrono::hours kLongestTrace{400 * 24};
  if (*time - *first_ > kLongestTrace)
    return input_error(where, "time_ms is " + shown_name(cells[time_at_]) +
                                  ", more than 400 days after the first change; is one of the two "
                                  "wrong? Split a longer recording");
  RecordedChange change{
      .time = *time, .source = cells[source_at_], .key = cells[key_at_], .values = {}};
  if (change.source.empty()) return input_error(where, "the data source is empty");
  if (change.key.empty()) return input_error(where, "the key is empty");
  if (cells[op_at_] == "upsert") {
    change.values.emplace();
    for (const std::size_t at : values_at_) change.values->push_back(cells[at]);
  } else if (cells[op_at_] != "delete") {
    return input_error(where,
                       "op is " + shown_name(cells[op_at_]) + "; it must be upsert or delete");
  }
  return std::optional(std::move(change));
}

Result<std::vector<RecordedRow>> read_initial_rows(const std::string& path,
                                                   const TraceColumns& columns) {
  Result<CsvReader> reader = CsvReader::open(path);
  if (!reader) return reader.error();
  Result<std::vector<std::string>> header = reader->header();
  if (!header) return header.error();
  std::vector<std::size_t> at;
  for (const std::string& column : {columns.source, columns.key}) {
    Result<std::size_t> found = position_of(path, *header, column);
    if (!found) return found.error();
    at.push_back(*found);
  }
  for (const std::string& column : columns.values) {
    Result<std::size_t> found = position_of(path, *header, column);
    if (!found) return found.error();
    at.push_back(*found);
  }
  std::vector<RecordedRow> rows;
  std::vector<std::string> cells;
  Result<bool> more = false;
  while ((more = reader->next_row(header->size(), cells)) && *more) {
    RecordedRow row{.source = cells[at[0]], .key = cells[at[1]], .values = {}};
    for (std::size_t i = 2; i < at.size(); ++i) row.values.push_back(cells[at[i]]);
    rows.push_back(std::move(row));
  }
  if (!more) return more.error();
  return rows;
}

}  // namespace weir::cli
