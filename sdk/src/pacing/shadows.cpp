#include "pacing/shadows.h"

#include <algorithm>
#include <cmath>
#include <limits>

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
}

void Shadows::pass_time(Source& source, double elapsed, const ExpectedRate& rate) {
  bool anything_waits = false;
  for (std::size_t rule = 0; rule < kRuleCount; ++rule) {
    const double arrivals = kFlushRules[rule].mixed(rate);
    for (std::size_t i = 0; i < kPriceCount; ++i) {
      const std::size_t shadow = shadow_of(rule, i);
      if (source.shadows[shadow].rows != 0 && pass_time(source, shadow, elapsed, rate, arrivals))
        anything_waits = true;
    }
  }
  source.anything_waits = anything_waits;
}

void Shadows::add_progress(std::size_t index, const ExpectedRate& rate,
                           std::array<double, kShadowCount>& progress) const {
  const Source& source = sources_[index];
  if (!source.anything_waits) return;
  for (std::size_t rule = 0; rule < kRuleCount; ++rule) {
    const double arrivals = kFlushRules[rule].mixed(rate);
    for (std::size_t i = 1; i < kPriceCount; ++i) {
      const std::size_t shadow = shadow_of(rule, i);
      const Waiting& waiting = source.shadows[shadow];
      if (waiting.rows == 0) continue;
      const double worth = kFlushRules[rule].worth(waiting.rows, waiting.row_seconds, arrivals);
      const double of_price = worth * source.urgency.weight / grid_prices()[i];
      progress[shadow] += std::sqrt(std::clamp(of_price, 0.0, 1.0));
    }
  }
}

// False when the price was reached meanwhile: the shadow has sent then, not now.
bool Shadows::pass_time(Source& source, std::size_t shadow, double elapsed,
                        const ExpectedRate& rate, double arrivals) {
  const FlushRule& rule = kFlushRules[shadow / kPriceCount];
  const double price = grid_prices()[shadow % kPriceCount] / source.urgency.weight;
  const double deadline =
      source.urgency.deadline > Milliseconds{0} ? seconds(source.urgency.deadline) : kNever;
  Waiting& waiting = source.shadows[shadow];
  const double rows = waiting.rows;
  const double grown = rows * elapsed;
  const double waited_in_all = source.at - source.began + elapsed - waiting.first_stale;
  const double late = std::max(worth_since(rule, waiting, price, elapsed, rate, arrivals),
                               waited_in_all - deadline);
  const double waited = late >= 0 ? std::max(elapsed - late, 0.0) : elapsed;
  totals_.stale_row_seconds[shadow] += rows * waited * source.urgency.weight;
  if (late >= 0) {
    totals_.calls[shadow] += 1;
    waiting = {.sent = source.changes};
    return false;
  }
  waiting.row_seconds += static_cast<float>(grown);
  return true;
}

// For how long the batch has been worth the price when `elapsed` seconds are over; negative: not
// yet. `arrivals`: the rule's rate at their end; in an earlier step of the silence it may be
// higher.
double Shadows::worth_since(const FlushRule& rule, const Waiting& waiting, double price,
                            double elapsed, const ExpectedRate& rate, double arrivals) {
  const double rows = waiting.rows;
  const auto since = [&](double changes_per_second) {
    const double worth = rule.worth(rows, waiting.row_seconds + rows * elapsed, changes_per_second);
    return (worth - price) / ((1 - rule.blend) * rows);
  };
  const double in_last_step = since(arrivals);
  if (in_last_step < 0 || rule.clustered == 0 || !rate.clustering) return in_last_step;
  double from = std::max(rate.since_last - elapsed, 0.0);
  for (double to = Clustering::step_end(from); to < rate.since_last;
       to = Clustering::step_end(to)) {
    const double in_step = since(rule.mixed(rate, from));
    if (in_step >= rate.since_last - to) return std::min(in_step, rate.since_last - from);
    from = to;
  }
  return std::min(in_last_step, rate.since_last - from);
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
    const double worth = rule.worth(waiting.rows, waiting.row_seconds, rule.mixed(rate));
    if (worth >= grid_prices()[shadow % kPriceCount] / source.urgency.weight) {
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
