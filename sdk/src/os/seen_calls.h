// How many calls a store has known, in a small file beside it (".seen"): a store that knows fewer
// is an older copy of itself. Failures are no news: then nothing is known. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace weir::os {

// 0 when nothing is known.
std::int64_t seen_calls(const std::string& store);

// Written only when it is another number.
void note_seen_calls(const std::string& store, std::int64_t calls);

}  // namespace weir::os
