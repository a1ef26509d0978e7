#include "pacing/push_pacer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pacing/price_controller.h"
#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// Days before today that the history reaches back.
constexpr std::size_t kPastDays = 7;
constexpr Milliseconds kRuleFor = std::chrono::hours{1};

Urgency urgency_of(const PacerOptions& options, const std::string& source) {
  const auto found = options.urgencies.find(source);
  return found == options.urgencies.end() ? options.other_sources : found->second;
}

double row_seconds(const outbox::PendingSource& waiting, TimePoint t) {
  return static_cast<double>(waiting.stale_rows * t.time_since_epoch().count() -
                             waiting.stale_since_sum_ms) /
         1000;
}

}  // namespace

PushPacer::PushPacer(PacerOptions options)
    : options_(std::move(options)), forecast_(history_, options_.calls_per_day) {
  if (options_.fixed_price) rule_ = kObservedRule;
}

std::size_t PushPacer::index_of(const std::string& source) {
  const auto [found, is_new] = numbers_.try_emplace(source, sources_.size());
  if (is_new) {
    const Urgency urgency = urgency_of(options_, source);
    sources_.push_back({.name = source, .urgency = urgency});
    rates_.add_source();
    shadows_.add_source(urgency);
  }
  return found->second;
}

void PushPacer::changed(const std::string& source, const RowChange& change, TimePoint now) {
  if (change.before == change.after) return;
  const std::size_t index = index_of(source);
  const double t = seconds(now);
  rates_.arrived(index, t);
  if (!options_.fixed_price) shadows_.changed(index, change, t, rates_.expected(index, t));
}

void PushPacer::waits(const outbox::PendingSource& waiting, TimePoint now) {
  const std::size_t index = index_of(waiting.source);
  sources_[index].waiting = waiting;
  queue_.set(index, due(index, now));
}

void PushPacer::sent(const std::string& source) {
  --calls_left_;
  const std::size_t index = index_of(source);
  sources_[index].waiting = {};
  queue_.set(index, std::nullopt);
}

std::optional<DuePush> PushPacer::next() const {
  if (calls_left_ <= 0) return std::nullopt;
  const auto first = queue_.first();
  if (!first) return std::nullopt;
  return DuePush{.source = sources_[first->second].name, .due = first->first};
}

void PushPacer::reprice(TimePoint now, std::int64_t calls_left) {
  calls_left_ = calls_left;
  rates_.refresh(seconds(now));
  if (options_.fixed_price) {
    price_ = *options_.fixed_price;
  } else {
    look_up_days(now);
    learn(now);
    choose_rule(now);
    const BudgetLeft left{.calls_per_day = static_cast<double>(options_.calls_per_day),
                          .calls = static_cast<double>(calls_left),
                          .seconds_left = seconds(days_.front().end - now)};
    price_ = solve_price(left, [&](std::size_t i) {
      return forecast_.until_midnight(shadow_of(rule_, i), now, days_);
    });
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) queue_.set(i, due(i, now));
}

// What the shadows have done since the last time goes into the history.
void PushPacer::learn(TimePoint now) {
  for (std::size_t i = 0; i < sources_.size(); ++i)
    shadows_.advance(i, seconds(now), rates_.expected(i, seconds(now)));
  const std::int64_t slot = slot_of(now - Milliseconds{1});
  if (history_.empty()) history_.open(slot_of(now));
  const ShadowTotals& totals = shadows_.totals();
  for (std::size_t i = 0; i < kShadowCount; ++i) {
    const double calls = totals.calls[i] - recorded_.calls[i];
    if (calls > 0) history_.add(slot, i, calls);
  }
  recorded_ = totals;
}

// Once an hour: the rule which would have cost least so far, calls and stale rows together, at
// about this price.
void PushPacer::choose_rule(TimePoint now) {
  if (!rule_chosen_) rule_chosen_ = now;
  if (now >= *rule_chosen_ && now - *rule_chosen_ < kRuleFor) return;
  rule_chosen_ = now;
  const std::size_t at = grid_index_at_least(price_);
  const ShadowTotals& totals = shadows_.totals();
  const auto cost = [&](std::size_t rule) {
    const std::size_t shadow = shadow_of(rule, at);
    return totals.stale_row_seconds[shadow] + grid_prices()[at] * totals.calls[shadow];
  };
  rule_ = 0;
  for (std::size_t rule = 1; rule < kRuleCount; ++rule) {
    if (cost(rule) < cost(rule_)) rule_ = rule;
  }
}

void PushPacer::look_up_days(TimePoint now) {
  if (!days_.empty() && now >= days_.front().begin && now < days_.front().end) return;
  days_ = {options_.org_day(now)};
  while (days_.size() <= kPastDays && !history_.empty() &&
         slot_of(days_.back().begin) > history_.first_slot())
    days_.push_back(options_.org_day(days_.back().begin - Milliseconds{1}));
  history_.forget_before(slot_of(days_.back().begin));
}

bool PushPacer::is_worth_it(std::size_t source, TimePoint t) const {
  const Source& s = sources_[source];
  const FlushRule& rule = kFlushRules[rule_];
  const double worth =
      rule.worth(static_cast<double>(s.waiting.stale_rows), row_seconds(s.waiting, t),
                 rule.mixed(rates_.expected(source, seconds(t))));
  return worth * s.urgency.weight >= price_;
}

std::optional<TimePoint> PushPacer::due(std::size_t source, TimePoint now) const {
  const Source& s = sources_[source];
  if (s.waiting.stale_rows == 0 || calls_left_ <= 0) return std::nullopt;
  std::optional<TimePoint> due;
  if (std::isfinite(price_)) {
    // At the latest, when observed row-seconds alone are worth it.
    const auto rows = static_cast<double>(s.waiting.stale_rows);
    const double missing =
        price_ / s.urgency.weight / (1 - kFlushRules[rule_].blend) - row_seconds(s.waiting, now);
    TimePoint early = now - Milliseconds{1};
    TimePoint late =
        now +
        Milliseconds(static_cast<std::int64_t>(std::ceil(std::max(missing, 0.0) / rows * 1000)));
    if (is_worth_it(source, now)) late = now;
    while (late - early > Milliseconds{1}) {
      const TimePoint middle = early + (late - early) / 2;
      (is_worth_it(source, middle) ? late : early) = middle;
    }
    due = late;
  }
  if (s.urgency.deadline <= Milliseconds{0}) return due;
  const TimePoint oldest{Milliseconds(s.waiting.oldest_stale_since_ms)};
  const TimePoint last = std::clamp(oldest + s.urgency.deadline, now, now + s.urgency.deadline);
  return due ? std::min(*due, last) : last;
}

}  // namespace weir::pacing
