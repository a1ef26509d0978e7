#include "pacing/clustering.h"

#include <limits>
#include <utility>

namespace weir::pacing {
namespace {

// The steps grow threefold from half a second to a day: neither shorter nor longer silences differ.
constexpr double kFirstEnd = 0.5;
constexpr double kGrowth = 3;

constexpr std::array<double, Clustering::kSteps> kEnds = [] {
  std::array<double, Clustering::kSteps> ends = {};
  double end = kFirstEnd;
  for (double& each : ends) each = std::exchange(end, end * kGrowth);
  ends.back() = std::numeric_limits<double>::infinity();
  return ends;
}();

// A step is taken as if so many more changes had been expected and had come.
constexpr double kAsExpected = 30;

}  // namespace

std::size_t Clustering::step_of(double since_last) {
  std::size_t step = 0;
  while (step + 1 < kSteps && since_last >= kEnds.at(step)) ++step;
  return step;
}

double Clustering::step_end(double since_last) { return kEnds.at(step_of(since_last)); }

void Clustering::expected(double since_last, double changes) {
  const std::size_t step = step_of(since_last);
  steps_.at(step).expected += changes;
  unshared_.at(step).expected += changes;
}

void Clustering::came(double since_last) {
  const std::size_t step = step_of(since_last);
  steps_.at(step).came += 1;
  unshared_.at(step).came += 1;
}

void Clustering::recall(const Counts& counts) {
  steps_ = counts;
  renew();
}

// A step whose ratio would rise is pooled with those before it.
void Clustering::renew() {
  struct Pool {
    Counted counted;
    std::size_t end;
    double ratio() const { return counted.came / counted.expected; }
  };
  std::array<Pool, kSteps> pools = {};
  std::size_t count = 0;
  for (std::size_t step = 0; step < kSteps; ++step) {
    Pool pool{.counted = {.came = steps_.at(step).came + kAsExpected,
                          .expected = steps_.at(step).expected + kAsExpected},
              .end = step + 1};
    for (; count > 0 && pool.ratio() >= pools.at(count - 1).ratio(); --count) {
      pool.counted.came += pools.at(count - 1).counted.came;
      pool.counted.expected += pools.at(count - 1).counted.expected;
    }
    pools.at(count++) = pool;
  }
  std::size_t step = 0;
  for (std::size_t i = 0; i < count; ++i) {
    for (; step < pools.at(i).end; ++step) ratios_.at(step) = pools.at(i).ratio();
  }
}

}  // namespace weir::pacing
