#include "pacing/stale_rows.h"

#include <algorithm>

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

std::int64_t StaleRows::older_than(TimePoint since) const {
  const std::int64_t since_ms = since.time_since_epoch().count();
  return std::count_if(stale_.begin(), stale_.end(),
                       [&](const auto& row) { return row.second.since_ms < since_ms; });
}

std::int64_t StaleRows::updates() const {
  return std::count_if(stale_.begin(), stale_.end(), [](const auto& row) {
    return !row.second.deleted && row.second.platform != 0;
  });
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
