// One seed played from beginning to end: an org-week of several processes, and then, with all
// faults gone, the proof that everything ended as it should.
//
// The rules that are held against it at every step are in docs/testing.md, "Simulation". A pure
// function of the seed; safe to use from several threads at once.
#pragma once

#include <cstdint>
#include <optional>

#include "simulation/world.h"

namespace weir::simulation {

struct Outcome {
  std::uint64_t seed = 0;
  std::uint64_t hash = 0;
  std::optional<Violation> violation;
  Counts counts;
};

// `prints`: writes what happens to standard output.
Outcome simulate(std::uint64_t seed, bool prints = false, SeededBug bug = SeededBug::kNone);

}  // namespace weir::simulation
