// ArrivalRates: how often the rows of each data source change just now, and how often those of all.
//
// A rate is a count that fades with a time constant of 45 minutes. A data source that has been
// silent for a while is expected to change at its usual share of everybody's rate, since a storm
// wakes all. How changes follow each other is learned beside it (pacing/clustering.h). State
// machine on virtual time; not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "pacing/flush_rule.h"

namespace weir::pacing {

class ArrivalRates {
 public:
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

  // How a rate that was taken `elapsed` seconds ago has faded.
  static double fade(double elapsed);

 private:
  struct Fading {
    double count = 0;
    double at = 0;

    double value(double t) const;
    void add_one(double t);
  };
  struct Source {
    Fading recent = {};
    double changes = 0;
    double silence_counted = 0;  // seconds since the last change
  };

  void count_silence(std::size_t source, double t);

  std::vector<Source> sources_;
  Fading all_recent_ = {};
  double all_changes_ = 0;
  double all_rate_ = 0;
  double started_ = 0;  // 0: not yet
  Clustering clustering_;
};

}  // namespace weir::pacing
