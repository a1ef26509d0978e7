#include "pacing/arrivals.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weir::pacing {
namespace {

constexpr double kRecent = 2700;
constexpr double kJustNow = 450;

// A clock that was set back does not run backwards here.
double kept(double elapsed, double time_constant) {
  return std::exp(-std::max(elapsed, 0.0) / time_constant);
}

void fade_to(Arrivals& arrivals, double t) {
  if (t == arrivals.last) return;
  const double recent_kept = kept(t - arrivals.last, kRecent);
  for (double& recent : arrivals.recent) recent *= recent_kept;
  arrivals.just_now *= kept(t - arrivals.last, kJustNow);
  arrivals.last = t;
}

}  // namespace

ChangeKind kind_of(const outbox::RowChange& change) {
  if (change.before == 0) return ChangeKind::kInsert;
  return change.after == 0 ? ChangeKind::kDelete : ChangeKind::kUpdate;
}

void add_one(Arrivals& arrivals, ChangeKind kind, double t) {
  Arrivals one{.just_now = 1, .changes = 1, .last = t};
  one.recent.at(static_cast<std::size_t>(kind)) = 1;
  add(arrivals, one);
}

void add(Arrivals& arrivals, const Arrivals& more) {
  const double last = std::max(arrivals.last, more.last);
  Arrivals faded = more;
  fade_to(faded, last);
  fade_to(arrivals, last);
  for (std::size_t kind = 0; kind < kChangeKinds; ++kind)
    arrivals.recent.at(kind) += faded.recent.at(kind);
  arrivals.just_now += faded.just_now;
  arrivals.changes += faded.changes;
}

Pace pace_at(const Arrivals& arrivals, double t) {
  Arrivals faded = arrivals;
  fade_to(faded, std::max(t, arrivals.last));
  Pace pace{.just_now = faded.just_now / kJustNow};
  for (std::size_t kind = 0; kind < kChangeKinds; ++kind)
    pace.recent.at(kind) = faded.recent.at(kind) / kRecent;
  return pace;
}

Pace pace_at(const Arrivals& arrivals, double t, double watched) {
  Pace pace = pace_at(arrivals, t);
  pace.just_now /= 1 - kept(watched, kJustNow);
  const double seen = 1 - kept(watched, kRecent);
  for (double& recent : pace.recent) recent /= seen;
  return pace;
}

double Pace::of_all_kinds() const { return std::accumulate(recent.begin(), recent.end(), 0.0); }

}  // namespace weir::pacing
