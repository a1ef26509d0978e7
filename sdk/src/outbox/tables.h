// The tables of the outbox and the mirror as functions: one place for their SQL. Called inside a
// transaction of the store; failures are thrown as StoreFailure, which the transaction turns into
// an Error.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "outbox/coalesce.h"
#include "rows/row_hash.h"
#include "store/database.h"

namespace weir::outbox {

// Why the mirror is not to be trusted. The numbers are those of the store.
enum class Doubt : std::int64_t {
  kNone = 0,
  kOthers = 1,   // others change the platform's rows
  kPutBack = 2,  // the store was put back from a backup, or is a copy (store/identity.h)
};

// What is known of a data source.
struct SourceState {
  std::vector<std::string> columns = {};           // empty: not known
  bool columns_of_apply = false;                   // they are those that single changes had
  std::optional<std::int64_t> cells_per_row = {};  // as the platform has accepted it
  bool mirror_complete = false;                    // the platform has no rows that the mirror lacks
  bool replace_next = false;         // the next call replaces whatever rows the platform has
  bool replace_is_optional = false;  // it was chosen because it takes fewer calls
  bool updates_refused = false;      // the platform refuses updates that name all columns
  Doubt doubt = Doubt::kNone;
  std::int64_t revision = 0;                    // rises with every change of mirror and outbox
  std::optional<std::int64_t> body_bytes = {};  // larger requests were refused for their size

  bool is_doubtful() const { return doubt != Doubt::kNone; }

  // Whether the platform has named the columns, or has accepted a snapshot that has them: then
  // another order would mix up all rows.
  bool are_columns_certain() const { return cells_per_row && !columns_of_apply; }
};

struct WaitingChange {
  PendingChange change = {};
  TimePoint stale_since = {};
  std::int64_t order_number = 0;
};

SourceState load_source(store::Statements& sql, const std::string& source);
void save_source(store::Statements& sql, const std::string& source, const SourceState& state);

// Mirror or outbox of the data source have changed.
void note_change(store::Statements& sql, const std::string& source);

// Whether the upsert of a row that the platform has may ride as an update of all its cells.
bool may_update_whole_rows(const SourceState& state);

// What a snapshot was that needs nothing to be sent, as long as nothing changes.
struct SnapshotDigest {
  std::int64_t rows = 0;
  Fingerprint sum = {};
  std::int64_t set_aside = 0;           // how many of the rows
  std::optional<Fingerprint> raw = {};  // of the source as it is kept

  bool operator==(const SnapshotDigest&) const = default;
};
void save_digest(store::Statements& sql, const std::string& source, const SnapshotDigest& digest,
                 std::int64_t revision);
std::optional<SnapshotDigest> load_digest(store::Statements& sql, const std::string& source);

// What the mirror and the source's state together say of a row.
MirrorRow mirror_row(store::Statements& sql, const std::string& source, const SourceState& state,
                     const std::string& key);

void set_mirror_hash(store::Statements& sql, const std::string& source, const std::string& key,
                     const std::optional<std::string>& hash);
void remove_mirror_row(store::Statements& sql, const std::string& source, const std::string& key);
void clear_mirror(store::Statements& sql, const std::string& source);

std::optional<WaitingChange> load_waiting(store::Statements& sql, const std::string& source,
                                          const std::string& key);
// Keeps changes of a data source under rising order numbers; for one transaction, since it counts
// on by itself.
class WaitingOrder {
 public:
  WaitingOrder(store::Statements& sql, const std::string& source);

  // A row that was stale already stays stale since then, and one that is suspect stays so while its
  // change is the same.
  void put(const std::string& key, const PendingChange& change, TimePoint now);

  // False, and nothing is kept, when something waits for the row already.
  bool put_new(const std::string& key, const PendingChange& change, TimePoint now);

 private:
  store::Statements& sql_;
  const std::string& source_;
  std::int64_t last_ = 0;
};
void remove_waiting(store::Statements& sql, const std::string& source, const std::string& key);
// A change in which a bad row is looked for; kept over a publish that hands it over again.
struct Suspect {
  std::string key = {};
  std::int64_t kind = 0;
  std::string cells = {};
};
std::vector<Suspect> load_suspects(store::Statements& sql, const std::string& source);
// Unless the change is another one by now.
void mark_suspect(store::Statements& sql, const std::string& source, const Suspect& suspect);

void clear_waiting(store::Statements& sql, const std::string& source);

// Order numbers and cells as the store keeps them.
PendingChange change_of(const store::SqlRow& line, std::size_t kind_column,
                        std::size_t cells_column);

}  // namespace weir::outbox
