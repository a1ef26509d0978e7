// Whether a change that was sent is still what waits. Pure, thread-safe.
#pragma once

#include "outbox/batch.h"
#include "outbox/tables.h"

namespace weir::outbox {

// Whether what waits is the change itself, or a newer one that asks for just the same. A replace
// numbers its rows anew, so the number alone does not tell.
inline bool is_settled_by(const WaitingChange& waiting, const BatchChange& change) {
  return waiting.change == change.change && (waiting.order_number == change.order_number ||
                                             waiting.change.kind != ChangeKind::kSetCells);
}

}  // namespace weir::outbox
