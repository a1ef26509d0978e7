#include "pacing/push_pacer.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "pacing/first_moment.h"
#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// Days before today that the history reaches back.
constexpr std::size_t kPastDays = 8;
// With nothing known at all, a stale row of the mean weight waits no longer than an hour for a
// price to be solved.
constexpr double kFirstPrice = 3600;
// What one row piles up in such a share of the even pace, the next call of a data source must have
// saved when it and all together are a call ahead.
constexpr double kShareOfPace = 0.007;
// Data sources that together are further ahead than so much of the day's calls lose their leads
// more slowly: each may call at twice the even pace, but not all of them for hours.
constexpr double kFarAhead = 0.15;
constexpr double kFewCalls = 10;
// Deadlines that take more calls than there are get so much of an even share of each data source.
constexpr double kShareOfDeadlines = 0.25;
// Deadlines may force more calls than is forecast, by so many standard deviations.
constexpr double kSpread = 3;
// A forecast is wrong by less; that of a first day begins at all calls that are left.
constexpr double kSurelyTooMany = 1.2;
// A century in milliseconds. What is worth a call in a million years is told no better.
constexpr double kAgesMs = 3e12;
// In the last hour of the day a burst is paced as if an hour were left: calls that are left at
// midnight are worthless, but a thousand of them in ten minutes help nobody.
constexpr double kLeastSecondsLeft = 3600;

Urgency urgency_of(const PacerOptions& options, const std::string& source) {
  const auto found = options.urgencies.find(source);
  return found == options.urgencies.end() ? options.other_sources : found->second;
}

double row_seconds(const outbox::PendingSource& waiting, TimePoint t) {
  return static_cast<double>(waiting.stale_rows * t.time_since_epoch().count() -
                             waiting.stale_since_sum_ms) /
         1000;
}

// While rows are reckoned to come, one part in so many of the time counts as silence. It is what
// fits recorded weeks best, and nothing is decided by it.
constexpr int kSilence = 10;

}  // namespace

PushPacer::Batch PushPacer::batch_at(const outbox::PendingSource& waiting, const Growth& growth,
                                     TimePoint t) {
  const double elapsed = growth.rows_a_second > 0 ? seconds(t - growth.from) : 0;
  return {.rows = static_cast<double>(waiting.stale_rows) + growth.rows_a_second * elapsed,
          .row_seconds = row_seconds(waiting, t) + growth.rows_a_second * elapsed * elapsed / 2};
}

PushPacer::PushPacer(PacerOptions options)
    : options_(std::move(options)), forecast_(history_, options_.calls_per_day) {
  if (options_.fixed_price) rule_ = kObservedRule;
  for (const auto& [source, urgency] : options_.urgencies) weights_.add(urgency.weight);
  shadows_.set_mean_weight(weights_.value());
}

bool PushPacer::is_weighed(const std::string& source) const {
  return options_.urgencies.contains(source) || numbers_.contains(source) ||
         remembered_.contains(source);
}

void PushPacer::weigh(const std::string& source) {
  weights_.add(urgency_of(options_, source).weight);
  shadows_.set_mean_weight(weights_.value());
}

std::size_t PushPacer::index_of(const std::string& source, TimePoint now) {
  if (const auto found = numbers_.find(source); found != numbers_.end()) return found->second;
  const bool is_known = is_weighed(source);
  const std::size_t number = sources_.size();
  numbers_.emplace(source, number);
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
  if (!is_known) weigh(source);
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
  waiting_.insert(index);
  set_due(index, now);
}

void PushPacer::set_waiting(const std::vector<outbox::PendingSource>& waiting, TimePoint now) {
  std::unordered_set<std::size_t> waits_now;
  for (const outbox::PendingSource& source : waiting) {
    const std::size_t index = index_of(source.source, now);
    waits_now.insert(index);
    if (sources_[index].waiting != source) waits(source, now);
  }
  // Also those that are not due at all, as on a spent day.
  for (const std::size_t index : waiting_) {
    if (waits_now.contains(index)) continue;
    sources_[index].waiting = {};
    queue_.set(index, std::nullopt);
  }
  waiting_ = std::move(waits_now);
}

void PushPacer::sent(const std::string& source, TimePoint now) {
  const std::size_t index = index_of(source, now);
  sources_[index].lead.call(now, own_pace_);
  sources_[index].waiting = {};
  sources_[index].last_sent = now;
  queue_.set(index, std::nullopt);
}

void PushPacer::have_left(std::int64_t calls, TimePoint now) {
  if (calls >= left_.calls) return;
  lead_.call(now, pace_, static_cast<double>(left_.calls - calls));
  left_.calls = calls;
  // The fewer calls are left, the dearer is the next. Dues that were found before are too early.
  ++calls_made_;
  if (options_.fixed_price || days_.empty()) return;
  read_price(now);
}

void PushPacer::recall_calls(const std::vector<PastCall>& oldest_first) {
  for (const PastCall& call : oldest_first) {
    lead_.call(call.time, pace_);
    if (call.source.empty()) continue;
    Source& source = sources_[index_of(call.source, call.time)];
    source.lead.call(call.time, own_pace_);
    if (call.is_accepted) source.last_sent = call.time;
  }
  ++calls_made_;
}

// What the price is with what is left now.
void PushPacer::read_price(TimePoint now) {
  const auto calls = static_cast<double>(left_.calls);
  const double seconds = seconds_left(now);
  pace_ = std::max(seconds, kLeastSecondsLeft) / std::max(calls, 1.0);
  const double far = std::max(kFarAhead * static_cast<double>(options_.calls_per_day), kFewCalls);
  own_pace_ = pace_ * std::max(1.0, lead_.at(now, pace_) / far);
  price_ = price_at(calls, now);
}

double PushPacer::price_at(double calls, TimePoint now) const {
  const double price = curve_.price(calls, seconds_left(now));
  return is_first_price_ && std::isfinite(price) ? std::min(price, kFirstPrice * mean_weight_)
                                                 : price;
}

// Of more calls a day, as many as their share of what is left of it.
double PushPacer::price_with(std::int64_t more_calls_per_day, TimePoint now) const {
  if (options_.fixed_price || days_.empty()) return price_;
  const double day = seconds(days_.front().end - days_.front().begin);
  const double more = static_cast<double>(more_calls_per_day) * seconds_left(now) / day;
  return price_at(static_cast<double>(left_.calls) + more, now);
}

double PushPacer::seconds_left(TimePoint now) const {
  return std::max(seconds(days_.front().end - left_.doubt - now), 0.0);
}

std::optional<TimePoint> PushPacer::due_of(const std::string& source, TimePoint now) {
  const auto found = numbers_.find(source);
  if (found == numbers_.end() || left_.calls <= 0) return std::nullopt;
  // What was not due yet when calls were cheaper is not due now.
  if (const auto due = queue_.due(found->second); due && *due <= now)
    find_due_anew(found->second, now);
  return queue_.due(found->second);
}

void PushPacer::find_due_anew(std::size_t source, TimePoint now) {
  if (sources_[source].due_found_after != calls_made_) set_due(source, now);
}

bool PushPacer::is_forced(const std::string& source) const {
  const auto found = numbers_.find(source);
  return found != numbers_.end() && sources_[found->second].limited_by == LimitedBy::kDeadline;
}

std::optional<DuePush> PushPacer::next(TimePoint now) {
  if (left_.calls <= 0) return std::nullopt;
  auto first = queue_.first();
  while (first && sources_[first->second].due_found_after != calls_made_) {
    set_due(first->second, now);
    first = queue_.first();
  }
  if (!first) return std::nullopt;
  return DuePush{.source = sources_[first->second].name, .due = first->first};
}

void PushPacer::reprice(TimePoint now, const DayLeft& left, const PollForecast& polls) {
  have_left(left.calls, now);
  left_ = left;
  rates_.refresh(seconds(now));
  look_up_days(now);
  if (options_.fixed_price) {
    price_ = *options_.fixed_price;
  } else {
    is_first_price_ = history_.empty();
    learn(now);
    choose_rule(now);
    mean_weight_ = weights_.empty() ? polls.mean_weight() : weights_.value();
    BudgetLeft budget{.calls_per_day = static_cast<double>(options_.calls_per_day),
                      .calls = static_cast<double>(left.calls),
                      .seconds_left = seconds_left(now)};
    // Who polls and has never pushed is not expected to.
    const bool pushes = polls.empty() || !sources_.empty() || totals_.calls.front() > 0;
    const auto solve = [&] {
      CallsByPrice calls = pushes ? calls_by_price(now, now) : CallsByPrice{};
      fit_deadlines(calls, budget);
      if (pushes) expect_a_burst(calls, now);
      curve_ = PriceCurve(budget, calls, polls, mean_weight_);
      read_price(now);
    };
    solve();
    if (std::exchange(is_new_, false) && totals_.calls.front() > 0) {
      // What is remembered tells which rule is best at about this price.
      rule_ = best_rule();
      solve();
    }
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) set_due(i, now);
}

// No deadline forces two calls within its time.
double PushPacer::most_forced_calls(double seconds_left) const {
  double most = 0;
  const auto count = [&](Milliseconds deadline) {
    if (deadline > Milliseconds{0}) most += 1 + seconds_left / seconds(deadline);
  };
  for (const Source& source : sources_) count(source.urgency.deadline);
  for (const auto& [source, known] : remembered_) count(urgency_of(options_, source).deadline);
  return most;
}

// Deadlines that take more calls than are left would spend them all, evenly, and leave none to the
// price: they get a quarter of an even share, and the price is solved as if there were none.
void PushPacer::fit_deadlines(CallsByPrice& calls, BudgetLeft& budget) {
  const double most = most_forced_calls(budget.seconds_left);
  const double needed = std::min(calls.back(), most);
  const double forced = std::min(forced_calls(calls), most);
  const double too_many = kSurelyTooMany * budget.calls;
  deadlines_need_.reset();
  if (needed <= too_many || (forced <= too_many && forced <= needed / 2)) {
    budget.forced = forced;
    budget.kept = std::min(kSpread * std::sqrt(forced), most - forced);
    return;
  }
  deadlines_need_ = needed;
  leave_to_price(calls);
}

// With deadlines that cannot all be kept, the shortest that can be.
Milliseconds PushPacer::deadline_of(const Source& source) const {
  if (source.urgency.deadline <= Milliseconds{0} || !deadlines_need_)
    return source.urgency.deadline;
  const double even_share = pace_ * static_cast<double>(sources_.size());
  return std::max(source.urgency.deadline,
                  Milliseconds(static_cast<std::int64_t>(1000 * even_share / kShareOfDeadlines)));
}

void PushPacer::look_up_days(TimePoint now) {
  days_ = {options_.org_day(now)};
  while (days_.size() <= kPastDays && !history_.empty() &&
         slot_of(days_.back().begin) > history_.first_slot())
    days_.push_back(options_.org_day(days_.back().begin - Milliseconds{1}));
  history_.forget_before(slot_of(days_.back().begin));
}

// Rows that come keep a data source lively, and silence makes up so little of the time.
TimePoint PushPacer::lively_until(const Growth& growth, TimePoint t) {
  return growth.rows_a_second > 0 ? growth.from + (t - growth.from) / kSilence : t;
}

// By how much the batch is worth more than it must be; below 0 it is not worth a call yet.
// Row-seconds that have piled up, not those that quieter hours lead to expect, must outweigh the
// lead.
double PushPacer::surplus(std::size_t source, const Growth& growth, TimePoint t) const {
  const Source& s = sources_[source];
  const Batch batch = batch_at(s.waiting, growth, t);
  return std::min(batch.row_seconds * s.urgency.weight - needed_by_lead(s, t),
                  worth(source, batch, lively_until(growth, t)) - price_);
}

double PushPacer::worth(std::size_t source, const Batch& batch, TimePoint t) const {
  const FlushRule& rule = kFlushRules[rule_];
  return sources_[source].urgency.weight *
         rule.worth(batch.rows, batch.row_seconds, rule.rate(rates_.expected(source, seconds(t))));
}

// A data source that is k calls ahead, alone, waits for the third power of k: a burst of N rows in
// S seconds makes about (N S)^(1/5) calls. Many that are ahead together count as the square of all.
double PushPacer::needed_by_lead(const Source& source, TimePoint t) const {
  if (options_.fixed_price) return 0;
  const double own = source.lead.at(t, own_pace_);
  const double all = std::max(lead_.at(t, pace_), own);
  return kShareOfPace * mean_weight_ * pace_ * own * all * all;
}

// The first moment at which the batch is worth the price; at the latest, when its row-seconds alone
// are.
std::optional<TimePoint> PushPacer::worth_it_at(std::size_t index, const Growth& growth,
                                                TimePoint now) const {
  const Source& source = sources_[index];
  if (!std::isfinite(price_)) return std::nullopt;
  const auto surplus_at = [&](TimePoint t) { return surplus(index, growth, t); };
  const double surplus_now = surplus_at(now);
  if (surplus_now >= 0) return now;
  const auto rows = static_cast<double>(source.waiting.stale_rows);
  const double enough =
      std::max(price_ / (1 - kFlushRules[rule_].blend), needed_by_lead(source, now)) /
      source.urgency.weight;
  // What is stale since a moment ahead of the clock waits no longer than what is stale since now.
  const double missing = std::clamp(enough - row_seconds(source.waiting, now), 0.0, enough);
  const TimePoint late =
      now +
      Milliseconds(static_cast<std::int64_t>(std::min(std::ceil(missing / rows * 1000), kAgesMs)));
  return first_moment(now, surplus_now, late, surplus_at);
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
  const std::optional<Due> next = due(source, {}, now);
  s.limited_by = next ? next->limited_by : LimitedBy::kNothingWaits;
  s.due_found_after = calls_made_;
  queue_.set(source, next ? std::optional(next->at) : std::nullopt);
}

std::optional<PushPacer::Due> PushPacer::due(std::size_t index, const Growth& growth,
                                             TimePoint now) const {
  const Source& source = sources_[index];
  if (left_.calls <= 0) return std::nullopt;
  // A replace without rows has nothing that grows stale, and is due at once.
  if (source.waiting.stale_rows == 0)
    return source.waiting.replace_next ? std::optional(Due{}) : std::nullopt;
  std::optional<Due> due;
  if (const std::optional<TimePoint> worth = worth_it_at(index, growth, now)) due = Due{*worth};
  const auto not_before = [&](TimePoint moment, LimitedBy limited_by) {
    if (moment > due->at) due = Due{.at = moment, .limited_by = limited_by};
  };
  if (due && source.last_sent)
    not_before(std::min(*source.last_sent, now) + source.urgency.shortest, LimitedBy::kShortest);
  if (due) not_before(outside_of_doubt(due->at), LimitedBy::kDaySpent);
  if (const Milliseconds deadline = deadline_of(source); deadline > Milliseconds{0}) {
    const TimePoint oldest{Milliseconds(source.waiting.oldest_stale_since_ms)};
    const TimePoint last = std::clamp(oldest + deadline, now, now + deadline);
    if (!due || last < due->at) return Due{.at = last, .limited_by = LimitedBy::kDeadline};
  }
  return due;
}

}  // namespace weir::pacing
