// What Core answers to who asks for advice.
#include "advice/freshness_curve.h"
#include "advice/savings.h"
#include "core.h"

namespace weir {

Result<AdviceReport> Core::advise() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  const Result<budget::PastCalls> past = ledger_.past_calls();
  if (!past) return past.error();
  const Result<pacing::Learned> learned = pricing_.learned();
  if (!learned) return learned.error();
  return advice::savings({.days = past->days, .totals = past->totals},
                         advice::FreshnessCurve::of(*learned, clock_->now()));
}

}  // namespace weir
