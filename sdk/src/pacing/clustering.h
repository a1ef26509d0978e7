// Clustering: how much likelier a change is, so long after the data source's last one, than its
// rate says.
//
// A burst is fast while it lasts and over when it is silent for longer than its own gaps; a rate
// that fades over minutes sees neither. So the time since the last change is cut into steps, and in
// each the changes that came are counted against those that the rate expected, over all data
// sources together. Where changes come without memory every ratio is 1. The ratio never rises with
// the silence (pool adjacent violators; Ayer et al., Annals of Mathematical Statistics, 1955), so a
// batch never becomes worth less by waiting. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

namespace weir::pacing {

class Clustering {
 public:
  static constexpr std::size_t kSteps = 13;

  // Changes in a step of the time since the last one.
  struct Counted {
    double came = 0;
    double expected = 0;
  };
  using Counts = std::array<Counted, kSteps>;

  Clustering() { ratios_.fill(1); }

  // Where the step ends that begins at, or contains, this time since the last change; the last one
  // has no end.
  static double step_end(double since_last);

  // So many changes were expected of a data source from then to the end of the step at the latest.
  void expected(double since_last, double changes);

  // A change came so long after the one before.
  void came(double since_last);

  // Takes what was counted into account.
  void renew();

  // What was counted since this was last asked.
  Counts take_unshared() { return std::exchange(unshared_, {}); }

  // What all have counted. Takes it into account.
  void recall(const Counts& counts);

  double ratio(double since_last) const { return ratios_.at(step_of(since_last)); }

 private:
  static std::size_t step_of(double since_last);

  Counts steps_ = {};
  Counts unshared_ = {};
  std::array<double, kSteps> ratios_ = {};
};

}  // namespace weir::pacing
