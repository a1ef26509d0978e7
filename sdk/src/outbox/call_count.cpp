#include "outbox/call_count.h"

#include <algorithm>

namespace weir::outbox {
namespace {

std::int64_t parts(std::int64_t whole, std::int64_t most) { return (whole + most - 1) / most; }

}  // namespace

std::int64_t calls_for(const ChangeCounts& counts, const CallLimits& limits) {
  const std::int64_t left = counts.replace
                                ? std::max<std::int64_t>(0, counts.upserts - limits.replace_rows)
                                : counts.upserts;
  const std::int64_t combined =
      std::max({parts(left, limits.upserts), parts(counts.deletes, limits.deletes),
                parts(counts.cell_updates, limits.cell_updates)});
  return combined + (counts.replace ? 1 : 0);
}

}  // namespace weir::outbox
