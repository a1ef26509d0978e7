#include "advice/freshness_curve.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pacing/flush_rule.h"
#include "pacing/price_curve.h"
#include "pacing/price_grid.h"

namespace weir::advice {
namespace {

constexpr double kSlotsPerDay = std::chrono::hours{24} / pacing::kSlot;

// Staleness may be 0, whose logarithm is not.
double log_stale(double row_seconds) { return std::log(row_seconds + 1); }

// What the rule that is best at a grid price has cost.
struct Cost {
  double calls;
  double stale_row_seconds;
};

Cost cheapest(const pacing::Learned& known, const std::vector<double>& calls, std::size_t price) {
  Cost best = {};
  double least = HUGE_VAL;
  for (std::size_t rule = 0; rule < pacing::kRuleCount; ++rule) {
    const std::size_t shadow = pacing::shadow_of(rule, price);
    const double all_calls = known.totals.calls.at(shadow);
    if (all_calls <= 0) continue;
    // The totals reach back further than the slots.
    const double stale = calls[shadow] / all_calls * known.totals.stale_row_seconds.at(shadow);
    const double cost = stale + pacing::grid_prices().at(price) * calls[shadow];
    if (cost >= least) continue;
    least = cost;
    best = {.calls = calls[shadow], .stale_row_seconds = stale};
  }
  return best;
}

}  // namespace

std::optional<FreshnessCurve> FreshnessCurve::of(const pacing::Learned& known, TimePoint now) {
  if (known.slots.empty()) return std::nullopt;
  const double slots = static_cast<double>(pacing::slot_of(now) - known.slots.begin()->first);
  if (slots < kSlotsPerDay) return std::nullopt;
  std::vector<double> calls(pacing::kShadowCount);
  for (const auto& [slot, counts] : known.slots) {
    for (std::size_t i = 0; i < counts.size(); ++i) calls[i] += counts.at(i);
  }
  const double days = slots / kSlotsPerDay;
  std::vector<Point> points;
  pacing::CallsByPrice calls_by_price = {};
  for (std::size_t price = 0; price < pacing::kPriceCount; ++price) {
    const Cost cost = cheapest(known, calls, price);
    calls_by_price.at(price) = cost.calls / days;
    if (cost.calls > 0)
      points.push_back(
          {.calls = cost.calls / days, .stale_row_seconds = cost.stale_row_seconds / days});
  }
  if (points.empty()) return std::nullopt;
  FreshnessCurve curve(std::move(points));
  curve.forced_calls_ = pacing::forced_calls(calls_by_price);
  return curve;
}

FreshnessCurve::FreshnessCurve(std::vector<Point> points) : points_(std::move(points)) {
  std::sort(points_.begin(), points_.end(),
            [](const Point& a, const Point& b) { return a.calls < b.calls; });
  // Counting is uneven; more calls never make rows more stale.
  for (std::size_t i = points_.size() - 1; i > 0; --i)
    points_[i - 1].stale_row_seconds =
        std::max(points_[i - 1].stale_row_seconds, points_[i].stale_row_seconds);
}

double FreshnessCurve::stale_at(double calls) const {
  const Point& first = points_.front();
  if (calls <= first.calls) return first.stale_row_seconds * first.calls / std::max(calls, 1.0);
  const auto above = std::find_if(points_.begin(), points_.end(),
                                  [&](const Point& point) { return point.calls >= calls; });
  if (above == points_.end()) return points_.back().stale_row_seconds;
  const Point& low = *std::prev(above);
  if (above->calls == low.calls) return above->stale_row_seconds;
  const double share = std::log(calls / low.calls) / std::log(above->calls / low.calls);
  return std::exp(log_stale(low.stale_row_seconds) * (1 - share) +
                  log_stale(above->stale_row_seconds) * share) -
         1;
}

}  // namespace weir::advice
