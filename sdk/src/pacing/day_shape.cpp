#include "pacing/day_shape.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// The wave before anything is learned: its height, and its quietest hour.
constexpr double kWave = 0.45;
constexpr double kQuietHour = 2;
// So many changes a half hour outweigh it.
constexpr double kWaveChanges = 15;
// How much the half hours before and after count.
constexpr double kNeighbour = 0.5;
// What was learned fades.
constexpr double kFadeSeconds = 10 * kSecondsPerDay;

double wave(std::size_t half_hour) {
  const double hour = (static_cast<double>(half_hour) + 0.5) / 2;
  return 1 - kWave * std::cos(2 * std::numbers::pi * (hour - kQuietHour) / 24);
}

}  // namespace

void spread(HoursSeen& hours, const DayProfile& day, double from, double to,
            const ChangesSeen& seen) {
  for (double time = from; time < to;) {
    const double end = std::min(day.half_hour_end(time), to);
    const double part = (end - time) / (to - from);
    ChangesSeen& in_hour = hours.at(day.half_hour(time));
    in_hour.found += seen.found * part;
    in_hour.expected += seen.expected * part;
    time = end;
  }
}

DayShape::DayShape() { renew(); }

void DayShape::recall(const HoursSeen& seen) {
  seen_ = seen;
  renew();
}

void DayShape::learn(double from, double to, double found, double expected_per_second,
                     std::size_t sources) {
  if (to <= from) return;
  // All sources together learn for all of the time, so each look fades its share.
  const double fade = std::exp(-(to - from) / kFadeSeconds / static_cast<double>(sources));
  for (ChangesSeen& hour : seen_) {
    hour.found *= fade;
    hour.expected *= fade;
  }
  spread(seen_, profile_, from, to,
         {.found = found, .expected = expected_per_second * (to - from)});
}

// A half hour is smoothed with its neighbours.
void DayShape::renew() {
  HalfHours busy = {};
  for (std::size_t i = 0; i < kHalfHours; ++i) {
    const ChangesSeen& before = seen_.at((i + kHalfHours - 1) % kHalfHours);
    const ChangesSeen& after = seen_.at((i + 1) % kHalfHours);
    const auto smooth = [&](double ChangesSeen::*part) {
      return seen_.at(i).*part + kNeighbour * (before.*part + after.*part);
    };
    busy.at(i) = (smooth(&ChangesSeen::found) + kWaveChanges * wave(i)) /
                 (smooth(&ChangesSeen::expected) + kWaveChanges);
  }
  normalize(busy);
  profile_ = DayProfile(profile_.midnight(), busy);
}

}  // namespace weir::pacing
