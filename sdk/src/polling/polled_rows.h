// PolledRows: what the last look at a data source has seen, as key and hash, so that the next one
// can tell what has changed. Kept after the handler has returned. Safe to use from several threads
// at once.
#pragma once

#include <weir/clock.h>
#include <weir/poll.h>
#include <weir/result.h>
#include <weir/row.h>

#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace weir::polling {

struct LastLook {
  // The platform's LastUpdated and its number of rows: while both stand, no row has changed.
  std::string last_updated = {};
  std::int64_t rows = 0;
  TimePoint at = {};
};

class PolledRows {
 public:
  explicit PolledRows(store::Database& database) : database_(database) {}

  // Empty: never looked at.
  Result<std::optional<LastLook>> last_look(const std::string& source);

  // How `rows` differ from those of the last look.
  Result<RowChanges> difference(const std::string& source, const std::vector<Row>& rows);

  // The changes have been handled.
  Result<void> keep(const std::string& source, const RowChanges& changes, const LastLook& look);

 private:
  store::Database& database_;
};

}  // namespace weir::polling
