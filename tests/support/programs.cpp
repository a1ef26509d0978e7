#include "support/programs.h"

#include <algorithm>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using pacing::kSlot;

constexpr Milliseconds kDay = 24h;
const TimePoint kFirstMidnight{kDay * 1000};
constexpr int kPastDays = 7;

pacing::OrgDay utc_day(TimePoint time) {
  const TimePoint begin{time.time_since_epoch() / kDay * kDay};
  return {.begin = begin, .end = begin + kDay};
}

// Days on which changes were few, at any price: 200 calls each.
pacing::Learned quiet_days() {
  pacing::Learned known;
  for (std::int64_t slot = pacing::slot_of(kFirstMidnight);
       slot < pacing::slot_of(kFirstMidnight + kPastDays * kDay); ++slot)
    known.slots[slot].fill(200.0F / (kDay / kSlot));
  return known;
}

}  // namespace

Programs::Programs(std::size_t count)
    : known_(quiet_days()),
      now_(kFirstMidnight + kPastDays * kDay + 10h),
      next_reprice_(now_ + pacing::kRepriceEvery) {
  for (std::size_t i = 0; i < count; ++i) pacers_.push_back(new_pacer());
  for (const auto& pacer : pacers_) pacer->remember(known_, now_);
  reprice();
}

std::unique_ptr<pacing::PushPacer> Programs::new_pacer() {
  return std::make_unique<pacing::PushPacer>(pacing::PacerOptions{.org_day = utc_day});
}

std::int64_t Programs::waiting() const {
  std::int64_t rows = 0;
  for (const auto& [name, source] : waiting_) rows += source.stale_rows;
  return rows;
}

void Programs::change(std::size_t program, const std::string& source) {
  outbox::PendingSource& waits = waiting_[source];
  waits.source = source;
  const std::int64_t at = now_.time_since_epoch().count();
  if (waits.stale_rows++ == 0) waits.oldest_stale_since_ms = at;
  waits.newest_stale_since_ms = at;
  waits.stale_since_sum_ms += at;
  pacers_[program]->changed(source, {.key = ++key_, .after = 1}, now_);
  for (const auto& pacer : pacers_) pacer->waits(waits, now_);
  send_what_is_due();
}

void Programs::pass(Milliseconds time) {
  const TimePoint end = now_ + time;
  while (true) {
    const std::optional<Due> due = next();
    const TimePoint at = due ? std::min(due->push.due, next_reprice_) : next_reprice_;
    if (at > end) break;
    pass_time(std::max(at, now_));
    if (now_ >= next_reprice_) reprice();
    send_what_is_due();
  }
  pass_time(end);
}

void Programs::import(int rows, Milliseconds within, bool into_one_source) {
  for (int i = 0; i < rows; ++i) {
    const std::size_t program = static_cast<std::size_t>(i) % pacers_.size();
    change(program, into_one_source ? "A" : "A" + std::to_string(program));
    pass(within * (i + 1) / rows - within * i / rows);
  }
}

void Programs::restart(std::size_t program) {
  const pacing::Learned learned = pacers_[program]->take_learned();
  for (const auto& [slot, calls] : learned.slots) {
    for (std::size_t i = 0; i < calls.size(); ++i) known_.slots[slot].at(i) += calls.at(i);
  }
  pacing::add(known_.totals, learned.totals);
  known_.arrivals = learned.arrivals;
  pacers_[program] = new_pacer();
  pacers_[program]->remember(known_, now_);
  pacers_[program]->reprice(now_, {.calls = calls_left_});
  for (const auto& [name, waits] : waiting_) pacers_[program]->waits(waits, now_);
  send_what_is_due();
}

std::optional<Programs::Due> Programs::next() {
  std::optional<Due> first;
  for (std::size_t i = 0; i < pacers_.size(); ++i) {
    const std::optional<pacing::DuePush> push = pacers_[i]->next(now_);
    if (push && (!first || push->due < first->push.due)) first = Due{.program = i, .push = *push};
  }
  return first;
}

void Programs::pass_time(TimePoint to) {
  stale_row_seconds_ +=
      static_cast<double>(waiting()) * std::chrono::duration<double>(to - now_).count();
  now_ = to;
}

void Programs::send_what_is_due() {
  for (auto due = next(); due && due->push.due <= now_; due = next()) {
    const std::string& source = due->push.source;
    ++calls_;
    --calls_left_;
    waiting_.erase(source);
    pacers_[due->program]->sent(source, now_);
    for (std::size_t i = 0; i < pacers_.size(); ++i) {
      pacers_[i]->have_left(calls_left_, now_);
      if (i != due->program) pacers_[i]->waits({.source = source}, now_);
    }
  }
}

void Programs::reprice() {
  next_reprice_ = now_ + pacing::kRepriceEvery;
  for (const auto& pacer : pacers_) pacer->reprice(now_, {.calls = calls_left_});
}

}  // namespace weir::testing
