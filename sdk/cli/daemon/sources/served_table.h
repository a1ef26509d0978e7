// ServedTable: what Platform Sync gives of a data source: the last table that its task has read and
// that no guard has held. Before the first reading it has that of an earlier process, if there is
// one. Safe to use from several threads at once.
#pragma once

#include <weir/row_source.h>
#include <weir/sync/sync_options.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/source_config.h"
#include "daemon/sources/kept_rows.h"

namespace weir::daemon {

// What a table takes from the phones that have the one before.
struct ServedLoss {
  std::int64_t before = 0;  // rows that phones have
  std::int64_t gone = 0;    // of these: their row is gone, or another user's now
  bool leaves_none = false;
};

class ServedTable final : public RowSource {
 public:
  // `path`: where the table is kept for the next process. `served`: who gets which of its columns.
  ServedTable(std::string path, std::string source, ServedConfig served);

  // Whether the table has the columns that are sent and the one that says whose a row is.
  Result<void> check_columns(const std::shared_ptr<KeptRows>& rows) const;
  // The same, and whether each of its rows can be served.
  Result<void> check(const std::shared_ptr<KeptRows>& rows) const;

  // Against the table that is served now. Empty: there is none, or it cannot be compared.
  std::optional<ServedLoss> loss(const std::shared_ptr<KeptRows>& rows) const;

  // Writes the table beside the one that is served, so that put() needs no room any more.
  Result<void> prepare(const KeptRows& rows) const;
  // ... and does not serve it after all.
  void withdraw() const;

  // Serves the table that was prepared, in this process and the next. An error: the one before is
  // served.
  Result<void> put(const std::shared_ptr<KeptRows>& rows);

  // Empty: nothing was read yet.
  std::shared_ptr<KeptRows> rows() const;

  Result<std::vector<std::string>> columns() override;
  Result<void> read(const RowQuery& query, const RowSink& sink) override;
  Result<std::optional<std::string>> version() override;

 private:
  Result<std::shared_ptr<KeptRows>> need_rows() const;
  SyncSource as_served(const std::shared_ptr<KeptRows>& rows) const;
  Result<std::vector<std::size_t>> rows_of_users(const std::shared_ptr<KeptRows>& rows) const;
  std::string next() const { return path_ + ".next"; }

  const std::string path_;
  const std::string source_;
  const ServedConfig served_;
  mutable std::mutex mutex_;
  std::shared_ptr<KeptRows> rows_;  // guarded by mutex_
};

}  // namespace weir::daemon
