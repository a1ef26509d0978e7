// Adversaries: days that defeat a price which is solved now and then: imports above all. Made up,
// the same on every run.
#pragma once

namespace weir::bench {

// A table with a row for each.
void print_adversaries();

}  // namespace weir::bench
