// RateWeights: how much the changes of the last minutes and hours say of those to come.
//
// A data source's rate is expected to be a weighted sum of what has been seen: of its own inserts,
// updates and deletes, and of everybody's changes, just now and recently, by its usual share of
// them (a self-exciting process; Hawkes, Biometrika, 1971). The weights are learned from all data
// sources together: they are those at which the expected rate would have been nearest to what came,
// by least squares in proportion to the rate, none below 0. That needs no past, only sums (Hansen,
// Reynaud-Bouret, Rivoirard, Bernoulli, 2015). Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "pacing/arrivals.h"

namespace weir::pacing {

// A silent data source is expected to change once in four months, so that no rate is zero.
inline constexpr double kSilentRate = 1e-7;

// What has been seen of a data source at a moment, in changes per second.
struct SeenRates {
  static constexpr std::size_t kCount = kChangeKinds + 2;

  // Its own, by kind; everybody's just now and recently, by its share.
  std::array<double, kChangeKinds> own = {};
  double all_just_now = 0;
  double all_recently = 0;

  std::array<double, kCount> each() const {
    return {own[0], own[1], own[2], all_just_now, all_recently};
  }
};

class RateWeights {
 public:
  struct Counts {
    // Of each rate, summed over the changes that came, and of each two over the time that passed.
    std::array<double, SeenRates::kCount> came = {};
    std::array<std::array<double, SeenRates::kCount>, SeenRates::kCount> passed = {};
  };

  RateWeights();

  // A change came when this had been seen.
  void came(const SeenRates& seen);

  // So many seconds passed for a data source of which this has been seen.
  void passed(const SeenRates& seen, double seconds);

  // Takes what was counted into account.
  void renew();

  // What was counted since this was last asked.
  Counts take_unshared() { return std::exchange(unshared_, {}); }

  // What all have counted. Takes it into account.
  void recall(const Counts& counts);

  // The changes per second to expect.
  double rate(const SeenRates& seen) const;

 private:
  Counts counts_ = {};
  Counts unshared_ = {};
  std::array<double, SeenRates::kCount> weights_ = {};
};

// Both together.
void add(RateWeights::Counts& counts, const RateWeights::Counts& more);

}  // namespace weir::pacing
