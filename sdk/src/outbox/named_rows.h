// Which rows of a batch an answer of the platform names: their keys in quotes, or after the words
// "row", "key" or "id". A row that is named wrongly costs one call, in which it is accepted.
// Pure, thread-safe.
#pragma once

#include <set>
#include <string>

#include "outbox/batch.h"

namespace weir::outbox {

std::set<std::string> named_rows(const std::string& message, const Batch& batch);

}  // namespace weir::outbox
