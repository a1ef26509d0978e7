// Notes of programs in the store (weir/note.h). For one thread, within a transaction.
#pragma once

#include <weir/note.h>
#include <weir/result.h>

#include <string>
#include <vector>

#include "store/database.h"

namespace weir::outbox {

// Keeps them, or forgets those without a text. kInvalidArgument names the note that cannot be kept.
Result<void> keep_notes(store::Statements& sql, const std::vector<Note>& notes);

// The notes of a scope, in the order of their names' bytes.
std::vector<Note> load_notes(store::Statements& sql, const std::string& scope);

}  // namespace weir::outbox
