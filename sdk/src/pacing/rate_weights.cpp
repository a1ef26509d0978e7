#include "pacing/rate_weights.h"

#include <algorithm>
#include <numeric>

namespace weir::pacing {
namespace {

constexpr std::size_t kCount = SeenRates::kCount;

// Until more is known: a row that came or changed is likely to change again, one that is gone only
// tells of its neighbours. As much as so many changes would say.
constexpr std::array<double, kCount> kUsual = {0.75, 0.75, 0.4, 0.25, 0.05};
constexpr double kSureOfUsual = 300;
// Five unknowns settle in some ten rounds.
constexpr int kRounds = 100;

using Numbers = std::array<double, kCount>;

double product(const Numbers& a, const Numbers& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double weighted(const SeenRates& seen, const Numbers& weights) {
  return product(seen.each(), weights) + kSilentRate;
}

}  // namespace

RateWeights::RateWeights() : weights_(kUsual) {}

void RateWeights::came(const SeenRates& seen) {
  const double usual = weighted(seen, kUsual);
  const Numbers rates = seen.each();
  for (std::size_t i = 0; i < kCount; ++i) {
    counts_.came.at(i) += rates.at(i) / usual;
    unshared_.came.at(i) += rates.at(i) / usual;
  }
}

void RateWeights::passed(const SeenRates& seen, double seconds) {
  const double usual = weighted(seen, kUsual);
  const Numbers rates = seen.each();
  for (std::size_t i = 0; i < kCount; ++i) {
    for (std::size_t j = 0; j < kCount; ++j) {
      const double both = rates.at(i) * rates.at(j) / usual * seconds;
      counts_.passed.at(i).at(j) += both;
      unshared_.passed.at(i).at(j) += both;
    }
  }
}

// Weight by weight, the others held, until none changes (Gauss-Seidel, cut off at 0).
void RateWeights::renew() {
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < kCount; ++i) {
      const auto& passed = counts_.passed.at(i);
      const double by_others = product(passed, weights_) - passed.at(i) * weights_.at(i);
      const double left = counts_.came.at(i) + kSureOfUsual * kUsual.at(i) - by_others;
      weights_.at(i) = std::max(left / (passed.at(i) + kSureOfUsual), 0.0);
    }
  }
}

void RateWeights::recall(const Counts& counts) {
  counts_ = counts;
  renew();
}

double RateWeights::rate(const SeenRates& seen) const { return weighted(seen, weights_); }

void add(RateWeights::Counts& counts, const RateWeights::Counts& more) {
  for (std::size_t i = 0; i < kCount; ++i) {
    counts.came.at(i) += more.came.at(i);
    for (std::size_t j = 0; j < kCount; ++j) counts.passed.at(i).at(j) += more.passed.at(i).at(j);
  }
}

}  // namespace weir::pacing
