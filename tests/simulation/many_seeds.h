// Many seeds, played on all processors, and what came of them in words.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "simulation/simulation.h"

namespace weir::simulation {

struct Progress {
  std::int64_t played = 0;
  std::int64_t of = 0;
  std::int64_t broken = 0;
  double per_second = 0;
};

struct Summary {
  std::int64_t played = 0;
  double seconds = 0;
  Counts counts = {};
  std::vector<Outcome> broken = {};  // by seed
};

// Plays the seeds from `first` on, until all are played or `stop` says so. `progress` is called
// about every second.
Summary simulate_many(std::uint64_t first, std::uint64_t seeds, const std::function<bool()>& stop,
                      const std::function<void(const Progress&)>& progress);

std::string in_words(const Outcome& outcome);
std::string in_words(const Summary& summary);

}  // namespace weir::simulation
