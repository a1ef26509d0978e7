// How many calls a set of changes of one data source takes under the platform's limits per call.
// Pure, thread-safe.
#pragma once

#include <weir/client_options.h>

#include <cstdint>

namespace weir::outbox {

struct ChangeCounts {
  std::int64_t upserts = 0;
  std::int64_t deletes = 0;
  std::int64_t cell_updates = 0;
  bool replace = false;
};

// Upserts, deletes and cell updates ride together, so the fullest list decides; a replace carries
// its first rows in a call of its own.
std::int64_t calls_for(const ChangeCounts& counts, const CallLimits& limits);

}  // namespace weir::outbox
