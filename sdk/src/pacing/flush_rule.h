// FlushRule: what a waiting batch is worth, as one number that is compared with the price.
//
// Two things speak for sending. Observed: the row-seconds A that the waiting rows have piled up;
// sending when they reach the price costs at most twice the optimum, whatever comes (Dooly,
// Goldman, Scott, JACM 2001). Expected: when changes come without memory at rate a, the wait so far
// is sunk and only the number of rows W matters, and W(W+1)/(2a) is what waiting for one more row
// would cost. A rule blends the two; which blend suits, the organization's own changes decide.
//
// The rate differs from moment to moment: a burst is on, a storm begins. Taken at its word, the
// rate of this moment, h, stands for a. But if h is a moment of a lasting rate a, a row costs
// g = sqrt(2 price/a) on average, a second of waiting brings h rows, and it is time to send when W
// reaches h g: then W(W a/h + 1)/(2h) is what waiting would cost. Both are the same when h is a.
// Pure, thread-safe.
#pragma once

#include <array>
#include <cstddef>

#include "pacing/clustering.h"

namespace weir::pacing {

// How many changes a second are expected of a data source.
struct ExpectedRate {
  // For long, and at this moment (pacing/rate_weights.h).
  double lasting = 0;
  double now = 0;
  // Seconds since the data source's last change, and what they say; null: nothing.
  double since_last = 0;
  const Clustering* clustering = nullptr;
};

struct FlushRule {
  // How much the expected part counts; 0 is the rule of observed row-seconds alone.
  double blend = 0;
  // Whether the rate of this moment is taken for a moment, or for what goes on.
  bool is_moment = false;

  // The rate of this moment, and what share of it lasts.
  struct Rate {
    double now = 0;
    double lasting_share = 1;
  };

  // So long after the last change.
  Rate rate(const ExpectedRate& expected, double since_last) const {
    double now = expected.now;
    if (expected.clustering) now *= expected.clustering->ratio(since_last);
    return {.now = now, .lasting_share = is_moment ? expected.lasting / now : 1};
  }
  Rate rate(const ExpectedRate& expected) const { return rate(expected, expected.since_last); }

  double worth(double rows, double row_seconds, const Rate& rate) const {
    const double waiting = rows * (rows * rate.lasting_share + 1) / (2 * rate.now);
    return (1 - blend) * row_seconds + blend * waiting;
  }
};

inline constexpr std::array kFlushRules = {
    FlushRule{.blend = 0},
    FlushRule{.blend = 0.5},
    FlushRule{.blend = 0.3, .is_moment = true},
    FlushRule{.blend = 0.5, .is_moment = true},
    FlushRule{.blend = 0.7, .is_moment = true},
    FlushRule{.blend = 0.85, .is_moment = true},
};
inline constexpr std::size_t kRuleCount = kFlushRules.size();

// The rule of observed row-seconds alone, and the one until the changes have shown which is best.
inline constexpr std::size_t kObservedRule = 0;
inline constexpr std::size_t kFirstRule = 4;

}  // namespace weir::pacing
