#include "pacing/shadows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

// Of one row; more than the shadows can hold.
constexpr std::size_t kMostVersions = 2 * kShadowCount;

constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

void Shadows::add_source(const Urgency& urgency) {
  sources_.emplace_back();
  sources_.back().urgency = urgency;
}

void Shadows::advance(std::size_t index, double t, const ExpectedRate& rate) {
  Source& source = sources_[index];
  // A clock that was set back does not run backwards here.
  const double elapsed = std::max(t - source.at, 0.0);
  if (source.anything_waits && elapsed > 0) pass_time(source, elapsed, rate);
  source.at = t;
  source.rate = rate;
}

void Shadows::pass_time(Source& source, double elapsed, const ExpectedRate& rate) {
  bool anything_waits = false;
  for (std::size_t rule = 0; rule < kRuleCount; ++rule) {
    const FlushRule::Rate now = kFlushRules[rule].rate(rate);
    for (std::size_t i = 0; i < kPriceCount; ++i) {
      const std::size_t shadow = shadow_of(rule, i);
      if (source.shadows[shadow].rows != 0 && pass_time(source, shadow, elapsed, rate, now))
        anything_waits = true;
    }
  }
  source.anything_waits = anything_waits;
}

void Shadows::add_progress(std::size_t index, const ExpectedRate& rate,
                           std::array<double, kShadowCount>& progress) const {
  const Source& source = sources_[index];
  if (!source.anything_waits) return;
  const double weight = weight_of(source);
  for (std::size_t rule = 0; rule < kRuleCount; ++rule) {
    const FlushRule::Rate now = kFlushRules[rule].rate(rate);
    for (std::size_t i = 1; i < kPriceCount; ++i) {
      const std::size_t shadow = shadow_of(rule, i);
      const Waiting& waiting = source.shadows[shadow];
      if (waiting.rows == 0) continue;
      const double worth = kFlushRules[rule].worth(waiting.rows, waiting.row_seconds, now);
      const double of_price = worth * weight / grid_prices()[i];
      progress[shadow] += std::sqrt(std::clamp(of_price, 0.0, 1.0));
    }
  }
}

double Shadows::price_of(const Source& source, std::size_t shadow) const {
  return grid_prices()[shadow % kPriceCount] * mean_weight_ / source.urgency.weight;
}

// False when the price was reached meanwhile: the shadow has sent then, not now.
bool Shadows::pass_time(Source& source, std::size_t shadow, double elapsed,
                        const ExpectedRate& rate, const FlushRule::Rate& at_end) {
  const FlushRule& rule = kFlushRules[shadow / kPriceCount];
  Waiting& waiting = source.shadows[shadow];
  const double rows = waiting.rows;
  const double deadline =
      source.urgency.deadline > Milliseconds{0} ? seconds(source.urgency.deadline) : kNever;
  double sent_after = std::max(deadline - (source.at - source.began - waiting.first_stale), 0.0);
  const double worth = rule.worth(rows, waiting.row_seconds + rows * elapsed, at_end);
  if (worth >= price_of(source, shadow))
    sent_after = std::min(sent_after, worth_it_after(source, shadow, elapsed, rate));
  totals_.stale_row_seconds[shadow] += rows * std::min(sent_after, elapsed) * weight_of(source);
  if (sent_after <= elapsed) {
    totals_.calls[shadow] += 1;
    waiting = {.sent = source.changes};
    return false;
  }
  waiting.row_seconds += static_cast<float>(rows * elapsed);
  return true;
}

// After how many of the `elapsed` seconds the batch is worth the price, when it is at their end.
// Within a step of the silence the rate changes evenly, from that at the beginning to `rate`.
double Shadows::worth_it_after(const Source& source, std::size_t shadow, double elapsed,
                               const ExpectedRate& rate) const {
  const FlushRule& rule = kFlushRules[shadow / kPriceCount];
  const Waiting& waiting = source.shadows[shadow];
  const double price = price_of(source, shadow);
  const double begin = std::max(rate.since_last - elapsed, 0.0);
  const double end = begin + elapsed;
  const auto worth = [&](double silence, double step) {
    const double after = silence - begin;
    ExpectedRate then = rate;
    then.lasting = std::lerp(source.rate.lasting, rate.lasting, after / elapsed);
    then.now = std::lerp(source.rate.now, rate.now, after / elapsed);
    return rule.worth(waiting.rows, waiting.row_seconds + waiting.rows * after,
                      rule.rate(then, step));
  };
  double from = begin;
  double to = std::min(Clustering::step_end(from), end);
  while (to < end && worth(to, from) < price)
    to = std::min(Clustering::step_end(std::exchange(from, to)), end);
  // The last moment may begin a step of its own.
  if (worth(to, from) < price) return elapsed;
  const double worth_from = worth(from, from);
  if (worth_from >= price) return from - begin;
  return from - begin + (to - from) * (price - worth_from) / (worth(to, from) - worth_from);
}

void Shadows::changed(std::size_t index, const RowChange& change, double t,
                      const ExpectedRate& rate) {
  advance(index, t, rate);
  Source& source = sources_[index];
  if (source.changes == 0) source.began = t;
  if (!source.anything_waits) {
    // Every shadow has sent all there was.
    source.rows.clear();
    source.versions_kept = 0;
    for (Waiting& waiting : source.shadows) waiting.sent = source.changes;
  }
  RowVersions& row = source.rows.try_emplace(change.key, change.before).first->second;
  take(source, row, change, rate);
  ++source.changes;
  row.add({.change = source.changes, .value = change.after, .since = t});
  source.rate = rate;
  // A shadow that sent at once has sent this change too.
  for (Waiting& waiting : source.shadows) {
    if (waiting.rows == 0) waiting.sent = source.changes;
  }
  if (row.size() > kMostVersions) row.keep_held(sent_by_waiting(source));
  if (++source.versions_kept > source.versions_limit) forget(source);
}

void Shadows::take(Source& source, const RowVersions& row, const RowChange& change,
                   const ExpectedRate& rate) {
  std::size_t held = row.size() - 1;
  for (std::size_t shadow = 0; shadow < kShadowCount; ++shadow) {
    Waiting& waiting = source.shadows[shadow];
    held = row.held_at(waiting.sent, held);
    add_effect(waiting, row.effect(held, change.after), source.at, source.began);
    if (waiting.rows == 0) continue;
    const FlushRule& rule = kFlushRules[shadow / kPriceCount];
    const double worth = rule.worth(waiting.rows, waiting.row_seconds, rule.rate(rate));
    if (worth >= price_of(source, shadow)) {
      totals_.calls[shadow] += 1;
      waiting = {};
    } else {
      source.anything_waits = true;
    }
  }
}

// A row that returns to the platform's value takes its row-seconds with it.
void Shadows::add_effect(Waiting& waiting, const RowEffect& effect, double now, double began) {
  if (effect.was_stale == effect.is_stale) return;
  if (effect.is_stale) {
    if (waiting.rows == 0) waiting.first_stale = static_cast<float>(now - began);
    waiting.rows += 1;
    return;
  }
  waiting.rows -= 1;
  waiting.row_seconds -= static_cast<float>(std::max(now - effect.stale_since, 0.0));
  if (waiting.rows <= 0) waiting = {.sent = waiting.sent};
}

std::vector<std::uint32_t> Shadows::sent_by_waiting(const Source& source) {
  std::vector<std::uint32_t> sent;
  for (const Waiting& waiting : source.shadows) {
    if (waiting.rows != 0) sent.push_back(waiting.sent);
  }
  std::sort(sent.begin(), sent.end());
  return sent;
}

// What no shadow can need any more; how much may gather until the next look grows with what is
// needed, so that a change costs no more than a look at its own row.
void Shadows::forget(Source& source) {
  std::uint32_t oldest = source.changes;
  for (const Waiting& waiting : source.shadows) {
    if (waiting.rows != 0) oldest = std::min(oldest, waiting.sent);
  }
  source.versions_kept = 0;
  for (auto row = source.rows.begin(); row != source.rows.end();) {
    if (row->second.forget_before(oldest)) {
      row = source.rows.erase(row);
    } else {
      source.versions_kept += row->second.size();
      ++row;
    }
  }
  source.versions_limit = 64 + 2 * source.versions_kept;
}

}  // namespace weir::pacing
