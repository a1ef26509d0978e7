// OwnHours: the hours in which one source changes, learned over days, and how far they are to be
// believed against those that are common to all sources.
//
// A source that is reloaded in the night has hours of its own; one that changes when everybody
// works has not. Evidence decides: each look compares how well the one and the other has told what
// it found. What a day has shown is used from its midnight on, since a trend within a day is no
// habit. A value.
#pragma once

#include "pacing/day_shape.h"

namespace weir::pacing {

struct OwnHours {
  // The midnight until which they were learned, in seconds; 0 before the first.
  double since = 0;
  // As learned until then; all 0 as long as nothing is known.
  HalfHours busy = {};
  HoursSeen seen = {};

  bool is_known() const { return busy.front() > 0; }
};

// A look has covered this time.
void learn(OwnHours& hours, const DayProfile& day, double from, double to, const ChangesSeen& seen);

// To be called when the day may have changed; `common` are the hours of all, from today's midnight.
void renew(OwnHours& hours, const DayProfile& common);

}  // namespace weir::pacing
