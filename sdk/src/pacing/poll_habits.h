// What polls learn of how fast things change, to be kept for the next program: of each source, and
// of all together. Plain values; what they mean is told in pacing/poll_rates.h.
#pragma once

#include "pacing/day_shape.h"
#include "pacing/event_size.h"
#include "pacing/own_hours.h"

namespace weir::pacing {

// How far the factors are to be believed: the logarithm of how much better than without them the
// looks were told.
struct FactorEvidence {
  double hours = 0;
  double burst = 0;
  double rest = 0;
};

// What has been learned of a source, as of its last look.
struct SourceHabits {
  ChangesSeen usual = {};  // rows; expected: in shaped seconds
  EventSize events = {};
  ChangesSeen burst = {};  // events of the last hours
  double rest = 0;         // events of late
  FactorEvidence evidence = {};
  OwnHours hours = {};
};

// What has been learned of all sources together.
struct CommonHabits {
  HoursSeen hours = {};
  ChangesSeen this_hour = {};  // events of the hour before
  double this_hour_at = 0;     // this time, in seconds
  FactorEvidence evidence = {};
};

}  // namespace weir::pacing
