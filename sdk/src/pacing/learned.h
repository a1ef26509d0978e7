// Learned: what a pacer has found out from the changes of its process, to be kept in the store and
// shared with the pacers of other processes. Plain values.
#pragma once

#include <cstdint>
#include <map>

#include "pacing/call_history.h"
#include "pacing/shadows.h"

namespace weir::pacing {

struct Learned {
  // Calls of each shadow, by the slots of the history in which they were made.
  std::map<std::int64_t, SlotCounts> slots = {};
  // Over all time, older ones counting less.
  ShadowTotals totals = {};

  bool empty() const { return slots.empty(); }
};

// How long the totals remember.
inline constexpr Milliseconds kTotalsForget = std::chrono::hours{60 * 24};

// What is left of `totals` after this time.
void fade(ShadowTotals& totals, Milliseconds elapsed);

void add(ShadowTotals& totals, const ShadowTotals& more);

}  // namespace weir::pacing
