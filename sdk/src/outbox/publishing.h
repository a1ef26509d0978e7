// Publishing: one reading of a snapshot, from the mirror as it was to the changes that are kept.
//
// The rows are read outside of any transaction, since a source may be slow and the ledger must not
// wait for it. Whatever changed in the store meanwhile is seen when the result is kept: then the
// comparison is made again, and if rows are needed whose cells were not kept, the source is read
// again. Not thread-safe.
#pragma once

#include <weir/client_options.h>
#include <weir/data_source.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "outbox/coalesce.h"
#include "outbox/comparison.h"
#include "outbox/dead_letters.h"
#include "outbox/planner.h"
#include "outbox/tables.h"
#include "rows/row_change.h"
#include "store/database.h"

namespace weir::outbox {

class Publishing {
 public:
  Publishing(const std::string& source, const PublishOptions& options, const CallLimits& limits,
             const SizeLimits& sizes, const KeyedHash& hash, bool keep_all)
      : source_(source),
        options_(options),
        limits_(limits),
        sizes_(sizes),
        hash_(hash),
        keep_all_(keep_all) {}

  // Before the reading.
  Result<void> begin(store::Statements& sql);
  // One row, in order.
  Result<void> take(const Row& row);
  // What was read, as its source keeps it.
  void note_raw(const std::optional<Fingerprint>& raw) { raw_ = raw; }
  // After the reading. Empty: the snapshot must be read again, by another Publishing.
  Result<std::optional<PublishReport>> end(store::Statements& sql, TimePoint now);

  // Whether the next reading has to keep the cells of all rows.
  bool wants_all() const { return wants_all_; }

  // The rows whose values have changed; none of a data source that was never published before.
  const std::vector<RowChange>& changes() const { return changes_; }
  std::vector<RowChange> take_changes() { return std::move(changes_); }

 private:
  void load_mirror(store::Statements& sql);
  std::optional<std::string> row_problem_of(const Row& row) const;
  // As a message names the row at hand.
  std::string row_number() const { return "row " + std::to_string(rows_); }
  std::optional<std::string> deletes_problem(const Comparison::Counts& counts) const;
  std::optional<std::string> too_many_deletes(const Comparison::Counts& counts) const;
  std::optional<std::string> changed_keys(store::Statements& sql,
                                          const Comparison::Counts& counts) const;
  ChangeCounts difference(const Comparison::Counts& counts) const;
  bool chooses_replace(const Comparison::Counts& counts) const;
  std::vector<std::string> keys_to_delete(store::Statements& sql,
                                          const Comparison::Counts& counts) const;
  void keep_keys_given(store::Statements& sql) const;
  void drop_settled(store::Statements& sql) const;
  void keep(store::Statements& sql, const std::vector<std::string>& deletes, TimePoint now);
  void keep_change(WaitingOrder& order, const std::string& key, const PendingChange& change,
                   TimePoint now);
  void load_waiting_values(store::Statements& sql);
  void note_value(const std::string& key, ValueHash after);
  MirrorRow mirrored(const std::string& key) const;
  PublishReport report(const Comparison::Counts& counts, std::int64_t deletes) const;
  void remember(store::Statements& sql, const Comparison::Counts& counts) const;

  bool must_replace() const {
    return options_.replace || state_.replace_next || !state_.mirror_complete;
  }
  // Nothing is known of the platform's rows.
  bool is_first() const { return !state_.mirror_complete; }
  bool is_guarded() const {
    return options_.guard_deletes && !limits_deletes() && !options_.replace;
  }
  bool limits_deletes() const { return options_.max_deletes || options_.max_deletes_percent; }
  // A dry run, which reads nothing from the platform: what it would read decides what is sent.
  bool would_adopt() const {
    return is_first() && options_.dry_run && options_.first == FirstPublish::kAdopt &&
           !options_.replace;
  }
  bool replaces() const { return must_replace() || is_chosen_; }

  const std::string& source_;
  const PublishOptions& options_;
  const CallLimits& limits_;
  const SizeLimits& sizes_;
  const KeyedHash& hash_;
  const bool keep_all_;
  bool has_all_ = false;
  bool wants_all_ = false;
  bool is_chosen_ = false;  // a replace, although the difference is known
  SourceState state_;
  RefusedRows refused_;
  std::size_t cells_per_row_ = 0;
  std::int64_t rows_ = 0;
  std::optional<Comparison> comparison_;
  std::optional<Fingerprint> raw_;
  std::unordered_map<std::string, ValueHash> waiting_values_;
  std::vector<RowChange> changes_;
};

}  // namespace weir::outbox
