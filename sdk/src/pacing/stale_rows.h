// StaleRows: which rows of a data source differ from the platform's, in memory: what the outbox and
// the mirror keep durably for a Client, the simulation keeps here. Not thread-safe.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <unordered_map>

#include "outbox/pending_source.h"
#include "pacing/row_versions.h"

namespace weir::pacing {

class StaleRows {
 public:
  // The row takes a value. `before` is what it had until now.
  void changed(std::uint64_t key, ValueHash before, ValueHash after, TimePoint now);

  // The platform has everything.
  void sent();

  std::int64_t count() const { return static_cast<std::int64_t>(stale_.size()); }
  std::int64_t deletes() const { return deletes_; }
  // Those that the platform has, with other values; costs a step for each stale row.
  std::int64_t updates() const;
  // Rows that are stale since an earlier moment; costs a step for each stale row.
  std::int64_t older_than(TimePoint since) const;
  outbox::PendingSource summary(const std::string& source) const;

 private:
  struct Row {
    ValueHash platform;
    bool deleted;
    std::int64_t since_ms;
  };

  std::unordered_map<std::uint64_t, Row> stale_;
  std::int64_t since_sum_ms_ = 0;
  std::int64_t deletes_ = 0;
  // Of a row that has returned to the platform's value meanwhile it may be, and so too early.
  std::int64_t oldest_since_ms_ = 0;
};

}  // namespace weir::pacing
