#include "pacing/event_size.h"

#include <algorithm>
#include <cmath>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

constexpr double kForget = 10 * kSecondsPerDay;
// The average is believed as much as so many rows found.
constexpr double kDoubtRows = 3;

// What a look says beside others: less, the less time these have covered.
void add(EventSize& sums, const EventSize::Look& look, const EventSize::Look& others) {
  const double width = look.width + others.width;
  if (width <= 0) return;
  const double weight = others.width / width;
  const double more = weight * look.found - (1 - weight) * others.found;
  sums.surprise += look.found * more;
  sums.rows += look.found * weight;
}

}  // namespace

void learn(EventSize& size, const EventSize::Look& look) {
  const EventSize::Look& before = size.before_last;
  add(size, size.last, {.found = before.found + look.found, .width = before.width + look.width});
  const double kept = std::exp(-look.width / kForget);
  size.surprise *= kept;
  size.rows *= kept;
  size.before_last = size.last;
  size.last = look;
}

// The last look has only one beside it as yet.
double rows_of(const EventSize& size, double average) {
  EventSize sums = size;
  add(sums, size.last, size.before_last);
  return std::max(1.0, (sums.surprise + kDoubtRows * average) / (sums.rows + kDoubtRows));
}

}  // namespace weir::pacing
