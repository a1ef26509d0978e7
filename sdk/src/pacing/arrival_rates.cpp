#include "pacing/arrival_rates.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// After a cold start the fading counts have seen only a part of their time constants; at first they
// are taken as if they had seen five minutes more.
constexpr double kHeadStart = 300;
// A share is counted as if each data source had changed half a time more, over 80 data sources.
constexpr double kHalfAChange = 0.5;
constexpr double kSharePrior = 40;

// How long the changes of a data source count for its share of all.
constexpr double kShareForgets = 60 * kSecondsPerDay;

// What lasts: a data source's own recent rate, and its share of everybody's.
constexpr double kOwnWeight = 0.7;

}  // namespace

void ArrivalRates::arrived(std::size_t source, ChangeKind kind, double t) {
  count_silence(source, t);
  weights_.came(seen_of(source, t));
  Source& own = sources_[source];
  if (own.seen.changes > 0) clustering_.came(std::max(t - own.seen.last, 0.0));
  own.silence_counted = 0;
  for (Arrivals* arrivals : {&own.seen, &all_, &unshared_.sources[source], &unshared_.all})
    add_one(*arrivals, kind, t);
  everybody_.reset();
}

SeenRates ArrivalRates::seen_of(std::size_t source, double t) const {
  const Arrivals& seen = sources_[source].seen;
  const double share = (seen.changes + kHalfAChange) / (all_.changes + kSharePrior);
  const Pace own = pace_at(seen, t);
  const Pace& all = everybody(t);
  return {.own = own.recent,
          .all_just_now = share * all.just_now,
          .all_recently = share * all.of_all_kinds()};
}

// Asked for each data source at the same moment, so the last answer is kept.
const Pace& ArrivalRates::everybody(double t) const {
  // A clock that was set back has watched for no time at all.
  const double watched = std::max(t - started_, 0.0) + kHeadStart;
  if (!everybody_ || everybody_->first != t) everybody_ = {t, pace_at(all_, t, watched)};
  return everybody_->second;
}

void ArrivalRates::refresh(double t) {
  if (started_ == 0) started_ = t;
  everybody_.reset();
  const double passed = refreshed_ ? std::max(t - *refreshed_, 0.0) : 0;
  const double kept = std::exp(-passed / kShareForgets);
  refreshed_ = t;
  all_.changes *= kept;
  for (std::size_t source = 0; source < sources_.size(); ++source) {
    sources_[source].seen.changes *= kept;
    count_silence(source, t);
    weights_.passed(seen_of(source, t), passed);
  }
  weights_.renew();
  clustering_.renew();
}

ArrivalRates::Counts ArrivalRates::take_unshared() {
  unshared_.weights = weights_.take_unshared();
  unshared_.clustering = clustering_.take_unshared();
  return std::exchange(unshared_, {});
}

// The silence until now has been counted, or nobody was there to count it.
void ArrivalRates::recall(std::size_t source, const Arrivals& known, double t) {
  Source& own = sources_[source];
  if (own.seen.last != known.last) own.silence_counted = std::max(t - known.last, 0.0);
  own.seen = known;
}

void ArrivalRates::recall_all(const Arrivals& known, const RateWeights::Counts& weights,
                              const Clustering::Counts& clustering, double began) {
  all_ = known;
  everybody_.reset();
  weights_.recall(weights);
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
    const double rate = weights_.rate(seen_of(source, own.seen.last + own.silence_counted));
    clustering_.expected(from, rate * (own.silence_counted - from));
  }
}

ExpectedRate ArrivalRates::expected(std::size_t source, double t) const {
  const SeenRates seen = seen_of(source, t);
  const double own = seen.own[0] + seen.own[1] + seen.own[2];
  return {.lasting = kOwnWeight * own + (1 - kOwnWeight) * seen.all_recently + kSilentRate,
          .now = weights_.rate(seen),
          .since_last = std::max(t - sources_[source].seen.last, 0.0),
          .clustering = &clustering_};
}

}  // namespace weir::pacing
