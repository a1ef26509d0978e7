#include "pacing/own_hours.h"

#include <cmath>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// What was learned fades.
constexpr double kFadeSeconds = 10 * kSecondsPerDay;
// So many events a half hour are believed to have followed the common hours.
constexpr double kDoubtEvents = 0.5 / 48;
// How much the half hours before and after count.
constexpr double kNeighbour = 0.1;

}  // namespace

void learn(OwnHours& hours, const DayProfile& day, double from, double to,
           const ChangesSeen& seen) {
  const double kept = std::exp(-(to - from) / kFadeSeconds);
  for (ChangesSeen& hour : hours.seen) {
    hour.found *= kept;
    hour.expected *= kept;
  }
  spread(hours.seen, day, from, to, seen);
}

void renew(OwnHours& hours, const DayProfile& common) {
  if (hours.since == common.midnight()) return;
  const bool is_first = hours.since == 0;
  hours.since = common.midnight();
  if (is_first) return;
  for (std::size_t i = 0; i < kHalfHours; ++i) {
    const ChangesSeen& before = hours.seen.at((i + kHalfHours - 1) % kHalfHours);
    const ChangesSeen& after = hours.seen.at((i + 1) % kHalfHours);
    const auto smooth = [&](double ChangesSeen::*part) {
      return hours.seen.at(i).*part + kNeighbour * (before.*part + after.*part);
    };
    hours.busy.at(i) = (smooth(&ChangesSeen::found) + kDoubtEvents * common.busy().at(i)) /
                       (smooth(&ChangesSeen::expected) + kDoubtEvents);
  }
  normalize(hours.busy);
}

}  // namespace weir::pacing
