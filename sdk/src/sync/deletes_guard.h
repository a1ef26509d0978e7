// check_deletes(): whether a reading takes so many rows from devices that it is likely a mistake,
// as a file that was cut off, or a query of another table. Pure.
#pragma once

#include <weir/sync/sync_options.h>

#include <cstdint>
#include <string>

#include "rows/guard_limits.h"
#include "sync/snapshot.h"

namespace weir::sync {

// kInvalidArgument: it does, by what is set for the source. The snapshot is finished.
inline Result<void> check_deletes(const SyncSource& source, const Snapshot& snapshot) {
  const bool is_limited = source.max_deletes || source.max_deletes_percent;
  const std::int64_t gone = snapshot.gone();
  if (gone == 0 || (!is_limited && !source.guard_deletes)) return {};
  const double percent = 100 * static_cast<double>(gone) / static_cast<double>(snapshot.before());
  const auto refused = [&](const std::string& why) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "the rows of " + source.id + " are not taken over: " +
                            std::to_string(gone) + " of " + std::to_string(snapshot.before()) +
                            " would go from users who have them, " + why +
                            ". Devices keep the rows of before"};
  };
  const std::string if_meant = ". If that is meant, set SyncSource::max_deletes to " +
                               std::to_string(gone) + "; else mend the source";
  if (source.rows->may_be_cut_off() && percent > outbox::kCutOffPercent)
    return refused("and the last line has no end: it may be cut off, so write it again, whole");
  const bool is_too_much = (source.max_deletes && gone > *source.max_deletes) ||
                           (source.max_deletes_percent && percent > *source.max_deletes_percent);
  if (is_too_much) return refused("more than SyncSource::max_deletes allows" + if_meant);
  if (is_limited) return {};
  if (snapshot.contents().rows == 0) return refused("and none would be left" + if_meant);
  if (snapshot.before() >= outbox::kGuardedRows && percent > outbox::kGuardPercent)
    return refused("more than half" + if_meant);
  return {};
}

}  // namespace weir::sync
