// What Core answers to who asks for advice.
#include <algorithm>

#include "advice/freshness_curve.h"
#include "advice/savings.h"
#include "client/core.h"

namespace weir {

Result<AdviceReport> Core::advise() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  const Result<budget::PastCalls> past = ledger_.past_calls();
  if (!past) return past.error();
  const Result<pacing::Learned> learned = pricing_.learned();
  if (!learned) return learned.error();
  const auto curve = advice::FreshnessCurve::of(*learned, clock_->now());
  AdviceReport report = advice::savings({.days = past->days, .totals = past->totals}, curve);
  const bool has_deadlines =
      std::any_of(options_.sources.begin(), options_.sources.end(),
                  [](const auto& source) { return source.second.deadline > Milliseconds{0}; });
  if (has_deadlines && curve && curve->forced_calls() > static_cast<double>(options_.calls_per_day))
    report.calls_for_deadlines = curve->forced_calls();
  return report;
}

}  // namespace weir
