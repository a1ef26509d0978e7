// What is handed on of an entry or of a row that has changed, as one line of JSON. Pure,
// thread-safe.
#pragma once

#include <weir/form_entries.h>
#include <weir/poll.h>

#include <string>
#include <vector>

namespace weir::daemon {

// The entry as the platform writes it; one that was asked for by `weir backfill` says so.
std::string entry_text(const FormEntry& entry, bool is_backfill = false);

// Each row as `weir apply --changes` reads it: {"op":"upsert","id":"7","name":"…"} with its cells
// by the names of their columns, or {"op":"delete","id":"7"}.
std::vector<std::string> change_texts(const RowChanges& changes);

}  // namespace weir::daemon
