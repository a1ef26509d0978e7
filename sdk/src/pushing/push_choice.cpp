// Which batch the push loop sends next, and why one is not. Everything here is called with
// choosing_ held, but for waiting_for(), why() and sent_by().
#include <algorithm>
#include <utility>

#include "pushing/errand.h"
#include "pushing/push_loop.h"

namespace weir {
namespace {

Error stopped() {
  return {.code = ErrorCode::kCancelled, .message = "stopped; unsent changes stay in the outbox"};
}

void show_by_own_clock(outbox::PendingSource& waits, Milliseconds ahead) {
  if (waits.stale_rows == 0) return;
  waits.stale_since_sum_ms += waits.stale_rows * ahead.count();
  waits.oldest_stale_since_ms += ahead.count();
  waits.newest_stale_since_ms += ahead.count();
}

Error is_sending_already() {
  return {.code = ErrorCode::kInvalidArgument,
          .message =
              "a callback that is called while a batch is sent cannot send the same data "
              "source; send after it has returned"};
}

LimitedBy limited_by(const Error& failure) {
  switch (failure.code) {
    case ErrorCode::kBusy:
      return LimitedBy::kWriter;
    case ErrorCode::kTooManyConnections:
      return LimitedBy::kConnection;
    case ErrorCode::kBudgetExhausted:
      return LimitedBy::kDaySpent;
    default:
      return LimitedBy::kRest;
  }
}

}  // namespace

Result<std::vector<outbox::PendingSource>> PushLoop::waiting_for(
    const std::optional<std::string>& source) {
  const Result<TimePoint> now = seams_.shared_clock.now();
  if (!now) return now.error();
  Result<std::vector<outbox::PendingSource>> waiting = seams_.outbox.pending();
  const auto is_ahead = [&](const outbox::PendingSource& waits) {
    return TimePoint{Milliseconds(waits.newest_stale_since_ms)} > *now;
  };
  // Else such rows would be due only when the clock has come that far again.
  if (waiting && std::any_of(waiting->begin(), waiting->end(), is_ahead)) {
    if (Result<void> brought = seams_.outbox.bring_back_to(*now); !brought) return brought.error();
    waiting = seams_.outbox.pending();
  }
  if (!waiting) return waiting;
  if (source) std::erase_if(*waiting, [&](const auto& other) { return other.source != *source; });
  const Result<Milliseconds> ahead = seams_.shared_clock.ahead();
  if (!ahead) return ahead.error();
  for (outbox::PendingSource& waits : *waiting) show_by_own_clock(waits, *ahead);
  return waiting;
}

// A note that this process has left, and that is there no more, was removed by who could send.
Result<void> PushLoop::look_for_ended_halts(TimePoint now) {
  if (noted_halts_.empty()) return {};
  const Result<std::vector<HaltedSource>> halts = seams_.outbox.halts(now);
  if (!halts) return halts.error();
  std::erase_if(noted_halts_, [&](const std::string& source) {
    if (std::any_of(halts->begin(), halts->end(),
                    [&](const HaltedSource& halt) { return halt.source == source; }))
      return false;
    schedule_.ended_elsewhere(source);
    if (!source.empty()) seams_.health.worked(HealthNotes::Kind::kPushes, source, now);
    return true;
  });
  return {};
}

// However short the time, everything is tried once.
bool PushLoop::may_begin(const Errand& errand) const {
  return !errand.has_tried || errand.context.left(seams_.clock->steady_now()) > Milliseconds{0};
}

// A choice to send marks the data source; nothing fails after that.
Result<PushLoop::Choice> PushLoop::choose(Errand& errand) {
  if (errand.context.is_stopped()) return stopped();
  std::vector<outbox::PendingSource> waiting;
  if (auto found = waiting_for(errand.source); found) {
    waiting = std::move(*found);
  } else {
    return found.error();
  }
  if (!errand.at_any_price)
    if (Result<void> looked = seams_.pricing.look_at(waiting); !looked) return looked.error();
  if (waiting.empty()) return Choice{.nothing_waits = true};
  const TimePoint now = seams_.clock->now();
  if (Result<void> looked = look_for_ended_halts(now); !looked) return looked.error();
  const pacing::DueOf due_of = [&](const outbox::PendingSource& source) {
    return errand.at_any_price ? pacing::due_at_once(source) : seams_.pricing.due_of(source.source);
  };
  const std::optional<pacing::NextPush> push = schedule_.next(waiting, due_of, now);
  if (!push && errand.at_any_price && sends_it_all_itself(waiting)) return is_sending_already();
  if (!push || push->due > now || !may_begin(errand)) {
    Choice nothing = nothing_now(waiting, now);
    if (push) nothing.due = push->due;
    return nothing;
  }
  Choice choice{.source = push->source, .reason = budget::kInteractive};
  if (!errand.at_any_price)
    choice.reason = seams_.pricing.is_forced(push->source) ? "deadline" : "price";
  std::erase_if(waiting, [&](const auto& source) { return source.source == push->source; });
  const std::optional<pacing::NextPush> further = schedule_.next(waiting, due_of, now);
  senders_[push->source] = std::this_thread::get_id();
  schedule_.begin(push->source);
  if (further && further->due <= now) get_help(errand);
  return choice;
}

Result<WaitReason> PushLoop::why(const std::string& source) {
  const Result<std::vector<outbox::PendingSource>> waiting = waiting_for(std::nullopt);
  if (!waiting) return waiting.error();
  Result<WaitReason> reason = seams_.pricing.why(source, *waiting);
  if (!reason || reason->limited_by == LimitedBy::kNothingWaits) return reason;
  const TimePoint now = seams_.clock->now();
  std::lock_guard lock(choosing_);
  if (schedule_.is_under_way(source)) {
    reason->limited_by = LimitedBy::kWriter;
    reason->sent_by = now;
    return reason;
  }
  const std::optional<pacing::Halt> rest = schedule_.resting(source, now);
  if (!rest || rest->until < reason->sent_by.value_or(now)) return reason;
  reason->limited_by = limited_by(rest->by);
  reason->failure = rest->by.message;
  // A spent day is looked at again before it ends.
  if (reason->limited_by != LimitedBy::kDaySpent) reason->sent_by = rest->until;
  reason->deadline_instead.reset();
  return reason;
}

Result<std::map<std::string, TimePoint>> PushLoop::sent_by() {
  if (!seams_.pricing.has_looked()) return std::map<std::string, TimePoint>();
  const Result<std::vector<outbox::PendingSource>> waiting = waiting_for(std::nullopt);
  if (!waiting) return waiting.error();
  return seams_.pricing.sent_by(*waiting);
}

// So nobody else will end a batch of it: a callback asks for what it is itself a part of.
bool PushLoop::sends_it_all_itself(const std::vector<outbox::PendingSource>& waiting) const {
  return std::all_of(waiting.begin(), waiting.end(), [&](const outbox::PendingSource& source) {
    const auto sender = senders_.find(source.source);
    return sender != senders_.end() && sender->second == std::this_thread::get_id();
  });
}

PushLoop::Choice PushLoop::nothing_now(const std::vector<outbox::PendingSource>& waiting,
                                       TimePoint now) const {
  Choice choice;
  bool all_are_halted = true;
  for (const outbox::PendingSource& source : waiting) {
    choice.stale_rows += source.stale_rows;
    choice.waits_for_others |= schedule_.is_under_way(source.source);
    const std::optional<pacing::Halt> halt = schedule_.halted(source.source, now);
    all_are_halted &= halt.has_value();
    if (halt && !choice.halted_by) choice.halted_by = halt->by;
  }
  if (!all_are_halted) choice.halted_by.reset();
  return choice;
}

}  // namespace weir
