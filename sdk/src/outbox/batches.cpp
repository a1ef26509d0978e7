// The part of the outbox that takes batches out and settles them.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "outbox/outbox.h"
#include "outbox/row_hash.h"
#include "outbox/tables.h"

namespace weir::outbox {
namespace {

using store::SqlRow;
using store::Statements;

void take_kind(Statements& sql, Batch& batch, ChangeKind kind, std::int64_t most) {
  sql.for_each(
      "SELECT row_key, order_number, kind, cells FROM outbox WHERE source = $1 AND kind = $2 "
      "ORDER BY order_number LIMIT $3",
      {batch.source, static_cast<std::int64_t>(kind), most}, [&](const SqlRow& line) {
        batch.changes.push_back({.key = line.text(0),
                                 .change = change_of(line, 2, 3),
                                 .order_number = line.integer(1)});
      });
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

// Whether a newer change that waits asks for just what the platform has now acknowledged.
bool is_settled_by(const PendingChange& newer, const BatchChange& acknowledged) {
  return newer == acknowledged.change && newer.kind != ChangeKind::kSetCells;
}

void settle(Statements& sql, const std::string& source, const BatchChange& change) {
  const std::optional<WaitingChange> waiting = load_waiting(sql, source, change.key);
  if (!waiting) return;
  if (waiting->order_number == change.order_number || is_settled_by(waiting->change, change)) {
    remove_waiting(sql, source, change.key);
  }
}

// After a replace the platform has the rows of the call and no others, so nothing else needs
// deleting.
void drop_needless_deletes(Statements& sql, const Batch& batch) {
  std::unordered_set<std::string> sent;
  for (const BatchChange& change : batch.changes) sent.insert(change.key);
  std::vector<std::string> needless;
  sql.for_each("SELECT row_key FROM outbox WHERE source = $1 AND kind = $2",
               {batch.source, static_cast<std::int64_t>(ChangeKind::kErase)},
               [&](const SqlRow& line) {
                 if (!sent.contains(line.text(0))) needless.push_back(line.text(0));
               });
  for (const std::string& key : needless) remove_waiting(sql, batch.source, key);
}

std::optional<std::int64_t> cells_per_row_of(const Batch& batch) {
  for (const BatchChange& change : batch.changes) {
    if (change.change.kind == ChangeKind::kUpsert)
      return static_cast<std::int64_t>(change.change.cells.size());
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<Batch>> Outbox::next_batch(const std::string& source, std::int64_t most) {
  return database_.write([&](Statements& sql) -> Result<std::optional<Batch>> {
    Batch batch{.source = source, .replace = load_source(sql, source).replace_next};
    const auto room = [&] {
      return std::max<std::int64_t>(0, most - static_cast<std::int64_t>(batch.changes.size()));
    };
    if (batch.replace) {
      take_kind(sql, batch, ChangeKind::kUpsert, std::min(limits_.replace_rows, room()));
    } else {
      take_kind(sql, batch, ChangeKind::kUpsert, std::min(limits_.upserts, room()));
      take_kind(sql, batch, ChangeKind::kErase, std::min(limits_.deletes, room()));
      take_kind(sql, batch, ChangeKind::kSetCells, std::min(limits_.cell_updates, room()));
    }
    if (batch.changes.empty() && !batch.replace) return std::optional<Batch>();
    for (BatchChange& change : batch.changes) note_doubt(sql, source, change);
    return std::optional(std::move(batch));
  });
}

Result<void> Outbox::acknowledge(const Batch& batch) {
  return database_.write([&](Statements& sql) -> Result<void> {
    SourceState state = load_source(sql, batch.source);
    if (batch.replace) {
      clear_mirror(sql, batch.source);
      drop_needless_deletes(sql, batch);
      state.replace_next = false;
      state.mirror_complete = true;
    }
    for (const BatchChange& change : batch.changes) {
      put_in_mirror(sql, batch.source, change);
      settle(sql, batch.source, change);
    }
    if (const auto cells = cells_per_row_of(batch)) state.cells_per_row = cells;
    save_source(sql, batch.source, state);
    return {};
  });
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
    return {};
  });
}

Result<void> Outbox::bury(const Batch& batch, const std::string& reason, TimePoint now) {
  return database_.write([&](Statements& sql) -> Result<void> {
    for (const BatchChange& change : batch.changes) {
      const auto kind = static_cast<std::int64_t>(change.change.kind);
      sql.run(
          "INSERT INTO dead_letters (id, source, row_key, kind, cells, reason, time_ms) "
          "SELECT (SELECT coalesce(max(id), 0) + 1 FROM dead_letters), source, row_key, kind, "
          "cells, $4, $5 "
          "FROM outbox WHERE source = $1 AND row_key = $2 AND order_number = $3 AND kind = $6",
          {batch.source, change.key, change.order_number, reason, now.time_since_epoch().count(),
           kind});
      settle(sql, batch.source, change);
    }
    return {};
  });
}

}  // namespace weir::outbox
