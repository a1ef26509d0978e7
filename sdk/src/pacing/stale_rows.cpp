#include "pacing/stale_rows.h"

namespace weir::pacing {

void StaleRows::changed(std::uint64_t key, ValueHash before, ValueHash after, TimePoint now) {
  const std::int64_t now_ms = now.time_since_epoch().count();
  const auto found = stale_.find(key);
  const bool deleted = after == 0;
  if (found == stale_.end()) {
    if (before == after) return;
    if (stale_.empty()) oldest_since_ms_ = now_ms;
    stale_.emplace(key, Row{.platform = before, .deleted = deleted, .since_ms = now_ms});
    since_sum_ms_ += now_ms;
    deletes_ += static_cast<std::int64_t>(deleted);
    return;
  }
  Row& row = found->second;
  deletes_ += static_cast<std::int64_t>(deleted) - static_cast<std::int64_t>(row.deleted);
  row.deleted = deleted;
  if (row.platform != after) return;
  deletes_ -= static_cast<std::int64_t>(deleted);
  since_sum_ms_ -= row.since_ms;
  stale_.erase(found);
}

void StaleRows::sent() {
  stale_.clear();
  since_sum_ms_ = 0;
  deletes_ = 0;
}

outbox::PendingSource StaleRows::summary(const std::string& source) const {
  return {.source = source,
          .stale_rows = count(),
          .stale_since_sum_ms = since_sum_ms_,
          .oldest_stale_since_ms = oldest_since_ms_};
}

}  // namespace weir::pacing
