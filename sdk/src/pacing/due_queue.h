// DueQueue: data sources in the order of the moments at which they are due, changed in O(log n).
// Not thread-safe.
#pragma once

#include <weir/clock.h>

#include <cstddef>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace weir::pacing {

class DueQueue {
 public:
  // Empty: not at all.
  void set(std::size_t source, std::optional<TimePoint> due) {
    if (source >= dues_.size()) dues_.resize(source + 1);
    if (dues_[source] == due) return;
    // First what may fail for want of memory.
    if (due) order_.emplace(*due, source);
    if (dues_[source]) order_.erase({*dues_[source], source});
    dues_[source] = due;
  }

  // The earliest; of several, the data source with the lowest number.
  std::optional<std::pair<TimePoint, std::size_t>> first() const {
    if (order_.empty()) return std::nullopt;
    return *order_.begin();
  }

  std::optional<TimePoint> due(std::size_t source) const {
    return source < dues_.size() ? dues_[source] : std::nullopt;
  }

 private:
  std::vector<std::optional<TimePoint>> dues_;
  std::set<std::pair<TimePoint, std::size_t>> order_;
};

}  // namespace weir::pacing
