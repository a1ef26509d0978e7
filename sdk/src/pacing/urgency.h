// Urgency: how much it matters that a data source is fresh. A plain value.
#pragma once

#include <weir/clock.h>

namespace weir::pacing {

struct Urgency {
  // A stale row counts as so many.
  double weight = 1;
  // No change waits longer; 0 is no limit.
  Milliseconds deadline = {};
  // At least so long between two calls, unless the deadline asks for one.
  Milliseconds shortest = {};
};

}  // namespace weir::pacing
