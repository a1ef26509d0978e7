// TraceFile: recorded changes of many data sources, read one at a time, and the rows at the start.
// What `weir simulate` replays.
//
// A trace is a CSV file with the columns time_ms (milliseconds since 1970), op (upsert or delete),
// one that names the data source, one that is the row's key, and the row's values. Not thread-safe.
#pragma once

#include <weir/result.h>
#include <weir/simulation.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "input/csv_reader.h"

namespace weir::cli {

// Which columns say what a row belongs to; the names of the row's values, in order.
struct TraceColumns {
  std::string source;
  std::string key;
  std::vector<std::string> values = {};
};

class TraceFile {
 public:
  // `columns.values` is taken from the file. kInvalidArgument names the missing column.
  static Result<TraceFile> open(const std::string& path, TraceColumns columns);

  // The next change; empty after the last. kInvalidArgument names file and line.
  Result<std::optional<RecordedChange>> next();

  const TraceColumns& columns() const { return columns_; }
  std::size_t line() const { return reader_.line(); }

 private:
  TraceFile(std::string path, CsvReader reader, TraceColumns columns)
      : path_(std::move(path)), reader_(std::move(reader)), columns_(std::move(columns)) {}

  Result<void> find_columns(const std::vector<std::string>& header);

  std::string path_;
  CsvReader reader_;
  std::vector<std::string> cells_;
  TraceColumns columns_;
  std::size_t width_ = 0;
  std::size_t time_at_ = 0;
  std::size_t op_at_ = 0;
  std::size_t source_at_ = 0;
  std::size_t key_at_ = 0;
  std::vector<std::size_t> values_at_;
  std::optional<TimePoint> first_ = {};  // the first change's time
};

// The rows at the start: the source, the key and the values, in columns of the same names as the
// trace's.
Result<std::vector<RecordedRow>> read_initial_rows(const std::string& path,
                                                   const TraceColumns& columns);

}  // namespace weir::cli
