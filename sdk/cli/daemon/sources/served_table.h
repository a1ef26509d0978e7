// ServedTable: what Platform Sync gives of a data source: the last table that its task has read and
// that no guard has held. Before the first reading it has that of an earlier process, if there is
// one. Safe to use from several threads at once.
#pragma once

#include <weir/row_source.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/sources/kept_rows.h"

namespace weir::daemon {

class ServedTable final : public RowSource {
 public:
  // `path`: where the table is kept for the next process.
  explicit ServedTable(std::string path);

  // Serves these rows from now on. An error: they are served, but the next process will not have
  // them.
  Result<void> put(const std::shared_ptr<KeptRows>& rows);

  // Empty: nothing was read yet.
  std::shared_ptr<KeptRows> rows() const;

  Result<std::vector<std::string>> columns() override;
  Result<void> read(const RowQuery& query, const RowSink& sink) override;
  Result<std::optional<std::string>> version() override;

 private:
  Result<std::shared_ptr<KeptRows>> need_rows() const;

  const std::string path_;
  mutable std::mutex mutex_;
  std::shared_ptr<KeptRows> rows_;  // guarded by mutex_
};

}  // namespace weir::daemon
