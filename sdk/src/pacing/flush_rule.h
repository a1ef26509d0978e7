// The flush rule: what a waiting batch is worth, as one number that is compared with the price.
//
// Two things speak for sending, and count half each. Observed: the row-seconds A that the waiting
// rows have piled up; sending when they reach the price costs at most twice the optimum, whatever
// comes (Dooly, Goldman, Scott, JACM 2001). Expected: when changes come without memory at rate a,
// the wait so far is sunk and only the number of rows W matters, and W(W+1)/(2a) is what waiting
// for one more row would cost. Pure, thread-safe.
#pragma once

namespace weir::pacing {

// How many changes a second are expected of a data source: a mixture of its own recent rate and of
// its usual share of everybody's.
struct ExpectedRate {
  double own = 0;
  double by_share = 0;

  double mixed() const {
    // A silent data source is expected to change once in four months, so that no rate is zero.
    constexpr double kSilent = 1e-7;
    return 0.5 * own + 0.5 * by_share + kSilent;
  }
};

// How much the observed row-seconds count; the expected ones count the rest.
inline constexpr double kObservedShare = 0.5;

constexpr double batch_worth(double rows, double row_seconds, double changes_per_second) {
  const double expected = rows * (rows + 1) / (2 * changes_per_second);
  return kObservedShare * row_seconds + (1 - kObservedShare) * expected;
}

}  // namespace weir::pacing
