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
#include <utility>
#include <vector>

#include "store/database.h"

namespace weir::polling {

struct LastLook {
  // The platform's LastUpdated and its number of rows: while both stand, no row has changed.
  std::string last_updated = {};
  std::int64_t rows = 0;
  TimePoint at = {};
};

struct RowDifferences {
  RowChanges changes = {};
  // Rows that have not changed, but were known by a fingerprint without a key (rows/keyed_hash.h):
  // key and fingerprint.
  std::vector<std::pair<std::string, std::string>> keyed = {};
};

class PolledRows {
 public:
  explicit PolledRows(store::Database& database) : database_(database) {}

  // Empty: never looked at.
  Result<std::optional<LastLook>> last_look(const std::string& source);

  // How `rows` differ from those of the last look.
  Result<RowDifferences> difference(const std::string& source, const std::vector<Row>& rows);

  // The changes have been handled.
  Result<void> keep(const std::string& source, const RowDifferences& found, const LastLook& look);

 private:
  store::Database& database_;
};

}  // namespace weir::polling
