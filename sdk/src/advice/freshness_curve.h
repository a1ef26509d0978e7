// advice/: what would save most calls, and a recorded day replayed in virtual time.
//
// FreshnessCurve: how stale an organization's rows are in a day, by the calls that its pushes may
// spend, as the shadows have seen it (pacing/shadows.h). A value.
#pragma once

#include <weir/clock.h>

#include <optional>
#include <vector>

#include "pacing/learned.h"

namespace weir::advice {

class FreshnessCurve {
 public:
  // Of a day.
  struct Point {
    double calls;
    double stale_row_seconds;
  };

  // Empty when less than a day is known, or nothing was pushed in it.
  static std::optional<FreshnessCurve> of(const pacing::Learned& known, TimePoint now);

  // In any order, at least one.
  explicit FreshnessCurve(std::vector<Point> points);

  // Between two points along a power law; with fewer calls than any point has, in inverse
  // proportion to the calls (the square-root law of docs/pacing.md); with more, as the last.
  double stale_at(double calls) const;

  // Calls a day that no price avoids: those that deadlines force, when there are any.
  double forced_calls() const { return forced_calls_; }

 private:
  std::vector<Point> points_;  // calls ascending, staleness descending
  double forced_calls_ = 0;
};

}  // namespace weir::advice
