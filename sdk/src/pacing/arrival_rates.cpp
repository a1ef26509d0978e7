#include "pacing/arrival_rates.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

constexpr double kTimeConstant = 2700;
// After a cold start the fading count has seen only a part of its time constant; at first it is
// taken as if it had seen five minutes more.
constexpr double kHeadStart = 300;
// A share is counted as if each data source had changed half a time more, over 80 data sources.
constexpr double kHalfAChange = 0.5;
constexpr double kSharePrior = 40;

// How long the changes of a data source count for its share of all.
constexpr double kShareForgets = 60 * kSecondsPerDay;

double recent_at(const Arrivals& arrivals, double t) {
  return arrivals.recent * ArrivalRates::fade(t - arrivals.last);
}

void add_one(Arrivals& arrivals, double t) {
  arrivals = {.recent = recent_at(arrivals, t) + 1, .changes = arrivals.changes + 1, .last = t};
}

}  // namespace

void add(Arrivals& arrivals, const Arrivals& more) {
  const double last = std::max(arrivals.last, more.last);
  arrivals = {.recent = recent_at(arrivals, last) + recent_at(more, last),
              .changes = arrivals.changes + more.changes,
              .last = last};
}

double ArrivalRates::fade(double elapsed) {
  return std::exp(-std::max(elapsed, 0.0) / kTimeConstant);
}

void ArrivalRates::arrived(std::size_t source, double t) {
  count_silence(source, t);
  Source& own = sources_[source];
  if (own.seen.changes > 0) clustering_.came(std::max(t - own.seen.last, 0.0));
  own.silence_counted = 0;
  for (Arrivals* arrivals : {&own.seen, &all_, &unshared_.sources[source], &unshared_.all})
    add_one(*arrivals, t);
}

void ArrivalRates::refresh(double t) {
  if (started_ == 0) started_ = t;
  const double seen = 1 - fade(t - started_ + kHeadStart);
  all_rate_ = recent_at(all_, t) / kTimeConstant / seen;
  const double kept = refreshed_ ? std::exp(std::min(*refreshed_ - t, 0.0) / kShareForgets) : 1;
  refreshed_ = t;
  all_.changes *= kept;
  for (std::size_t source = 0; source < sources_.size(); ++source) {
    sources_[source].seen.changes *= kept;
    count_silence(source, t);
  }
  clustering_.renew();
}

ArrivalRates::Counts ArrivalRates::take_unshared() {
  unshared_.clustering = clustering_.take_unshared();
  return std::exchange(unshared_, {});
}

// The silence until now has been counted, or nobody was there to count it.
void ArrivalRates::recall(std::size_t source, const Arrivals& known, double t) {
  Source& own = sources_[source];
  if (own.seen.last != known.last) own.silence_counted = std::max(t - known.last, 0.0);
  own.seen = known;
}

void ArrivalRates::recall_all(const Arrivals& known, const Clustering::Counts& clustering,
                              double began) {
  all_ = known;
  clustering_.recall(clustering);
  started_ = started_ == 0 ? began : std::min(started_, began);
}

// The changes that were expected while none came, step by step.
void ArrivalRates::count_silence(std::size_t source, double t) {
  Source& own = sources_[source];
  if (own.seen.changes == 0) return;
  for (const double silence = t - own.seen.last; own.silence_counted < silence;) {
    const double from = std::exchange(own.silence_counted,
                                      std::min(Clustering::step_end(own.silence_counted), silence));
    const ExpectedRate at_end = expected(source, own.seen.last + own.silence_counted);
    clustering_.expected(from,
                         kFlushRules[kFirstRule].lasting(at_end) * (own.silence_counted - from));
  }
}

ExpectedRate ArrivalRates::expected(std::size_t source, double t) const {
  const Source& own = sources_[source];
  const double share = (own.seen.changes + kHalfAChange) / (all_.changes + kSharePrior);
  return {.own = recent_at(own.seen, t) / kTimeConstant,
          .by_share = share * all_rate_,
          .since_last = std::max(t - own.seen.last, 0.0),
          .clustering = &clustering_};
}

}  // namespace weir::pacing
