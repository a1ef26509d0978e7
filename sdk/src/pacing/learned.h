// Learned: what a pacer has found out from the changes of its process, to be kept in the store and
// shared with the pacers of other processes. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "pacing/arrival_rates.h"
#include "pacing/call_history.h"
#include "pacing/shadows.h"

namespace weir::pacing {

// How the changes came.
struct LearnedArrivals {
  std::map<std::string, Arrivals> sources = {};
  // Of data sources to which nothing was added.
  std::map<std::string, Arrivals> others = {};
  Arrivals all = {};
  RateWeights::Counts weights = {};
  Clustering::Counts clustering = {};
};

struct Learned {
  // Calls of each shadow, by the slots of the history in which they were made.
  std::map<std::int64_t, SlotCounts> slots = {};
  // Over all time, older ones counting less.
  ShadowTotals totals = {};
  LearnedArrivals arrivals = {};

  bool empty() const { return slots.empty(); }
};

// How long totals and counts remember.
inline constexpr Milliseconds kTotalsForget = std::chrono::hours{60 * 24};

// Which part of them is left after this time.
double kept_after(Milliseconds elapsed);

// What is left after this time.
void fade(ShadowTotals& totals, Milliseconds elapsed);

void add(ShadowTotals& totals, const ShadowTotals& more);
void add(Clustering::Counts& counts, const Clustering::Counts& more);

}  // namespace weir::pacing
