// ArrivalRates: how often the rows of each data source change just now, and how often those of all.
//
// A rate is a count that fades with a time constant of 45 minutes. A data source that has been
// silent for a while is expected to change at its usual share of everybody's rate, since a storm
// wakes all. How changes follow each other is learned beside it (pacing/clustering.h). State
// machine on virtual time; not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

#include "pacing/flush_rule.h"

namespace weir::pacing {

// The changes of a data source, or of all.
struct Arrivals {
  double recent = 0;   // fading over 45 minutes, as of the last one
  double changes = 0;  // in all, fading over months
  double last = 0;     // seconds since 1970
};

// Both together.
void add(Arrivals& arrivals, const Arrivals& more);

class ArrivalRates {
 public:
  // The changes that came and what was counted of how they follow each other.
  struct Counts {
    std::unordered_map<std::size_t, Arrivals> sources = {};
    Arrivals all = {};
    Clustering::Counts clustering = {};
  };

  // The next data source, numbered from 0.
  void add_source() { sources_.emplace_back(); }
  // Forgets those that were added after the first so many, if there are any.
  void keep_sources(std::size_t count) { sources_.resize(std::min(count, sources_.size())); }

  // A row of the data source changed at `t` (seconds).
  void arrived(std::size_t source, double t);

  // Takes the rate of all data sources and their clustering anew; call it every few minutes.
  void refresh(double t);

  // Good for as long as this object is.
  ExpectedRate expected(std::size_t source, double t) const;

  // What was counted since this was last asked.
  Counts take_unshared();

  // What is known by now of a data source, and of all of them since `began`.
  void recall(std::size_t source, const Arrivals& known, double t);
  void recall_all(const Arrivals& known, const Clustering::Counts& clustering, double began);

  // How a rate that was taken `elapsed` seconds ago has faded.
  static double fade(double elapsed);

 private:
  struct Source {
    Arrivals seen = {};
    double silence_counted = 0;  // seconds since the last change
  };

  void count_silence(std::size_t source, double t);

  std::vector<Source> sources_;
  Arrivals all_ = {};
  Counts unshared_ = {};
  double all_rate_ = 0;
  std::optional<double> refreshed_ = {};
  double started_ = 0;  // 0: not yet
  Clustering clustering_;
};

}  // namespace weir::pacing
