#include "pacing/learned.h"

#include <algorithm>
#include <cmath>

#include "pacing/seconds.h"

namespace weir::pacing {

double kept_after(Milliseconds elapsed) {
  return std::exp(-std::max(seconds(elapsed), 0.0) / seconds(kTotalsForget));
}

void fade(ShadowTotals& totals, Milliseconds elapsed) {
  const double kept = kept_after(elapsed);
  for (double& calls : totals.calls) calls *= kept;
  for (double& stale : totals.stale_row_seconds) stale *= kept;
}

void add(Clustering::Counts& counts, const Clustering::Counts& more) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts.at(i).came += more.at(i).came;
    counts.at(i).expected += more.at(i).expected;
  }
}

void add(ShadowTotals& totals, const ShadowTotals& more) {
  for (std::size_t i = 0; i < kShadowCount; ++i) {
    totals.calls.at(i) += more.calls.at(i);
    totals.stale_row_seconds.at(i) += more.stale_row_seconds.at(i);
  }
}

}  // namespace weir::pacing
