// Outbox: the durable pending changes of all data sources, and the mirror of what the platform has
// acknowledged.
//
// When a function that keeps changes returns, they survive kill -9 and power loss. Taking a batch
// first notes, durably, that the platform's state of its rows is in doubt; acknowledge() ends the
// doubt, give_back() undoes it when nothing was sent, and after a crash the doubt stays, so that a
// row is sent again rather than missed. Safe to use from several threads and processes; one writer
// per data source at a time takes batches (budget/leases.h).
#pragma once

#include <weir/client_options.h>
#include <weir/data_source.h>
#include <weir/outbox.h>
#include <weir/result.h>
#include <weir/row.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "outbox/batch.h"
#include "outbox/pending_source.h"
#include "outbox/platform_rows.h"
#include "outbox/row_change.h"
#include "outbox/row_hash.h"
#include "outbox/sizes.h"
#include "store/database.h"

namespace weir::outbox {

// Told of the rows whose values have changed, once that is kept.
using RowChangeSink =
    std::function<void(const std::string& source, std::vector<RowChange> changes, TimePoint now)>;

class Outbox {
 public:
  Outbox(store::Database& database, CallLimits limits, RowChangeSink changed = {},
         SizeLimits sizes = {})
      : database_(database), limits_(limits), sizes_(sizes), changed_(std::move(changed)) {}

  // Keeps the changes, all or none. kInvalidArgument names the change (counted from 1) and what is
  // wrong with it.
  Result<ApplyReport> apply(const std::string& source, const std::vector<Change>& changes,
                            TimePoint now);

  // Keeps the difference between the snapshot and the mirror; see DataSource::publish().
  Result<PublishReport> publish(const std::string& source, RowSource& rows,
                                const PublishOptions& options, TimePoint now);

  // The same for a vector that is in memory.
  Result<PublishReport> publish(const std::string& source, const std::vector<Row>& rows,
                                const PublishOptions& options, TimePoint now);

  // Whether rows that the mirror lacks are known not to be on the platform.
  Result<bool> is_known(const std::string& source);

  // Takes what was read from the platform as the mirror; changes that wait stay.
  Result<void> adopt(const std::string& source, const std::vector<std::string>& columns,
                     const PlatformRows& rows);

  // Corrects the mirror by what was read from the platform, where there is one that counts; what
  // others have changed is no reason for doubt any more. Returns how many rows were otherwise than
  // the platform had acknowledged.
  Result<std::int64_t> correct(const std::string& source, const PlatformRows& rows);

  // Rises with every change of the data source's mirror and outbox.
  Result<std::int64_t> revision(const std::string& source);

  // The platform had so many rows at this revision. Whether that proves that others change them; if
  // so, the mirror is doubtful until the next publish. Proves nothing while a call is under way.
  Result<bool> compare_count(const std::string& source, std::int64_t rows, std::int64_t revision);

  // Keeps the columns that the platform has named.
  Result<void> set_columns(const std::string& source, const std::vector<std::string>& columns);

  // Every data source for which something waits.
  Result<std::vector<PendingSource>> pending();

  // The clock was set back: no row has grown stale later than now.
  Result<void> bring_back_to(TimePoint now);

  // The next changes to send, at most `most` of them and within the limits per call. Empty when
  // nothing waits.
  Result<std::optional<Batch>> next_batch(const std::string& source, std::int64_t most);

  // The platform has accepted the batch.
  Result<void> acknowledge(const Batch& batch);

  // Nothing of the batch was sent.
  Result<void> give_back(const Batch& batch);

  // The platform refuses the batch for its content. What was chosen to save calls is given up: a
  // replace that was not needed, and upserts that rode as cell updates. Otherwise the bad row is
  // looked for: the next batches have half of those that are suspect, over processes and days, or
  // at once the rows that the refusal names. Returns whether the refusal proves that others change
  // the platform's rows; if so, the mirror is doubtful until the next publish.
  Result<bool> simplify(const Batch& batch, const Error& refusal);

  // The platform refuses the one change of the batch for good: it goes to the dead letters.
  Result<void> bury(const Batch& batch, const std::string& reason, TimePoint now);

  // What waits, and the dead letters; see Client::outbox(), retry() and drop().
  Result<OutboxContents> list();
  Result<std::int64_t> retry(const DeadLetterChoice& choice, TimePoint now);
  Result<std::int64_t> drop(const DeadLetterChoice& choice);

 private:
  Result<void> acknowledge_rows(const std::string& source, std::span<const BatchChange> changes);

  // The report on a snapshot that is known by its digest to be just what the platform has.
  Result<std::optional<PublishReport>> recognize(const std::string& source, RowSource& rows,
                                                 const PublishOptions& options,
                                                 const std::optional<Fingerprint>& raw);

  void tell(const std::string& source, std::vector<RowChange> changes, TimePoint now) const {
    if (changed_ && !changes.empty()) changed_(source, std::move(changes), now);
  }

  store::Database& database_;
  const CallLimits limits_;
  const SizeLimits sizes_;
  Room room_;
  const RowChangeSink changed_;
};

}  // namespace weir::outbox
