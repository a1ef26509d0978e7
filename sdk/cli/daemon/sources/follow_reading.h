// FollowReading: one reading of a followed query: its rows without the columns that only follow
// them, the newest version among them, and those that cannot be followed. For one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/source_config.h"
#include "daemon/sources/row_version.h"
#include "input/row_sources.h"

namespace weir::daemon {

// A row of the query, which lives until the sink returns.
struct FollowedRow {
  const Row& cells;
  bool is_deleted = false;
  const std::optional<RowVersion>& version;
};

using FollowedRowSink = std::function<Result<void>(const FollowedRow& row)>;

class FollowReading {
 public:
  FollowReading(std::string address, const SourceConfig& config, const QueryOrigin& query,
                Follow follow);

  // Reads what is later than `since`; empty: all. kInvalidArgument: a version is neither a moment
  // nor a number, or a cell of the column `deleted` neither true nor false.
  Result<void> read(const std::optional<std::string>& since, TimePoint now,
                    const std::stop_token& stop, const cli::ColumnsSink& columns,
                    const FollowedRowSink& sink);

  // Of the last reading.
  const std::optional<RowVersion>& newest() const { return newest_; }
  std::int64_t without_version() const { return without_version_; }
  std::int64_t ahead() const { return ahead_; }
  // The keys of one of these each.
  const std::string& example_without() const { return example_without_; }
  const std::string& example_ahead() const { return example_ahead_; }

 private:
  Result<void> note_columns(const std::vector<std::string>& columns);
  Result<void> take(const Row& row, TimePoint now, const FollowedRowSink& sink);
  Result<bool> is_deleted(const Row& row) const;

  const std::string address_;
  const std::string query_;
  const Follow follow_;
  cli::RowSourceOptions options_;
  bool has_version_of_its_own_ = false;  // columns at the end that the data source has not
  bool has_deleted_of_its_own_ = false;

  std::size_t version_at_ = 0;
  std::optional<std::size_t> deleted_at_;
  std::size_t cells_ = 0;  // of the data source
  Row row_;
  std::optional<RowVersion> newest_;
  std::int64_t without_version_ = 0;
  std::int64_t ahead_ = 0;
  std::string example_without_;
  std::string example_ahead_;
};

}  // namespace weir::daemon
