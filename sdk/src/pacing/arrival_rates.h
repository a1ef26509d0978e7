// ArrivalRates: how often the rows of each data source change just now, and how often those of all.
//
// A rate is a count that fades with a time constant of 45 minutes. A data source that has been
// silent for a while is expected to change at its usual share of everybody's rate, since a storm
// wakes all. State machine on virtual time; not thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "pacing/flush_rule.h"

namespace weir::pacing {

class ArrivalRates {
 public:
  // The next data source, numbered from 0.
  void add_source() { sources_.emplace_back(); }

  // A row of the data source changed at `t` (seconds).
  void arrived(std::size_t source, double t);

  // Takes the rate of all data sources anew; call it every minute.
  void refresh(double t);

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
  };

  std::vector<Source> sources_;
  Fading all_recent_ = {};
  double all_changes_ = 0;
  double all_rate_ = 0;
  double started_ = 0;  // 0: not yet
};

}  // namespace weir::pacing
