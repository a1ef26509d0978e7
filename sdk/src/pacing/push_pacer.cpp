#include "pacing/push_pacer.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <unordered_set>
#include <utility>

#include "pacing/price_controller.h"
#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// Days before today that the history reaches back.
constexpr std::size_t kPastDays = 7;
constexpr Milliseconds kRuleFor = std::chrono::hours{1};
// Where a shadow's calls happen to lie is chance; those at the prices around it have lived through
// the same changes at other moments. So many on each side are averaged: up and down by a factor of
// 1.8.
constexpr std::size_t kPricesAround = 2;
// With nothing known at all, a stale row waits no longer than an hour for a price to be solved.
constexpr double kFirstPrice = 3600;

Urgency urgency_of(const PacerOptions& options, const std::string& source) {
  const auto found = options.urgencies.find(source);
  return found == options.urgencies.end() ? options.other_sources : found->second;
}

// An equal number on both sides of one.
struct PricesAround {
  explicit PricesAround(std::size_t i) {
    const std::size_t around = std::min({kPricesAround, i > 0 ? i - 1 : 0, kPriceCount - 1 - i});
    first = i - around;
    last = i + around;
  }
  double count() const { return static_cast<double>(last - first + 1); }

  std::size_t first;
  std::size_t last;
};

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

std::size_t PushPacer::index_of(const std::string& source, TimePoint now) {
  const auto [found, is_new] = numbers_.try_emplace(source, sources_.size());
  const std::size_t number = found->second;
  if (!is_new) return number;
  try {
    const Urgency urgency = urgency_of(options_, source);
    sources_.push_back({.name = source, .urgency = urgency});
    rates_.add_source();
    shadows_.add_source(urgency);
    if (const auto known = remembered_.extract(source))
      rates_.recall(number, known.mapped(), seconds(now));
  } catch (const std::bad_alloc&) {
    // Each has as many as the others, or numbers mean nothing.
    sources_.resize(number);
    rates_.keep_sources(number);
    shadows_.keep_sources(number);
    numbers_.erase(source);
    throw;
  }
  return number;
}

void PushPacer::changed(const std::string& source, const RowChange& change, TimePoint now) {
  if (change.before == change.after) return;
  const std::size_t index = index_of(source, now);
  const double t = seconds(now);
  // Until now nothing was known of this change.
  if (!options_.fixed_price) shadows_.advance(index, t, rates_.expected(index, t));
  rates_.arrived(index, kind_of(change), t);
  if (!options_.fixed_price) shadows_.changed(index, change, t, rates_.expected(index, t));
}

void PushPacer::waits(const outbox::PendingSource& waiting, TimePoint now) {
  const std::size_t index = index_of(waiting.source, now);
  sources_[index].waiting = waiting;
  set_due(index, now);
}

void PushPacer::set_waiting(const std::vector<outbox::PendingSource>& waiting, TimePoint now) {
  std::unordered_set<std::size_t> waits_now;
  for (const outbox::PendingSource& source : waiting) {
    const std::size_t index = index_of(source.source, now);
    waits_now.insert(index);
    if (sources_[index].waiting != source) waits(source, now);
  }
  std::vector<std::size_t> settled;
  for (const std::size_t index : queue_.all()) {
    if (!waits_now.contains(index)) settled.push_back(index);
  }
  for (const std::size_t index : settled) {
    sources_[index].waiting = {};
    queue_.set(index, std::nullopt);
  }
}

void PushPacer::sent(const std::string& source, TimePoint now) {
  --left_.calls;
  const std::size_t index = index_of(source, now);
  sources_[index].waiting = {};
  sources_[index].last_sent = now;
  queue_.set(index, std::nullopt);
}

std::optional<TimePoint> PushPacer::due_of(const std::string& source) const {
  const auto found = numbers_.find(source);
  if (found == numbers_.end() || left_.calls <= 0) return std::nullopt;
  return queue_.due(found->second);
}

bool PushPacer::is_forced(const std::string& source) const {
  const auto found = numbers_.find(source);
  return found != numbers_.end() && sources_[found->second].is_forced;
}

std::optional<DuePush> PushPacer::next() const {
  if (left_.calls <= 0) return std::nullopt;
  const auto first = queue_.first();
  if (!first) return std::nullopt;
  return DuePush{.source = sources_[first->second].name, .due = first->first};
}

void PushPacer::reprice(TimePoint now, const DayLeft& left, const PollForecast& polls) {
  left_ = left;
  rates_.refresh(seconds(now));
  look_up_days(now);
  if (options_.fixed_price) {
    price_ = *options_.fixed_price;
  } else {
    const bool knows_nothing = history_.empty();
    learn(now);
    choose_rule(now);
    const TimePoint end = days_.front().end - left.doubt;
    const BudgetLeft budget{.calls_per_day = static_cast<double>(options_.calls_per_day),
                            .calls = static_cast<double>(left.calls),
                            .seconds_left = std::max(seconds(end - now), 0.0)};
    // Who polls and has never pushed is not expected to.
    const bool pushes = polls.empty() || !sources_.empty() || totals_.calls.front() > 0;
    const auto pushes_at = [&](std::size_t i) { return pushes ? calls_at(i, now) : 0.0; };
    price_ = solve_price(budget, pushes_at, polls);
    if (std::exchange(is_new_, false) && totals_.calls.front() > 0) {
      // What is remembered tells which rule is best at about this price.
      rule_ = best_rule();
      price_ = solve_price(budget, pushes_at, polls);
    }
    if (knows_nothing && std::isfinite(price_)) price_ = std::min(price_, kFirstPrice);
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) set_due(i, now);
}

// The calls until midnight at grid price i. The logarithm of calls is nearly straight in that of
// the price, so that the geometric mean over the prices around it has no bias.
double PushPacer::calls_at(std::size_t i, TimePoint now) const {
  const PricesAround prices(i);
  double logarithms = 0;
  for (std::size_t k = prices.first; k <= prices.last; ++k)
    logarithms += std::log1p(forecast_.until_midnight(shadow_of(rule_, k), now, days_));
  return std::expm1(logarithms / prices.count());
}

// What the shadows have done since the last time goes into the history and the totals.
void PushPacer::learn(TimePoint now) {
  for (std::size_t i = 0; i < sources_.size(); ++i)
    shadows_.advance(i, seconds(now), rates_.expected(i, seconds(now)));
  add_to_history(now);
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
void PushPacer::add_to_history(TimePoint now) {
  std::array<double, kShadowCount> calls = shadows_.totals().calls;
  for (std::size_t i = 0; i < sources_.size(); ++i)
    shadows_.add_progress(i, rates_.expected(i, seconds(now)), calls);
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
  for (const auto& [source, arrivals] : known.arrivals.sources) {
    const auto found = numbers_.find(source);
    if (found == numbers_.end()) {
      remembered_[source] = arrivals;
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
  const PricesAround prices(grid_index_at_least(price_));
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

void PushPacer::look_up_days(TimePoint now) {
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
                 rule.rate(rates_.expected(source, seconds(t))));
  return worth * s.urgency.weight >= price_;
}

// The first moment at which the batch is worth the price; at the latest, when its row-seconds alone
// are.
std::optional<TimePoint> PushPacer::worth_it_at(const Source& source, std::size_t index,
                                                TimePoint now) const {
  if (!std::isfinite(price_)) return std::nullopt;
  const auto rows = static_cast<double>(source.waiting.stale_rows);
  const double enough = price_ / source.urgency.weight / (1 - kFlushRules[rule_].blend);
  // What is stale since a moment ahead of the clock waits no longer than what is stale since now.
  const double missing = std::clamp(enough - row_seconds(source.waiting, now), 0.0, enough);
  TimePoint early = now - Milliseconds{1};
  TimePoint late = now + Milliseconds(static_cast<std::int64_t>(std::ceil(missing / rows * 1000)));
  if (is_worth_it(index, now)) late = now;
  while (late - early > Milliseconds{1}) {
    const TimePoint middle = early + (late - early) / 2;
    (is_worth_it(index, middle) ? late : early) = middle;
  }
  return late;
}

// A call around midnight would count for both days.
TimePoint PushPacer::outside_of_doubt(TimePoint due) const {
  if (left_.doubt <= Milliseconds{0} || days_.empty()) return due;
  for (const TimePoint midnight : {days_.front().begin, days_.front().end}) {
    if (due >= midnight - left_.doubt && due < midnight + left_.doubt)
      return midnight + left_.doubt;
  }
  return due;
}

void PushPacer::set_due(std::size_t source, TimePoint now) {
  Source& s = sources_[source];
  const std::optional<Due> next = due(s, source, now);
  s.is_forced = next && next->is_forced;
  queue_.set(source, next ? std::optional(next->at) : std::nullopt);
}

std::optional<PushPacer::Due> PushPacer::due(const Source& source, std::size_t index,
                                             TimePoint now) const {
  if (left_.calls <= 0) return std::nullopt;
  // A replace without rows has nothing that grows stale, and is due at once.
  if (source.waiting.stale_rows == 0)
    return source.waiting.replace_next ? std::optional(Due{}) : std::nullopt;
  std::optional<TimePoint> due = worth_it_at(source, index, now);
  if (due && source.last_sent)
    due = std::max(*due, std::min(*source.last_sent, now) + source.urgency.shortest);
  if (due) due = outside_of_doubt(*due);
  if (source.urgency.deadline > Milliseconds{0}) {
    const TimePoint oldest{Milliseconds(source.waiting.oldest_stale_since_ms)};
    const TimePoint last =
        std::clamp(oldest + source.urgency.deadline, now, now + source.urgency.deadline);
    if (!due || last < *due) return Due{.at = last, .is_forced = true};
  }
  return due ? std::optional(Due{.at = *due}) : std::nullopt;
}

}  // namespace weir::pacing
