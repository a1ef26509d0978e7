// first_moment(): when something that never falls is first no longer short of its goal.
//
// Found to the millisecond, in a few looks where bisecting takes one for each halving: the next
// look is where a straight line between the last two would meet the goal, and an end that stays
// where it is counts half each time (the Illinois method; Dowell and Jarratt, BIT, 1971). The
// answer is that of bisecting. Pure.
#pragma once

#include <weir/clock.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace weir::pacing {

// After so many looks the middle is looked at, since a jump makes a poor line.
inline constexpr int kLooksPerHalving = 4;

// The first millisecond after `early` at which `surplus` is at least 0; `late` when there is none
// before it. `surplus_early` is what it is at `early`, below 0.
template <typename Surplus>
TimePoint first_moment(TimePoint early, double surplus_early, TimePoint late,
                       const Surplus& surplus) {
  if (late - early <= Milliseconds{1}) return late;
  double missing = -surplus_early;
  double beyond = std::max(surplus(late), 0.0);
  bool moved_early = false;
  bool moved_late = false;
  for (int look = 1; late - early > Milliseconds{1}; ++look) {
    const std::int64_t span = (late - early).count();
    const double share = look % kLooksPerHalving == 0 ? 0.5 : missing / (missing + beyond);
    const auto step = static_cast<std::int64_t>(std::round(static_cast<double>(span) * share));
    const TimePoint between = early + Milliseconds(std::clamp<std::int64_t>(step, 1, span - 1));
    const double found = surplus(between);
    const bool is_late = found >= 0;
    if (is_late && moved_late) missing /= 2;
    if (!is_late && moved_early) beyond /= 2;
    (is_late ? late : early) = between;
    (is_late ? beyond : missing) = std::abs(found);
    moved_late = is_late;
    moved_early = !is_late;
  }
  return late;
}

}  // namespace weir::pacing
