// MeanWeight: what weight a data source has on average, as a geometric mean.
//
// Only ratios of weights mean something, and the engine has numbers of its own: the grid of prices,
// what a burst must save. They count rows of the mean weight, so that weights that are all a
// thousand times as large decide the same. Each data source counts once, however often it changes:
// an import does not move the mean. Plain value.
#pragma once

#include <cmath>

namespace weir::pacing {

class MeanWeight {
 public:
  void add(double weight) {
    logarithms_ += std::log(weight);
    count_ += 1;
  }

  bool empty() const { return count_ == 0; }

  // Of none it is 1.
  double value() const { return empty() ? 1 : std::exp(logarithms_ / count_); }

 private:
  double logarithms_ = 0;
  double count_ = 0;
};

}  // namespace weir::pacing
