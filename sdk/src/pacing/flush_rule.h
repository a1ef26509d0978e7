// FlushRule: what a waiting batch is worth, as one number that is compared with the price.
//
// Two things speak for sending. Observed: the row-seconds A that the waiting rows have piled up;
// sending when they reach the price costs at most twice the optimum, whatever comes (Dooly,
// Goldman, Scott, JACM 2001). Expected: when changes come without memory at rate a, the wait so far
// is sunk and only the number of rows W matters, and W(W+1)/(2a) is what waiting for one more row
// would cost. A rule blends the two; which blend suits, the organization's own changes decide.
//
// Changes that come in bursts have a memory: their rate at this moment, h, is higher within a burst
// and lower after it (pacing/clustering.h). Taken at its word, h stands for a. But if h is a moment
// of a lasting rate a, a row costs sqrt(2 price/a) on average, a second of waiting brings h rows,
// and it is time to send when W reaches h sqrt(2 price/a): then h²/a stands for a.
// Pure, thread-safe.
#pragma once

#include <array>
#include <cstddef>

#include "pacing/clustering.h"

namespace weir::pacing {

// How many changes a second are expected of a data source: its own recent rate, and its usual share
// of everybody's.
struct ExpectedRate {
  double own = 0;
  double by_share = 0;
  // Seconds since the data source's last change, and what they say; null: nothing.
  double since_last = 0;
  const Clustering* clustering = nullptr;
};

struct FlushRule {
  // How much the expected part counts; 0 is the rule of observed row-seconds alone.
  double blend = 0;
  // How much the data source's own recent rate counts against its share of everybody's.
  double own_weight = 0.7;
  // Rows that are counted in addition to those waiting: 1, the row that the next wait is for.
  double next_row = 1;
  // What stands for a: 0, a itself; 1, h; 2, h²/a.
  int clustered = 0;

  // The lasting rate a.
  double lasting(const ExpectedRate& rate) const {
    // A silent data source is expected to change once in four months, so that no rate is zero.
    constexpr double kSilent = 1e-7;
    return own_weight * rate.own + (1 - own_weight) * rate.by_share + kSilent;
  }

  // What stands for it so long after the last change.
  double mixed(const ExpectedRate& rate, double since_last) const {
    double mixed = lasting(rate);
    if (!rate.clustering) return mixed;
    for (int i = 0; i < clustered; ++i) mixed *= rate.clustering->ratio(since_last);
    return mixed;
  }
  double mixed(const ExpectedRate& rate) const { return mixed(rate, rate.since_last); }

  // `changes_per_second` is what mixed() gives.
  double worth(double rows, double row_seconds, double changes_per_second) const {
    const double expected = rows * (rows + next_row) / (2 * changes_per_second);
    return (1 - blend) * row_seconds + blend * expected;
  }
};

inline constexpr std::array kFlushRules = {
    FlushRule{.blend = 0},
    FlushRule{.blend = 0.3, .clustered = 1},
    FlushRule{.blend = 0.5, .clustered = 1},
    FlushRule{.blend = 0.7, .clustered = 1},
    FlushRule{.blend = 0.3, .own_weight = 0.9},
    FlushRule{.blend = 0.85, .clustered = 1},
    FlushRule{.blend = 0.5, .next_row = 0, .clustered = 2},
};
inline constexpr std::size_t kRuleCount = kFlushRules.size();

// The rule of observed row-seconds alone, and the one until the changes have shown which is best.
inline constexpr std::size_t kObservedRule = 0;
inline constexpr std::size_t kFirstRule = 2;

}  // namespace weir::pacing
