// ArrivalRates: how often the rows of each data source change just now, and how often those of all.
//
// What has been seen of the last minutes and hours is weighed as it has turned out to matter
// (pacing/rate_weights.h). A data source that has been silent for a while is expected to change at
// its usual share of everybody's rate, since a storm wakes all. How changes follow each other is
// learned beside it (pacing/clustering.h). State machine on virtual time; not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pacing/arrivals.h"
#include "pacing/flush_rule.h"
#include "pacing/rate_weights.h"

namespace weir::pacing {

class ArrivalRates {
 public:
  // The changes that came and what was counted of what they say of each other.
  struct Counts {
    std::unordered_map<std::size_t, Arrivals> sources = {};
    Arrivals all = {};
    RateWeights::Counts weights = {};
    Clustering::Counts clustering = {};
  };

  // The next data source, numbered from 0.
  void add_source() { sources_.emplace_back(); }
  // Forgets those that were added after the first so many, if there are any.
  void keep_sources(std::size_t count) { sources_.resize(std::min(count, sources_.size())); }

  // A row of the data source changed at `t` (seconds).
  void arrived(std::size_t source, ChangeKind kind, double t);

  // Learns from the time that has passed since the last time; call it every few minutes.
  void refresh(double t);

  // Good for as long as this object is.
  ExpectedRate expected(std::size_t source, double t) const;

  // What was counted since this was last asked.
  Counts take_unshared();

  // What is known by now of a data source, and of all of them since `began`.
  void recall(std::size_t source, const Arrivals& known, double t);
  void recall_all(const Arrivals& known, const RateWeights::Counts& weights,
                  const Clustering::Counts& clustering, double began);

 private:
  struct Source {
    Arrivals seen = {};
    double silence_counted = 0;  // seconds since the last change
  };

  const Pace& everybody(double t) const;
  SeenRates seen_of(std::size_t source, double t) const;
  void count_silence(std::size_t source, double t);

  std::vector<Source> sources_;
  Arrivals all_ = {};
  mutable std::optional<std::pair<double, Pace>> everybody_ = {};
  Counts unshared_ = {};
  std::optional<double> refreshed_ = {};
  double started_ = 0;  // 0: not yet
  RateWeights weights_;
  Clustering clustering_;
};

}  // namespace weir::pacing
