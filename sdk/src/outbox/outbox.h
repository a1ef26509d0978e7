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
#include <weir/usage.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "outbox/batch.h"
#include "outbox/history.h"
#include "outbox/pending_source.h"
#include "outbox/platform_rows.h"
#include "outbox/request_faults.h"
#include "outbox/sizes.h"
#include "outbox/tables.h"
#include "rows/keyed_hash.h"
#include "rows/row_change.h"
#include "store/database.h"

namespace weir::outbox {

// Told of the rows whose values have changed, once that is kept.
using RowChangeSink =
    std::function<void(const std::string& source, std::vector<RowChange> changes)>;

struct RawVersion;

// What is kept of one data source, counted.
struct Kept {
  std::int64_t waiting = 0;
  std::int64_t dead_letters = 0;
  std::int64_t rows = 0;  // of the mirror and of polls
  Doubt doubt = Doubt::kNone;
};

class Outbox {
 public:
  Outbox(store::Database& database, CallLimits limits, RowChangeSink changed = {},
         SizeLimits sizes = {}, HistoryOptions history = {})
      : database_(database),
        limits_(limits),
        sizes_(sizes),
        history_(std::move(history)),
        changed_(std::move(changed)) {}

  // By what rows are compared; as long as the outbox is.
  Result<const KeyedHash*> hash();

  // Keeps the changes, all or none. kInvalidArgument names the change (counted from 1) and what is
  // wrong with it.
  Result<ApplyReport> apply(const std::string& source, const std::vector<Change>& changes,
                            TimePoint now, const ApplyOptions& options = {});

  // Keeps the difference between the snapshot and the mirror; see DataSource::publish().
  Result<PublishReport> publish(const std::string& source, RowSource& rows,
                                const PublishOptions& options, TimePoint now);

  // The same for a vector that is in memory.
  Result<PublishReport> publish(const std::string& source, const std::vector<Row>& rows,
                                const PublishOptions& options, TimePoint now);

  // Gives up what waits for the data source; returns how many changes that were. `now` is for the
  // history, where there is one.
  Result<std::int64_t> discard(const std::string& source, TimePoint now = {});

  // See Client::known_sources().
  Result<std::vector<std::string>> known_sources();

  // All that is kept of a data source; see Client::kept() and forget().
  Result<Kept> kept(const std::string& source);
  Result<Kept> forget(const std::string& source);

  // What is known of the data source; see DataSource::known().
  Result<KnownSource> known(const std::string& source);

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

  // Somebody else has changed the platform's rows, any of them: the mirror knows none any more.
  // With `and_columns`, nor the columns.
  Result<void> forget_rows(const std::string& source, bool and_columns);

  // Keeps the columns that the platform has named.
  Result<void> set_columns(const std::string& source, const std::vector<std::string>& columns);

  // Every data source for which something waits.
  Result<std::vector<PendingSource>> pending();

  // The clock was set back: no row has grown stale later than now.
  Result<void> bring_back_to(TimePoint now);

  // The next changes to send, at most `most` of them and within the limits per call. Empty when
  // nothing waits.
  Result<std::optional<Batch>> next_batch(const std::string& source, std::int64_t most);

  // The platform has accepted the batch. `now` is for the history, where there is one.
  Result<void> acknowledge(const Batch& batch, TimePoint now = {});

  // Nothing of the batch was sent.
  Result<void> give_back(const Batch& batch);

  // The platform refuses the batch for its content. What was chosen to save calls is given up: a
  // replace that was not needed, and upserts that rode as cell updates. Otherwise the bad row is
  // looked for: the next batches have half of those that are suspect, over processes and days, or
  // at once the rows that the refusal names. Returns whether the refusal proves that others change
  // the platform's rows; if so, the mirror is doubtful until the next publish.
  Result<bool> simplify(const Batch& batch, const Error& refusal);

  // The platform refuses the one change of the batch for good: it goes to the dead letters. True
  // when it turns out to be the request's fault, not the row's: the letters with these words are
  // back in the outbox then (outbox/request_faults.h). `settings`: what the request depends on but
  // its rows.
  Result<bool> bury(const Batch& batch, const std::string& reason, TimePoint now,
                    const std::string& settings = {});

  // Why nothing needs to be tried for this data source: the request is at fault, and neither its
  // rows nor the settings have changed since.
  Result<std::optional<StandingFault>> request_fault(const std::string& source,
                                                     const std::string& settings, TimePoint now);

  // Whether a refusal of the batch is the request's fault that is known already.
  Result<bool> repeats_fault(const Batch& batch, const std::string& reason, TimePoint now,
                             const std::string& settings);

  // The platform, or somebody on the way to it, takes no request as large as this batch: the next
  // ones are of half its size at most. For batches of several changes.
  Result<void> limit_size(const Batch& batch);

  // Nothing is sent by itself for this data source until then, or for any when `source` is empty.
  // Ends with the next batch that the platform accepts.
  Result<void> note_halt(const std::string& source, const std::string& reason, TimePoint until);

  // The halts that are not over.
  Result<std::vector<HaltedSource>> halts(TimePoint now);

  // What waits, and the dead letters; see Client::outbox(), retry() and drop().
  Result<OutboxContents> list();
  Result<std::int64_t> retry(const DeadLetterChoice& choice, TimePoint now);
  Result<std::int64_t> drop(const DeadLetterChoice& choice);

 private:
  // The same within a transaction; the store is asked once.
  const KeyedHash& hash(store::Statements& sql);

  Result<void> acknowledge_in_pieces(const Batch& batch);
  Result<void> acknowledge_rows(const std::string& source, std::span<const BatchChange> changes);

  // The report on a snapshot that is known by its digest to be just what the platform has.
  Result<std::optional<PublishReport>> recognize(const std::string& source, RowSource& rows,
                                                 const PublishOptions& options,
                                                 const RawVersion& raw, const KeyedHash& hash);

  void tell(const std::string& source, std::vector<RowChange> changes) const {
    if (changed_ && !changes.empty()) changed_(source, std::move(changes));
  }

  store::Database& database_;
  const CallLimits limits_;
  const SizeLimits sizes_;
  const HistoryOptions history_;
  Room room_;
  const RowChangeSink changed_;
  std::mutex hash_mutex_;
  std::optional<KeyedHash> hash_;  // guarded by hash_mutex_ until it is there
};

}  // namespace weir::outbox
