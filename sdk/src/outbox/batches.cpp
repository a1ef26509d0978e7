// The part of the outbox that takes batches out and settles them.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "outbox/dead_letters.h"
#include "outbox/outbox.h"
#include "outbox/planner.h"
#include "outbox/request_faults.h"
#include "outbox/settled.h"
#include "outbox/tables.h"
#include "text/json_string.h"

namespace weir::outbox {
namespace {

using store::SqlRow;
using store::Statements;

// Quotes, commas and brackets around a key and its cells.
constexpr std::int64_t kBytesAround = 32;

std::int64_t bytes_of(const BatchChange& change) {
  std::int64_t bytes = kBytesAround + static_cast<std::int64_t>(change.key.size());
  for (const std::string& cell : change.change.cells)
    bytes += 1 + static_cast<std::int64_t>(text::json_string_bytes(cell));
  return bytes;
}

// What a call has room for. Its first change goes whatever its size.
struct CallRoom {
  std::int64_t bytes = 0;
};

// How many of the first `most` changes fit, told by their sizes alone: those that do not fit are
// not read.
std::int64_t fitting(Statements& sql, const Batch& batch, const CallRoom& room,
                     std::string_view from, std::int64_t most) {
  std::int64_t count = 0;
  std::int64_t bytes = batch.bytes;
  bool is_full = false;
  sql.for_each("SELECT CAST(length(o.row_key) + length(o.cells) AS BIGINT)" + std::string(from),
               {batch.source, most}, [&](const SqlRow& line) {
                 bytes += kBytesAround + line.integer(0);
                 const bool is_first = batch.changes.empty() && count == 0;
                 is_full = is_full || (bytes > room.bytes && !is_first);
                 if (!is_full) ++count;
               });
  return count;
}

// `from`: what follows the columns, for the outbox as o.
void take(Statements& sql, Batch& batch, const CallRoom& room, std::string_view from,
          std::int64_t most, bool as_update) {
  if (most <= 0) return;
  const std::int64_t fit = fitting(sql, batch, room, from, most);
  if (fit <= 0) return;
  bool is_full = false;
  sql.for_each("SELECT o.row_key, o.order_number, o.kind, o.cells" + std::string(from),
               {batch.source, fit}, [&](const SqlRow& line) {
                 if (is_full) return;
                 BatchChange change{.key = line.text(0),
                                    .change = change_of(line, 2, 3),
                                    .order_number = line.integer(1),
                                    .as_update = as_update};
                 const std::int64_t bytes = bytes_of(change);
                 // Characters that JSON writes as six make it more than their sizes have told.
                 is_full = !batch.changes.empty() && batch.bytes + bytes > room.bytes;
                 if (is_full) return;
                 batch.bytes += bytes;
                 batch.changes.push_back(std::move(change));
               });
}

enum class Among { kAll, kSuspects };

void take_kind(Statements& sql, Batch& batch, const CallRoom& room, ChangeKind kind,
               std::int64_t most, Among among = Among::kAll) {
  const std::string number = std::to_string(static_cast<std::int64_t>(kind));
  const std::string only = among == Among::kSuspects ? " AND o.suspect = 1" : "";
  take(sql, batch, room,
       " FROM outbox o WHERE o.source = $1 AND o.kind = " + number + only +
           " ORDER BY o.order_number LIMIT $2",
       most, false);
}

// Upserts by whether the platform is known to have their row.
constexpr std::string_view kOfKnownRows =
    " FROM outbox o JOIN mirror m ON m.source = o.source AND m.row_key = o.row_key AND m.hash IS "
    "NOT NULL WHERE o.source = $1 AND o.kind = 0 ORDER BY o.order_number LIMIT $2";
constexpr std::string_view kOfOtherRows =
    " FROM outbox o LEFT JOIN mirror m ON m.source = o.source AND m.row_key = o.row_key AND m.hash "
    "IS NOT NULL WHERE o.source = $1 AND o.kind = 0 AND m.row_key IS NULL ORDER BY o.order_number "
    "LIMIT $2";

ChangeCounts count_waiting(Statements& sql, const std::string& source, const SourceState& state) {
  ChangeCounts counts;
  sql.for_each("SELECT kind, count(*) FROM outbox WHERE source = $1 GROUP BY kind", {source},
               [&](const SqlRow& line) {
                 const auto kind = static_cast<ChangeKind>(line.integer(0));
                 (kind == ChangeKind::kUpsert  ? counts.upserts
                  : kind == ChangeKind::kErase ? counts.deletes
                                               : counts.cell_updates) = line.integer(1);
               });
  if (!may_update_whole_rows(state)) return counts;
  counts.updatable = sql.run(
                            "SELECT count(*) FROM outbox o JOIN mirror m ON m.source = o.source "
                            "AND m.row_key = o.row_key AND m.hash IS NOT NULL WHERE o.source = $1 "
                            "AND o.kind = 0",
                            {source})
                         .at(0)
                         .integer(0);
  return counts;
}

// More upserts than one list of one call carries: those of known rows fill the list of the cell
// updates too, where that saves a call. Rows that may be new go first, for they have no choice.
void take_in_both_lists(Statements& sql, Batch& batch, const CallRoom& room,
                        const CallLimits& limits, std::int64_t as_updates) {
  take(sql, batch, room, kOfOtherRows, limits.upserts, false);
  const std::int64_t left = limits.upserts - static_cast<std::int64_t>(batch.changes.size());
  const std::size_t known_from = batch.changes.size();
  take(sql, batch, room, kOfKnownRows, left + std::min(as_updates, limits.cell_updates), false);
  for (std::size_t i = known_from + static_cast<std::size_t>(left); i < batch.changes.size(); ++i)
    batch.changes[i].as_update = true;
}

void take_changes(Statements& sql, Batch& batch, const CallRoom& in_call, const SourceState& state,
                  const CallLimits& limits, std::int64_t most) {
  const std::int64_t as_updates =
      plan_calls(count_waiting(sql, batch.source, state), limits).as_updates;
  // A batch that is kept small looks for a bad row, and takes no chances.
  const bool in_both_lists = as_updates > 0 && most >= limits.upserts + limits.cell_updates;
  if (in_both_lists) {
    take_in_both_lists(sql, batch, in_call, limits, as_updates);
  } else {
    take_kind(sql, batch, in_call, ChangeKind::kUpsert, std::min(limits.upserts, most));
  }
  const auto ride_as_updates =
      std::count_if(batch.changes.begin(), batch.changes.end(),
                    [](const BatchChange& change) { return change.as_update; });
  const auto room = [&] { return most - static_cast<std::int64_t>(batch.changes.size()); };
  take_kind(sql, batch, in_call, ChangeKind::kErase, std::min(limits.deletes, room()));
  take_kind(sql, batch, in_call, ChangeKind::kSetCells,
            std::min(limits.cell_updates - ride_as_updates, room()));
}

// Half of the rows among which there is a bad one; when the other half was accepted, half of what
// is left.
void take_suspects(Statements& sql, Batch& batch, const CallRoom& in_call, const CallLimits& limits,
                   std::int64_t most) {
  const std::int64_t suspects =
      sql.run("SELECT count(*) FROM outbox WHERE source = $1 AND suspect = 1", {batch.source})
          .at(0)
          .integer(0);
  if (suspects == 0) return;
  const std::int64_t half = std::min(most, (suspects + 1) / 2);
  const auto room = [&] { return half - static_cast<std::int64_t>(batch.changes.size()); };
  const std::int64_t rows = batch.replace ? limits.replace_rows : limits.upserts;
  take_kind(sql, batch, in_call, ChangeKind::kUpsert, std::min(rows, half), Among::kSuspects);
  if (batch.replace) return;
  take_kind(sql, batch, in_call, ChangeKind::kErase, std::min(limits.deletes, room()),
            Among::kSuspects);
  take_kind(sql, batch, in_call, ChangeKind::kSetCells, std::min(limits.cell_updates, room()),
            Among::kSuspects);
}

// The one row that tells whether a refusal is about rows.
void take_row_in_question(Statements& sql, Batch& batch, const CallRoom& room) {
  const std::optional<std::int64_t> number = row_in_question(sql, batch.source);
  if (!number) return;
  take(sql, batch, room,
       " FROM outbox o WHERE o.source = $1 AND o.order_number = " + std::to_string(*number) +
           " LIMIT $2",
       1, false);
}

void note_doubt(Statements& sql, const std::string& source, BatchChange& change) {
  const auto lines =
      sql.run("SELECT hash FROM mirror WHERE source = $1 AND row_key = $2", {source, change.key});
  change.was_in_mirror = !lines.empty();
  if (change.was_in_mirror && !lines.front().is_null(0))
    change.hash_before = lines.front().bytes(0);
  set_mirror_hash(sql, source, change.key, std::nullopt);
}

void put_in_mirror(Statements& sql, const std::string& source, const BatchChange& change,
                   const KeyedHash& hash) {
  switch (change.change.kind) {
    case ChangeKind::kUpsert:
      set_mirror_hash(sql, source, change.key, hash.of(change.change.cells));
      break;
    case ChangeKind::kErase:
      remove_mirror_row(sql, source, change.key);
      break;
    case ChangeKind::kSetCells:
      break;  // the row's other cells are not known here, so its hash stays in doubt
  }
}

// Whether nothing newer was handed over meanwhile.
bool settle(Statements& sql, const std::string& source, const BatchChange& change) {
  const std::optional<WaitingChange> waiting = load_waiting(sql, source, change.key);
  if (!waiting || !is_settled_by(*waiting, change)) return false;
  remove_waiting(sql, source, change.key);
  return true;
}

// After a replace the platform has the rows of the call and no others, so nothing else needs
// deleting. Returns the keys whose deletes waited.
std::vector<std::string> end_replace(Statements& sql, const Batch& batch) {
  std::unordered_set<std::string> sent;
  for (const BatchChange& change : batch.changes) sent.insert(change.key);
  std::vector<std::string> gone;
  sql.for_each("SELECT row_key FROM mirror WHERE source = $1", {batch.source},
               [&](const SqlRow& line) {
                 if (!sent.contains(line.text(0))) gone.push_back(line.text(0));
               });
  for (const std::string& key : gone) remove_mirror_row(sql, batch.source, key);
  std::vector<std::string> needless;
  sql.for_each("SELECT row_key FROM outbox WHERE source = $1 AND kind = $2",
               {batch.source, static_cast<std::int64_t>(ChangeKind::kErase)},
               [&](const SqlRow& line) {
                 if (!sent.contains(line.text(0))) needless.push_back(line.text(0));
               });
  for (const std::string& key : needless) remove_waiting(sql, batch.source, key);
  SourceState state = load_source(sql, batch.source);
  state.replace_next = false;
  state.replace_is_optional = false;
  state.mirror_complete = true;
  state.doubt = Doubt::kNone;
  save_source(sql, batch.source, state);
  return needless;
}

std::optional<std::int64_t> cells_per_row_of(std::span<const BatchChange> changes) {
  for (const BatchChange& change : changes) {
    if (change.change.kind == ChangeKind::kUpsert)
      return static_cast<std::int64_t>(change.change.cells.size());
  }
  return std::nullopt;
}

// The platform has accepted these changes. Returns the keys for which nothing waits now.
std::vector<std::string> settle_all(Statements& sql, const std::string& source,
                                    std::span<const BatchChange> changes, const KeyedHash& hash) {
  std::vector<std::string> settled;
  SourceState state = load_source(sql, source);
  const RefusedRows refused = load_refused(sql, source, hash);
  sql.run("DELETE FROM halts WHERE source = $1 OR source = ''", {source});
  for (const BatchChange& change : changes) {
    put_in_mirror(sql, source, change, hash);
    // A replace that came meanwhile deletes what it does not carry, so it needs all of its rows.
    const bool is_settled = !state.replace_next && settle(sql, source, change);
    // Of cells that were refused earlier, an update of others says nothing.
    if (is_settled) settled.push_back(change.key);
    if (is_settled && change.change.kind != ChangeKind::kSetCells && refused.contains(change.key))
      forget_refused(sql, source, change.key);
  }
  if (const auto cells = cells_per_row_of(changes)) state.cells_per_row = cells;
  save_source(sql, source, state);
  forget_fault(sql, source);
  note_change(sql, source);
  return settled;
}

bool is_full(const Result<void>& done) {
  return !done && done.error().code == ErrorCode::kStoreFull;
}

// Of a change that no batch takes: its kind is damaged. Else it would wait, and be asked for, for
// ever.
void require_known_kinds(Statements& sql, const std::string& source) {
  sql.for_each("SELECT kind, cells FROM outbox WHERE source = $1", {source},
               [](const SqlRow& line) { static_cast<void>(change_of(line, 0, 1)); });
}

}  // namespace

Result<std::optional<Batch>> Outbox::next_batch(const std::string& source, std::int64_t most) {
  return database_.write([&](Statements& sql) -> Result<std::optional<Batch>> {
    const SourceState state = load_source(sql, source);
    Batch batch{.source = source, .replace = state.replace_next, .columns = state.columns};
    const CallRoom room{
        .bytes = std::min(limits_.body_bytes, state.body_bytes.value_or(limits_.body_bytes))};
    // A replace of one row would delete all others.
    if (!batch.replace) take_row_in_question(sql, batch, room);
    if (batch.changes.empty()) take_suspects(sql, batch, room, limits_, most);
    if (batch.changes.empty() && batch.replace) {
      take_kind(sql, batch, room, ChangeKind::kUpsert, std::min(limits_.replace_rows, most));
    } else if (batch.changes.empty()) {
      take_changes(sql, batch, room, state, limits_, most);
    }
    if (batch.changes.empty() && !batch.replace) {
      require_known_kinds(sql, source);
      return std::optional<Batch>();
    }
    for (BatchChange& change : batch.changes) note_doubt(sql, source, change);
    note_change(sql, source);
    return std::optional(std::move(batch));
  });
}

Result<void> Outbox::acknowledge(const Batch& batch, TimePoint now) {
  Result<void> whole = database_.write([&](Statements& sql) -> Result<void> {
    std::vector<std::string> settled;
    if (batch.replace) settled = end_replace(sql, batch);
    const std::vector<std::string> sent = settle_all(sql, batch.source, batch.changes, hash(sql));
    settled.insert(settled.end(), sent.begin(), sent.end());
    note_settled(sql, history_, batch.source, HistoryKind::kSent, settled, now);
    return {};
  });
  return is_full(whole) ? acknowledge_in_pieces(batch) : whole;
}

// On a full disk, and then without history, which only adds.
Result<void> Outbox::acknowledge_in_pieces(const Batch& batch) {
  if (!batch.replace) return acknowledge_rows(batch.source, batch.changes);
  Result<void> ended = database_.write([&](Statements& sql) -> Result<void> {
    end_replace(sql, batch);
    return {};
  });
  return ended ? acknowledge_rows(batch.source, batch.changes) : ended;
}

// In pieces, since a transaction needs space for as much as it changes: rows that were accepted
// must not be sent again for want of it.
Result<void> Outbox::acknowledge_rows(const std::string& source,
                                      std::span<const BatchChange> changes) {
  Result<void> whole = database_.write([&](Statements& sql) -> Result<void> {
    settle_all(sql, source, changes, hash(sql));
    return {};
  });
  if (!is_full(whole) || changes.size() < 2) return whole;
  const std::size_t half = changes.size() / 2;
  Result<void> first = acknowledge_rows(source, changes.first(half));
  return first ? acknowledge_rows(source, changes.subspan(half)) : first;
}

Result<void> Outbox::give_back(const Batch& batch) {
  return database_.write([&](Statements& sql) -> Result<void> {
    for (const BatchChange& change : batch.changes) {
      if (change.was_in_mirror) {
        set_mirror_hash(sql, batch.source, change.key, change.hash_before);
      } else {
        remove_mirror_row(sql, batch.source, change.key);
      }
    }
    note_change(sql, batch.source);
    return {};
  });
}

}  // namespace weir::outbox
