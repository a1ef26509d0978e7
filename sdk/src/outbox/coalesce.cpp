#include "outbox/coalesce.h"

#include <weir/foreign_words.h>

#include <algorithm>

namespace weir::outbox {
namespace {

using Outcome = Result<std::optional<PendingChange>>;

Error refused(const std::string& key, const std::string& why) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "cannot change cells of the row with key " + foreign_words(key) + ": " + why};
}

Outcome after_upsert(const MirrorRow& mirror, const Row& row, const KeyedHash& hash) {
  if (mirror.presence == Presence::kPresent && hash.of(row) == mirror.hash)
    return std::optional<PendingChange>();
  return std::optional(PendingChange{.kind = ChangeKind::kUpsert, .cells = row});
}

Outcome after_erase(const MirrorRow& mirror) {
  if (mirror.presence == Presence::kAbsent) return std::optional<PendingChange>();
  return std::optional(PendingChange{.kind = ChangeKind::kErase, .cells = {}});
}

// The cells change in the row that waits, so that one upsert carries everything.
Outcome set_in_waiting_row(Row row, const MirrorRow& mirror, const SetCells& change,
                           const std::vector<std::string>& columns, const KeyedHash& hash) {
  for (const CellUpdate& cell : change.cells) {
    const auto found = std::find(columns.begin(), columns.end(), cell.column);
    if (columns.empty())
      return refused(change.key,
                     "the data source's column names are not known; call describe() first");
    const auto index = static_cast<std::size_t>(found - columns.begin());
    if (found == columns.end() || index >= row.size())
      return refused(change.key, "it has no column '" + cell.column + "'");
    row[index] = cell.value;
  }
  return after_upsert(mirror, row, hash);
}

PendingChange merged_cells(PendingChange waiting, const SetCells& change) {
  for (const CellUpdate& cell : change.cells) {
    std::size_t at = 0;
    while (at < waiting.cells.size() && waiting.cells[at] != cell.column) at += 2;
    if (at < waiting.cells.size()) {
      waiting.cells[at + 1] = cell.value;
    } else {
      waiting.cells.insert(waiting.cells.end(), {cell.column, cell.value});
    }
  }
  return waiting;
}

Outcome after_set(const std::optional<PendingChange>& waiting, const MirrorRow& mirror,
                  const SetCells& change, const std::vector<std::string>& columns,
                  const KeyedHash& hash) {
  if (waiting && waiting->kind == ChangeKind::kUpsert)
    return set_in_waiting_row(waiting->cells, mirror, change, columns, hash);
  if (waiting && waiting->kind == ChangeKind::kErase) {
    return refused(change.key, "it waits to be deleted; hand over the whole row instead");
  }
  if (mirror.presence == Presence::kAbsent) {
    return refused(change.key, "the data source has no such row; hand over the whole row instead");
  }
  const PendingChange base =
      waiting.value_or(PendingChange{.kind = ChangeKind::kSetCells, .cells = {}});
  return std::optional(merged_cells(base, change));
}

}  // namespace

Result<std::optional<PendingChange>> coalesce(const std::optional<PendingChange>& waiting,
                                              const MirrorRow& mirror, const Change& change,
                                              const std::vector<std::string>& columns,
                                              const KeyedHash& hash) {
  if (const auto* upsert = std::get_if<Upsert>(&change))
    return after_upsert(mirror, upsert->row, hash);
  if (std::holds_alternative<Erase>(change)) return after_erase(mirror);
  return after_set(waiting, mirror, std::get<SetCells>(change), columns, hash);
}

}  // namespace weir::outbox
