// Coalescing: what is left to send for one key when another change comes on top of what already
// waits for it.
//
// The latest change wins; a change that brings a row back to what the platform has leaves nothing
// to send, and so does the insert of a row that is deleted again before it left. Pure functions on
// values, thread-safe.
#pragma once

#include <weir/result.h>
#include <weir/row.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rows/keyed_hash.h"

namespace weir::outbox {

enum class ChangeKind : std::int64_t { kUpsert = 0, kErase = 1, kSetCells = 2 };

// What waits for one key. cells: the whole row of an upsert; name and value in turn for kSetCells;
// else empty.
struct PendingChange {
  ChangeKind kind = ChangeKind::kUpsert;
  std::vector<std::string> cells = {};

  bool operator==(const PendingChange&) const = default;
};

// What is known of the row on the platform.
enum class Presence {
  kAbsent,   // the platform does not have the row
  kPresent,  // it has the row whose hash the mirror keeps
  kUnknown,  // never acknowledged, or a call is or was under way whose end is not known
};

struct MirrorRow {
  Presence presence = Presence::kUnknown;
  std::string hash = {};  // for kPresent
};

// Empty: nothing is left to send. `columns` are the data source's column names, empty when not
// known. kInvalidArgument: a cell update that cannot be applied to what waits; nothing is lost.
Result<std::optional<PendingChange>> coalesce(const std::optional<PendingChange>& waiting,
                                              const MirrorRow& mirror, const Change& change,
                                              const std::vector<std::string>& columns,
                                              const KeyedHash& hash);

}  // namespace weir::outbox
