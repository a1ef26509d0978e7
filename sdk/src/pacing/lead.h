// Lead: by how many calls a data source, or all of them, are ahead of twice the even pace.
//
// The even pace is the time between two calls when those that are left are spread evenly over the
// rest of the day. Who calls at less than twice that pace has no lead. A burst builds one up, call
// by call, and what its next call must have saved grows with it: a burst is one event, not as many
// as it has rows. Plain value.
#pragma once

#include <weir/clock.h>

#include <algorithm>

#include "pacing/seconds.h"

namespace weir::pacing {

class Lead {
 public:
  // Calls are made, `pace` seconds apart being even.
  void call(TimePoint now, double pace, double calls = 1) {
    calls_ = at(now, pace) + calls;
    as_of_ = now;
  }

  double at(TimePoint now, double pace) const {
    // A clock that was set back wins nothing and loses nothing.
    const double elapsed = std::max(seconds(now - as_of_), 0.0);
    return std::max(calls_ - kTimesEvenPace * elapsed / pace, 0.0);
  }

 private:
  static constexpr double kTimesEvenPace = 2;

  double calls_ = 0;
  TimePoint as_of_ = {};
};

}  // namespace weir::pacing
