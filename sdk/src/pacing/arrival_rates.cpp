#include "pacing/arrival_rates.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir::pacing {
namespace {

constexpr double kTimeConstant = 2700;
// After a cold start the fading count has seen only a part of its time constant; at first it is
// taken as if it had seen five minutes more.
constexpr double kHeadStart = 300;
// A share is counted as if each data source had changed half a time more, over 80 data sources.
constexpr double kHalfAChange = 0.5;
constexpr double kSharePrior = 40;

}  // namespace

double ArrivalRates::fade(double elapsed) {
  return std::exp(-std::max(elapsed, 0.0) / kTimeConstant);
}

double ArrivalRates::Fading::value(double t) const { return count * fade(t - at); }

void ArrivalRates::Fading::add_one(double t) {
  count = value(t) + 1;
  at = t;
}

void ArrivalRates::arrived(std::size_t source, double t) {
  count_silence(source, t);
  Source& own = sources_[source];
  if (own.changes > 0) clustering_.came(std::max(t - own.recent.at, 0.0));
  own.silence_counted = 0;
  own.recent.add_one(t);
  own.changes += 1;
  all_recent_.add_one(t);
  all_changes_ += 1;
}

void ArrivalRates::refresh(double t) {
  if (started_ == 0) started_ = t;
  const double seen = 1 - fade(t - started_ + kHeadStart);
  all_rate_ = all_recent_.value(t) / kTimeConstant / seen;
  for (std::size_t source = 0; source < sources_.size(); ++source) count_silence(source, t);
  clustering_.renew();
}

// The changes that were expected while none came, step by step.
void ArrivalRates::count_silence(std::size_t source, double t) {
  Source& own = sources_[source];
  if (own.changes == 0) return;
  for (const double silence = t - own.recent.at; own.silence_counted < silence;) {
    const double from = std::exchange(own.silence_counted,
                                      std::min(Clustering::step_end(own.silence_counted), silence));
    const ExpectedRate at_end = expected(source, own.recent.at + own.silence_counted);
    clustering_.expected(from,
                         kFlushRules[kFirstRule].lasting(at_end) * (own.silence_counted - from));
  }
}

ExpectedRate ArrivalRates::expected(std::size_t source, double t) const {
  const Source& own = sources_[source];
  const double share = (own.changes + kHalfAChange) / (all_changes_ + kSharePrior);
  return {.own = own.recent.value(t) / kTimeConstant,
          .by_share = share * all_rate_,
          .since_last = std::max(t - own.recent.at, 0.0),
          .clustering = &clustering_};
}

}  // namespace weir::pacing
