// DayShape: how busy the hours of a day are against each other, learned over days from all that is
// polled.
//
// The organization's local half hours, averaging 1. Before anything is learned a mild wave: the
// night is quieter than the afternoon. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>

#include "pacing/day_profile.h"

namespace weir::pacing {

// Changes found, against those that were expected.
struct ChangesSeen {
  double found = 0;
  double expected = 0;
};

// By the local half hour of the day.
using HoursSeen = std::array<ChangesSeen, kHalfHours>;

// Spreads what a look has found evenly over the time it covers.
void spread(HoursSeen& hours, const DayProfile& day, double from, double to,
            const ChangesSeen& seen);

class DayShape {
 public:
  DayShape();

  // What an earlier program has learned.
  void recall(const HoursSeen& seen);
  const HoursSeen& seen() const { return seen_; }

  // Any midnight of the organization; its hours are counted from here.
  void set_midnight(double midnight) { profile_.set_midnight(midnight); }

  // A look has found `found` changes that came in this time, where `expected_per_second` would have
  // come on a day without a shape. `sources`: how many are looked at in all.
  void learn(double from, double to, double found, double expected_per_second, std::size_t sources);

  // Takes what was learned into account.
  void renew();

  const DayProfile& profile() const { return profile_; }

 private:
  HoursSeen seen_ = {};
  DayProfile profile_;
};

}  // namespace weir::pacing
