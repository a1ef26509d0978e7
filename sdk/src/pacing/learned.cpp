#include "pacing/learned.h"

#include <algorithm>
#include <cmath>

#include "pacing/seconds.h"

namespace weir::pacing {

void fade(ShadowTotals& totals, Milliseconds elapsed) {
  const double kept = std::exp(-std::max(seconds(elapsed), 0.0) / seconds(kTotalsForget));
  for (double& calls : totals.calls) calls *= kept;
  for (double& stale : totals.stale_row_seconds) stale *= kept;
}

void add(ShadowTotals& totals, const ShadowTotals& more) {
  for (std::size_t i = 0; i < kShadowCount; ++i) {
    totals.calls.at(i) += more.calls.at(i);
    totals.stale_row_seconds.at(i) += more.stale_row_seconds.at(i);
  }
}

}  // namespace weir::pacing
