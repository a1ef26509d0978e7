// Savings: which measures would free calls, from what was spent on what, and what the freed calls
// would be worth to the other rows. Pure.
#pragma once

#include <weir/advice.h>
#include <weir/usage.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "advice/freshness_curve.h"

namespace weir::advice {

// Calls of whole days.
struct Spent {
  std::int64_t days = 0;
  std::vector<CallTotal> totals = {};
};

AdviceReport savings(const Spent& spent, const std::optional<FreshnessCurve>& curve);

// Puts those of most use first and drops those that save next to nothing.
void keep_the_best(AdviceReport& report);

// How the pushes of a data source that takes so many calls a day can be had for nothing.
Measure without_calls(double calls_a_day);

}  // namespace weir::advice
