// What a PushPacer learns of its changes, remembers of others, and the rule and the forecast that
// it takes from that.
#include <algorithm>
#include <cmath>
#include <utility>

#include "pacing/push_pacer.h"
#include "pacing/seconds.h"
#include "pacing/unforeseen.h"

namespace weir::pacing {
namespace {

constexpr Milliseconds kRuleFor = std::chrono::hours{1};
// What is usual, these slots tell.
constexpr std::int64_t kUsually = 24 * kSlotsPerHour;

}  // namespace

// What the shadows have done since the last time goes into the history and the totals.
void PushPacer::learn(TimePoint now) {
  std::vector<ExpectedRate> rates(sources_.size());
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    rates[i] = rates_.expected(i, seconds(now));
    shadows_.advance(i, seconds(now), rates[i]);
  }
  add_to_history(now, rates);
  if (faded_) fade(totals_, now - *faded_);
  faded_ = now;
  const ShadowTotals& so_far = shadows_.totals();
  for (std::size_t i = 0; i < kShadowCount; ++i) {
    const double calls = so_far.calls[i] - recorded_.calls[i];
    const double stale = so_far.stale_row_seconds[i] - recorded_.stale_row_seconds[i];
    totals_.calls[i] += calls;
    totals_.stale_row_seconds[i] += stale;
    unshared_.totals.calls[i] += calls;
    unshared_.totals.stale_row_seconds[i] += stale;
  }
  recorded_ = so_far;
}

// A call that is under way counts in part. With few calls, whether one has just been made or is
// about to be would be chance, and would move the forecast.
void PushPacer::add_to_history(TimePoint now, const std::vector<ExpectedRate>& rates) {
  std::array<double, kShadowCount> calls = shadows_.totals().calls;
  for (std::size_t i = 0; i < sources_.size(); ++i) shadows_.add_progress(i, rates[i], calls);
  const std::int64_t slot = slot_of(now - Milliseconds{1});
  if (history_.empty()) history_.open(slot_of(now));
  SlotCounts& unshared = unshared_.slots[slot];
  for (std::size_t i = 0; i < kShadowCount; ++i) {
    const double parts = std::floor((calls[i] - in_history_[i]) * kPartsOfACall);
    // A row that returns to the platform's value takes its part of a call with it.
    if (parts <= 0) continue;
    const double more = parts / kPartsOfACall;
    in_history_[i] += more;
    history_.add(slot, i, more);
    unshared[i] += static_cast<float>(more);
  }
}

Learned PushPacer::take_learned() {
  ArrivalRates::Counts counts = rates_.take_unshared();
  for (const auto& [source, arrivals] : counts.sources)
    unshared_.arrivals.sources[sources_[source].name] = arrivals;
  unshared_.arrivals.all = counts.all;
  unshared_.arrivals.weights = counts.weights;
  unshared_.arrivals.clustering = counts.clustering;
  return std::exchange(unshared_, {});
}

void PushPacer::remember(const Learned& known, TimePoint now) {
  for (const auto& [slot, calls] : known.slots) history_.set(slot, calls);
  totals_ = known.totals;
  const auto keep = [&](const std::string& source, const Arrivals& arrivals) {
    if (!is_weighed(source)) weigh(source);
    remembered_[source] = arrivals;
  };
  for (const auto& [source, arrivals] : known.arrivals.others) {
    if (!numbers_.contains(source)) keep(source, arrivals);
  }
  for (const auto& [source, arrivals] : known.arrivals.sources) {
    const auto found = numbers_.find(source);
    if (found == numbers_.end()) {
      keep(source, arrivals);
    } else {
      rates_.recall(found->second, arrivals, seconds(now));
    }
  }
  const TimePoint began =
      history_.empty() ? now : std::min(now, TimePoint(history_.first_slot() * kSlot));
  rates_.recall_all(known.arrivals.all, known.arrivals.weights, known.arrivals.clustering,
                    seconds(began));
}

// Once an hour: the rule which would have cost least so far, calls and stale rows together, at
// about this price.
void PushPacer::choose_rule(TimePoint now) {
  if (!rule_chosen_) rule_chosen_ = now;
  if (now >= *rule_chosen_ && now - *rule_chosen_ < kRuleFor) return;
  rule_chosen_ = now;
  rule_ = best_rule();
}

std::size_t PushPacer::best_rule() const {
  const PricesAround prices(grid_index_at_least(price_ / mean_weight_));
  // The logarithm makes prices count alike, dear ones and cheap ones.
  const auto cost = [&](std::size_t rule) {
    double logarithms = 0;
    for (std::size_t i = prices.first; i <= prices.last; ++i) {
      const std::size_t shadow = shadow_of(rule, i);
      logarithms +=
          std::log1p(totals_.stale_row_seconds[shadow] + grid_prices()[i] * totals_.calls[shadow]);
    }
    return logarithms;
  };
  std::size_t best = 0;
  for (std::size_t rule = 1; rule < kRuleCount; ++rule) {
    if (cost(rule) < cost(best)) best = rule;
  }
  return best;
}

// The calls from a moment until midnight at each grid price.
CallsByPrice PushPacer::calls_by_price(TimePoint now, TimePoint from) const {
  CallsByPrice calls = {};
  for (std::size_t i = 0; i < kPriceCount; ++i)
    calls[i] = forecast_.until_midnight(shadow_of(rule_, i), now, from, days_);
  return averaged(calls);
}

// The lowest grid price at which the last 24 hours have made no more calls than a day has. It stays
// what it was when the calls of today have gone.
double PushPacer::usual_price(TimePoint now) const {
  const std::int64_t end = slot_of(now);
  const std::int64_t begin = std::max(end - kUsually, history_.first_slot());
  for (std::size_t i = 0; i < kPriceCount; ++i) {
    const std::size_t shadow = shadow_of(rule_, i);
    const double calls = history_.before(end, shadow) - history_.before(begin, shadow);
    if (calls <= static_cast<double>(options_.calls_per_day)) return grid_prices()[i];
  }
  return grid_prices().back();
}

void PushPacer::expect_a_burst(CallsByPrice& calls, TimePoint now) const {
  const double left = seconds_left(now);
  const double before_last_hour = std::max(left - kLastHour, 0.0);
  const auto wait = Milliseconds(static_cast<std::int64_t>(1000 * before_last_hour));
  add_unforeseen(calls, calls_by_price(now, now + wait),
                 {.calls_per_day = static_cast<double>(options_.calls_per_day),
                  .seconds_left = left,
                  .usual_price = usual_price(now)});
}

}  // namespace weir::pacing
