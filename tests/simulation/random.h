// Random: the one source of chance of a simulation. The same seed gives the same numbers on every
// host and with every standard library, so a failing seed can be told to somebody else. Not
// thread-safe: each simulation has its own.
#pragma once

#include <weir/clock.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace weir::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // SplitMix64: every seed, also 0 and 1, starts well mixed.
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31);
  }

  // From `least` to `most`, both possible.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(most - least + 1));
  }

  Milliseconds between(Milliseconds least, Milliseconds most) {
    return Milliseconds(between(least.count(), most.count()));
  }

  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  bool chance(double probability) { return unit() < probability; }

  // How long until the next of events that come once in `mean` on average.
  Milliseconds until_next(Milliseconds mean) {
    const double waiting = -std::log(1.0 - unit()) * static_cast<double>(mean.count());
    return Milliseconds(static_cast<std::int64_t>(waiting) + 1);
  }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(from.size()) - 1))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace weir::simulation
