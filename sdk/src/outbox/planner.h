// The planner: the fewest calls that carry a set of changes of one data source under the platform's
// limits per call, and how.
//
// Upserts, deletes and cell updates ride together, so the fullest list decides. The upsert of a row
// that the platform has may ride as an update of all its cells instead, which fills another list of
// the same call. One replace may carry what would take many calls. Pure, thread-safe.
#pragma once

#include <weir/client_options.h>

#include <cstdint>

namespace weir::outbox {

struct ChangeCounts {
  std::int64_t upserts = 0;
  std::int64_t updatable = 0;  // how many of the upserts may ride as cell updates
  std::int64_t deletes = 0;
  std::int64_t cell_updates = 0;
  bool replace = false;  // the first call replaces all rows
};

struct CallPlan {
  std::int64_t calls = 0;
  // How many upserts ride as cell updates: no more than the number of calls asks for, since an
  // upsert also mends a row that somebody else has deleted.
  std::int64_t as_updates = 0;
};

CallPlan plan_calls(const ChangeCounts& counts, const CallLimits& limits);

// Whether replacing all rows takes fewer calls than `difference`, and shows no incomplete table in
// between, since all rows fit into the one call. Never to delete all rows.
bool replace_is_cheaper(const ChangeCounts& difference, std::int64_t rows_in_all,
                        const CallLimits& limits);

// The same where an incomplete table may be shown for a while: the rows that the replacing call
// does not hold follow as upserts.
bool long_replace_is_cheaper(const ChangeCounts& difference, std::int64_t rows_in_all,
                             const CallLimits& limits);

}  // namespace weir::outbox
