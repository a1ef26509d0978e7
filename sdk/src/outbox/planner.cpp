#include "outbox/planner.h"

#include <algorithm>

namespace weir::outbox {
namespace {

std::int64_t parts(std::int64_t whole, std::int64_t most) { return (whole + most - 1) / most; }

}  // namespace

CallPlan plan_calls(const ChangeCounts& counts, const CallLimits& limits) {
  const std::int64_t upserts = counts.replace
                                   ? std::max<std::int64_t>(0, counts.upserts - limits.replace_rows)
                                   : counts.upserts;
  const std::int64_t updatable = std::min(counts.updatable, upserts);
  // What no exchange between the lists can save.
  const std::int64_t least = std::max(
      {parts(counts.deletes, limits.deletes), parts(counts.cell_updates, limits.cell_updates),
       parts(upserts - updatable, limits.upserts),
       parts(upserts + counts.cell_updates, limits.upserts + limits.cell_updates)});
  const std::int64_t calls = least + (counts.replace ? 1 : 0);
  return {.calls = calls,
          .as_updates = std::max<std::int64_t>(0, upserts - least * limits.upserts)};
}

bool replace_is_cheaper(const ChangeCounts& difference, std::int64_t rows_in_all,
                        const CallLimits& limits) {
  return rows_in_all > 0 && rows_in_all <= limits.replace_rows &&
         plan_calls(difference, limits).calls > 1;
}

bool long_replace_is_cheaper(const ChangeCounts& difference, std::int64_t rows_in_all,
                             const CallLimits& limits) {
  return rows_in_all > 0 && plan_calls({.upserts = rows_in_all, .replace = true}, limits).calls <
                                plan_calls(difference, limits).calls;
}

}  // namespace weir::outbox
