// SyncOptions: everything that can be set on a Platform Sync service. Plain aggregates;
// SyncService::open() checks them.
#pragma once

#include <weir/clock.h>
#include <weir/log.h>
#include <weir/row_source.h>
#include <weir/secret.h>
#include <weir/sync/user_rule.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::inline v0 {

// One data source that the app fetches from the service.
struct SyncSource {
  // The ExternalId of the data source.
  std::string id = {};
  std::shared_ptr<RowSource> rows = {};
  UserRule rule = {};
  // Which columns are sent, in this order; the first is the key. Empty: all, as the source has
  // them. They must be the columns of the data source in the portal, for an answer has no header.
  std::vector<std::string> columns = {};
  // A source that can tell its version is asked with each request, and read when it differs. One
  // that cannot is read anew when its rows are older than this.
  Milliseconds read_again_after = std::chrono::seconds{1};
  // Refuse a reading that would take more rows than this from users who have them, absolutely or in
  // percent of the rows of before; a row that goes to another user counts. Such a reading is an
  // error: devices keep the rows of before until the source is mended, or more is allowed. Not for
  // a query that is asked with each user's address.
  std::optional<std::int64_t> max_deletes = {};
  std::optional<double> max_deletes_percent = {};
  // Refuse one that would take more than half of 20 rows or more, and one without any row. Does not
  // count where another limit is set. With any of the three, rows that may be cut off
  // (RowSource::may_be_cut_off()) may be fewer by a tenth.
  bool guard_deletes = false;
};

struct SyncOptions {
  std::int64_t company_id = 0;
  // The organization's Private Token, as set in the portal; not its integration key. Several while
  // it is being changed.
  std::vector<Secret> private_tokens = {};
  // A path, or postgresql://…; it may be a client's store. Holds the rows and their changes.
  std::string store = {};
  std::vector<SyncSource> sources = {};

  // How long changes and deletions are kept. A device that was away for longer gets all rows.
  std::chrono::seconds retention = std::chrono::hours{24 * 30};
  // Encoded answers kept in memory, in bytes. An answer that is larger than a quarter of this is
  // made anew for each device, row by row.
  std::int64_t cache_bytes = 128 * 1024 * 1024;

  // Receives log lines. Empty: silent.
  LogSink log = {};
  // Seam for tests. Empty: the system's clocks.
  std::shared_ptr<Clock> clock = {};
};

}  // namespace weir::inline v0
