// The part of the outbox that takes batches out and settles them.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "outbox/dead_letters.h"
#include "outbox/named_rows.h"
#include "outbox/outbox.h"
#include "outbox/planner.h"
#include "outbox/row_hash.h"
#include "outbox/tables.h"

namespace weir::outbox {
namespace {

using store::SqlRow;
using store::Statements;

void take(Statements& sql, Batch& batch, std::string_view query, std::int64_t most,
          bool as_update) {
  if (most <= 0) return;
  sql.for_each(query, {batch.source, most}, [&](const SqlRow& line) {
    batch.changes.push_back({.key = line.text(0),
                             .change = change_of(line, 2, 3),
                             .order_number = line.integer(1),
                             .as_update = as_update});
  });
}

enum class Among { kAll, kSuspects };

void take_kind(Statements& sql, Batch& batch, ChangeKind kind, std::int64_t most,
               Among among = Among::kAll) {
  const std::string number = std::to_string(static_cast<std::int64_t>(kind));
  const std::string only = among == Among::kSuspects ? " AND suspect = 1" : "";
  take(sql, batch,
       "SELECT row_key, order_number, kind, cells FROM outbox WHERE source = $1 AND kind = " +
           number + only + " ORDER BY order_number LIMIT $2",
       most, false);
}

// Upserts by whether the platform is known to have their row.
constexpr std::string_view kOfKnownRows =
    "SELECT o.row_key, o.order_number, o.kind, o.cells FROM outbox o JOIN mirror m ON m.source = "
    "o.source AND m.row_key = o.row_key AND m.hash IS NOT NULL WHERE o.source = $1 AND o.kind = 0 "
    "ORDER BY o.order_number LIMIT $2";
constexpr std::string_view kOfOtherRows =
    "SELECT o.row_key, o.order_number, o.kind, o.cells FROM outbox o LEFT JOIN mirror m ON "
    "m.source = o.source AND m.row_key = o.row_key AND m.hash IS NOT NULL WHERE o.source = $1 AND "
    "o.kind = 0 AND m.row_key IS NULL ORDER BY o.order_number LIMIT $2";

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
void take_in_both_lists(Statements& sql, Batch& batch, const CallLimits& limits,
                        std::int64_t as_updates) {
  take(sql, batch, kOfOtherRows, limits.upserts, false);
  const std::int64_t left = limits.upserts - static_cast<std::int64_t>(batch.changes.size());
  const std::size_t known_from = batch.changes.size();
  take(sql, batch, kOfKnownRows, left + std::min(as_updates, limits.cell_updates), false);
  for (std::size_t i = known_from + static_cast<std::size_t>(left); i < batch.changes.size(); ++i)
    batch.changes[i].as_update = true;
}

void take_changes(Statements& sql, Batch& batch, const SourceState& state, const CallLimits& limits,
                  std::int64_t most) {
  const std::int64_t as_updates =
      plan_calls(count_waiting(sql, batch.source, state), limits).as_updates;
  // A batch that is kept small looks for a bad row, and takes no chances.
  const bool in_both_lists = as_updates > 0 && most >= limits.upserts + limits.cell_updates;
  if (in_both_lists) {
    take_in_both_lists(sql, batch, limits, as_updates);
  } else {
    take_kind(sql, batch, ChangeKind::kUpsert, std::min(limits.upserts, most));
  }
  const auto ride_as_updates =
      std::count_if(batch.changes.begin(), batch.changes.end(),
                    [](const BatchChange& change) { return change.as_update; });
  const auto room = [&] { return most - static_cast<std::int64_t>(batch.changes.size()); };
  take_kind(sql, batch, ChangeKind::kErase, std::min(limits.deletes, room()));
  take_kind(sql, batch, ChangeKind::kSetCells,
            std::min(limits.cell_updates - ride_as_updates, room()));
}

// Half of the rows among which there is a bad one; when the other half was accepted, half of what
// is left.
void take_suspects(Statements& sql, Batch& batch, const CallLimits& limits, std::int64_t most) {
  const std::int64_t suspects =
      sql.run("SELECT count(*) FROM outbox WHERE source = $1 AND suspect = 1", {batch.source})
          .at(0)
          .integer(0);
  if (suspects == 0) return;
  const std::int64_t half = std::min(most, (suspects + 1) / 2);
  const auto room = [&] { return half - static_cast<std::int64_t>(batch.changes.size()); };
  const std::int64_t rows = batch.replace ? limits.replace_rows : limits.upserts;
  take_kind(sql, batch, ChangeKind::kUpsert, std::min(rows, half), Among::kSuspects);
  if (batch.replace) return;
  take_kind(sql, batch, ChangeKind::kErase, std::min(limits.deletes, room()), Among::kSuspects);
  take_kind(sql, batch, ChangeKind::kSetCells, std::min(limits.cell_updates, room()),
            Among::kSuspects);
}

void mark_suspects(Statements& sql, const Batch& batch, const Error& refusal) {
  sql.run("UPDATE outbox SET suspect = 0 WHERE source = $1 AND suspect <> 0", {batch.source});
  if (batch.changes.size() < 2) return;
  const auto named = named_rows(refusal.message, batch);
  for (const BatchChange& change : batch.changes) {
    if (!named.empty() && !named.contains(change.key)) continue;
    sql.run(
        "UPDATE outbox SET suspect = 1 WHERE source = $1 AND row_key = $2 AND order_number = $3",
        {batch.source, change.key, change.order_number});
  }
}

void note_doubt(Statements& sql, const std::string& source, BatchChange& change) {
  const auto lines =
      sql.run("SELECT hash FROM mirror WHERE source = $1 AND row_key = $2", {source, change.key});
  change.was_in_mirror = !lines.empty();
  if (change.was_in_mirror && !lines.front().is_null(0))
    change.hash_before = lines.front().bytes(0);
  set_mirror_hash(sql, source, change.key, std::nullopt);
}

void put_in_mirror(Statements& sql, const std::string& source, const BatchChange& change) {
  switch (change.change.kind) {
    case ChangeKind::kUpsert:
      set_mirror_hash(sql, source, change.key, row_hash(change.change.cells));
      break;
    case ChangeKind::kErase:
      remove_mirror_row(sql, source, change.key);
      break;
    case ChangeKind::kSetCells:
      break;  // the row's other cells are not known here, so its hash stays in doubt
  }
}

// Whether what waits is the change itself, or a newer one that asks for just the same. A replace
// numbers its rows anew, so the number alone does not tell.
bool is_settled_by(const WaitingChange& waiting, const BatchChange& change) {
  return waiting.change == change.change && (waiting.order_number == change.order_number ||
                                             waiting.change.kind != ChangeKind::kSetCells);
}

// Whether nothing newer was handed over meanwhile.
bool settle(Statements& sql, const std::string& source, const BatchChange& change) {
  const std::optional<WaitingChange> waiting = load_waiting(sql, source, change.key);
  if (!waiting || !is_settled_by(*waiting, change)) return false;
  remove_waiting(sql, source, change.key);
  return true;
}

// After a replace the platform has the rows of the call and no others, so nothing else needs
// deleting.
void end_replace(Statements& sql, const Batch& batch) {
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
  state.doubtful = false;
  save_source(sql, batch.source, state);
}

// What a replace would have deleted by itself.
void put_deletes_instead(Statements& sql, const std::string& source) {
  std::vector<std::string> gone;
  sql.for_each(
      "SELECT m.row_key FROM mirror m LEFT JOIN outbox o ON o.source = m.source AND o.row_key = "
      "m.row_key WHERE m.source = $1 AND o.row_key IS NULL",
      {source}, [&](const SqlRow& line) { gone.push_back(line.text(0)); });
  const auto oldest =
      sql.run("SELECT coalesce(min(stale_since_ms), 0) FROM outbox WHERE source = $1", {source});
  const TimePoint since{Milliseconds(oldest.at(0).integer(0))};
  WaitingOrder order(sql, source);
  for (const std::string& key : gone)
    order.put(key, {.kind = ChangeKind::kErase, .cells = {}}, since);
}

// All rows of a replace were refused: without them it would delete what the platform has, which
// nobody has asked for.
void keep_from_emptying(Statements& sql, const std::string& source) {
  SourceState state = load_source(sql, source);
  if (!state.replace_next) return;
  const auto rows = sql.run("SELECT 1 FROM outbox WHERE source = $1 AND kind = $2 LIMIT 1",
                            {source, static_cast<std::int64_t>(ChangeKind::kUpsert)});
  if (!rows.empty()) return;
  state.replace_next = false;
  state.replace_is_optional = false;
  save_source(sql, source, state);
}

// A row is missing that a change of the batch needs: whether the platform has acknowledged each of
// those rows.
bool lacks_known_row(const Batch& batch) {
  const auto needs_row = [](const BatchChange& change) {
    return change.change.kind != ChangeKind::kUpsert || change.as_update;
  };
  bool any = false;
  for (const BatchChange& change : batch.changes) {
    if (!needs_row(change)) continue;
    if (!change.hash_before) return false;
    any = true;
  }
  return any;
}

std::optional<std::int64_t> cells_per_row_of(std::span<const BatchChange> changes) {
  for (const BatchChange& change : changes) {
    if (change.change.kind == ChangeKind::kUpsert)
      return static_cast<std::int64_t>(change.change.cells.size());
  }
  return std::nullopt;
}

// The platform has accepted these changes.
void settle_all(Statements& sql, const std::string& source, std::span<const BatchChange> changes) {
  SourceState state = load_source(sql, source);
  const RefusedRows refused = load_refused(sql, source);
  for (const BatchChange& change : changes) {
    put_in_mirror(sql, source, change);
    // A replace that came meanwhile deletes what it does not carry, so it needs all of its rows.
    const bool is_settled = !state.replace_next && settle(sql, source, change);
    // Of cells that were refused earlier, an update of others says nothing.
    if (is_settled && change.change.kind != ChangeKind::kSetCells && refused.contains(change.key))
      forget_refused(sql, source, change.key);
  }
  if (const auto cells = cells_per_row_of(changes)) state.cells_per_row = cells;
  save_source(sql, source, state);
  note_change(sql, source);
}

bool is_full(const Result<void>& done) {
  return !done && done.error().code == ErrorCode::kStoreFull;
}

}  // namespace

Result<std::optional<Batch>> Outbox::next_batch(const std::string& source, std::int64_t most) {
  return database_.write([&](Statements& sql) -> Result<std::optional<Batch>> {
    const SourceState state = load_source(sql, source);
    Batch batch{.source = source, .replace = state.replace_next, .columns = state.columns};
    take_suspects(sql, batch, limits_, most);
    if (batch.changes.empty() && batch.replace) {
      take_kind(sql, batch, ChangeKind::kUpsert, std::min(limits_.replace_rows, most));
    } else if (batch.changes.empty()) {
      take_changes(sql, batch, state, limits_, most);
    }
    if (batch.changes.empty() && !batch.replace) return std::optional<Batch>();
    for (BatchChange& change : batch.changes) note_doubt(sql, source, change);
    note_change(sql, source);
    return std::optional(std::move(batch));
  });
}

Result<void> Outbox::acknowledge(const Batch& batch) {
  if (!batch.replace) return acknowledge_rows(batch.source, batch.changes);
  Result<void> whole = database_.write([&](Statements& sql) -> Result<void> {
    end_replace(sql, batch);
    settle_all(sql, batch.source, batch.changes);
    return {};
  });
  if (!is_full(whole)) return whole;
  Result<void> ended = database_.write([&](Statements& sql) -> Result<void> {
    end_replace(sql, batch);
    return {};
  });
  return ended ? acknowledge_rows(batch.source, batch.changes) : ended;
}

// On a full disk in pieces, since a transaction needs space for as much as it changes: rows that
// were accepted must not be sent again for want of it.
Result<void> Outbox::acknowledge_rows(const std::string& source,
                                      std::span<const BatchChange> changes) {
  Result<void> whole = database_.write([&](Statements& sql) -> Result<void> {
    settle_all(sql, source, changes);
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

Result<bool> Outbox::simplify(const Batch& batch, const Error& refusal) {
  return database_.write([&](Statements& sql) -> Result<bool> {
    SourceState state = load_source(sql, batch.source);
    const bool has_updates =
        std::any_of(batch.changes.begin(), batch.changes.end(),
                    [](const BatchChange& change) { return change.as_update; });
    // A missing row says nothing of the names. Those rows are in doubt now and go as upserts.
    if (has_updates && refusal.code != ErrorCode::kMissingRow) state.updates_refused = true;
    const bool gave_up = has_updates || (batch.replace && state.replace_is_optional);
    if (!gave_up) mark_suspects(sql, batch, refusal);
    if (batch.replace && state.replace_is_optional) {
      put_deletes_instead(sql, batch.source);
      state.replace_next = false;
      state.replace_is_optional = false;
    }
    const bool is_drift = refusal.code == ErrorCode::kMissingRow && lacks_known_row(batch);
    state.doubtful = state.doubtful || is_drift;
    save_source(sql, batch.source, state);
    note_change(sql, batch.source);
    return is_drift;
  });
}

Result<void> Outbox::bury(const Batch& batch, const std::string& reason, TimePoint now) {
  return database_.write([&](Statements& sql) -> Result<void> {
    for (const BatchChange& change : batch.changes) {
      const auto waiting = load_waiting(sql, batch.source, change.key);
      if (!waiting || !is_settled_by(*waiting, change)) continue;
      if (change.change.kind != ChangeKind::kSetCells)
        forget_refused(sql, batch.source, change.key);
      sql.run(
          "INSERT INTO dead_letters (id, source, row_key, kind, cells, reason, time_ms) "
          "SELECT (SELECT coalesce(max(id), 0) + 1 FROM dead_letters), source, row_key, kind, "
          "cells, $3, $4 "
          "FROM outbox WHERE source = $1 AND row_key = $2",
          {batch.source, change.key, reason, now.time_since_epoch().count()});
      remove_waiting(sql, batch.source, change.key);
    }
    keep_from_emptying(sql, batch.source);
    note_change(sql, batch.source);
    return {};
  });
}

}  // namespace weir::outbox
