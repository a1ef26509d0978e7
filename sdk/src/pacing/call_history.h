// CallHistory: how many calls each shadow has made in each five minutes of the last days, the
// organization's own past from which its future is forecast.
//
// Slots are numbered from 1970. Counts are added, also by other processes and late. Not
// thread-safe.
#pragma once

#include <weir/clock.h>

#include <array>
#include <cstdint>
#include <vector>

#include "pacing/shadows.h"

namespace weir::pacing {

inline constexpr Milliseconds kSlot = std::chrono::minutes{5};
inline constexpr std::int64_t kSlotsPerHour = std::chrono::hours{1} / kSlot;

constexpr std::int64_t slot_of(TimePoint time) { return time.time_since_epoch() / kSlot; }

// Calls are counted in such parts.
inline constexpr double kPartsOfACall = 8;

using SlotCounts = std::array<float, kShadowCount>;

class CallHistory {
 public:
  // The first slot of which something is known; meaningless while empty.
  std::int64_t first_slot() const { return first_slot_; }
  bool empty() const { return slots_.empty(); }

  // From this slot on there is a record, even if no calls were made.
  void open(std::int64_t slot);

  // Older slots than kept are ignored.
  void add(std::int64_t slot, std::size_t shadow, double calls);

  // The slot is known to have had these, whatever was added.
  void set(std::int64_t slot, const SlotCounts& calls);

  // Calls of a shadow before `slot`, since the record began.
  double before(std::int64_t slot, std::size_t shadow) const;

  // Forgets what lies before.
  void forget_before(std::int64_t slot);

 private:
  void bring_up_to_date() const;

  std::int64_t first_slot_ = 0;
  std::vector<SlotCounts> slots_;
  // sums_[k]: calls before slot first_slot_ + k. Up to date for k <= summed_.
  mutable std::vector<std::array<double, kShadowCount>> sums_;
  mutable std::size_t summed_ = 0;
};

}  // namespace weir::pacing
