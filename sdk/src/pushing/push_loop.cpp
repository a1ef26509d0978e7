#include "pushing/push_loop.h"

#include <algorithm>
#include <exception>

#include "pushing/errand.h"

namespace weir {
namespace {

constexpr Milliseconds kFirstTry{500};

Error out_of_time(std::int64_t waiting, const std::string& last_refusal) {
  return {.code = ErrorCode::kTimeout,
          .message = "the time to send passed; " + std::to_string(waiting) +
                     (waiting == 1 ? " change stays in the outbox and is sent later"
                                   : " changes stay in the outbox and are sent later") +
                     (last_refusal.empty() ? "" : ". The last refusal: " + last_refusal)};
}

// The attempt came to nothing because nobody wanted it any more.
bool was_ended(const Delivered& delivered) {
  return delivered.kind == Delivered::Kind::kFailed && !delivered.error->may_have_been_sent &&
         (delivered.error->code == ErrorCode::kCancelled ||
          delivered.error->code == ErrorCode::kTimeout);
}

}  // namespace

// Ends the mark of a data source under way, whatever happens to its batch. Its name lives longer.
class PushLoop::UnderWay {
 public:
  UnderWay(PushLoop& loop, const std::string& source) : loop_(loop), source_(source) {}
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  ~UnderWay() {
    std::lock_guard lock(loop_.choosing_);
    loop_.schedule_.given_up(source_);
    loop_.senders_.erase(source_);
    ++loop_.batches_ended_;
    loop_.batch_ended_.notify_all();
  }

 private:
  PushLoop& loop_;
  const std::string& source_;
};

// Ends an errand and waits for its helpers, whatever happens.
class PushLoop::HelpersEnd {
 public:
  HelpersEnd(PushLoop& loop, Errand& errand) : loop_(loop), errand_(errand) {}
  HelpersEnd(const HelpersEnd&) = delete;
  HelpersEnd& operator=(const HelpersEnd&) = delete;
  ~HelpersEnd() {
    {
      // From here on nobody chooses for the errand, so nobody adds a helper.
      std::lock_guard lock(loop_.choosing_);
      errand_.is_ended = true;
    }
    errand_.helpers.clear();
  }

 private:
  PushLoop& loop_;
  Errand& errand_;
};

// Called with choosing_ held.
void PushLoop::add(Errand& errand, const std::string& source, const Delivered& delivered) {
  SendReport& report = errand.report;
  report.calls += delivered.calls;
  if (delivered.kind == Delivered::Kind::kAccepted) report.changes += delivered.changes;
  if (delivered.kind == Delivered::Kind::kRefused) errand.last_refusal = delivered.error->message;
  if (delivered.kind == Delivered::Kind::kPutAside) {
    ++report.dead_letters;
    report.last_refusal = delivered.error->message;
    errand.put_aside.emplace_back(source, report.last_refusal);
  }
  if (!delivered.stands_until) return;
  report.dead_letters -= static_cast<std::int64_t>(
      std::erase(errand.put_aside, std::pair(source, delivered.refused_with)));
  report.last_refusal = errand.put_aside.empty() ? "" : errand.put_aside.back().second;
}

Result<SendReport> PushLoop::send(const std::optional<std::string>& source, SendReport* partial,
                                  const Context& context) {
  Errand errand{.source = source, .at_any_price = true, .context = context};
  if (partial != nullptr) errand.report = *partial;
  {
    std::lock_guard lock(choosing_);
    source ? schedule_.resume(*source) : schedule_.resume_all();
  }
  const Result<void> sent = send_all(errand);
  if (partial != nullptr) *partial = errand.report;
  if (errand.thrown) std::rethrow_exception(errand.thrown);
  // What was left alone meanwhile may be due.
  hint();
  if (!sent) return sent.error();
  return errand.report;
}

Result<void> PushLoop::send_all(Errand& errand) {
  const HelpersEnd end(*this, errand);
  while (true) {
    std::unique_lock lock(choosing_);
    if (errand.is_ended && errand.last_failure) return *errand.last_failure;
    if (errand.is_ended) return {};
    const Result<Choice> choice = choose(errand);
    if (!choice) return choice.error();
    if (choice->source) {
      lock.unlock();
      deliver(errand, *choice);
    } else if (errand.helping > 0) {
      wait_for_a_batch(lock, kLongestNap, errand.context.stop);
    } else if (choice->nothing_waits) {
      return {};
    } else if (Result<void> rested = rest(errand, *choice, lock); !rested) {
      return rested;
    }
  }
}

Result<std::optional<TimePoint>> PushLoop::run_due(const Context& context) {
  Errand errand{.context = context};
  Due::Run run(seams_.due, Task::kPushes, kLongestNap);
  Result<std::optional<TimePoint>> next = send_due(errand);
  if (errand.thrown) std::rethrow_exception(errand.thrown);
  run.end(next ? *next : seams_.clock->now() + kLongestNap);
  if (!next) return next;
  return seams_.due.next(Task::kPushes);
}

Result<std::optional<TimePoint>> PushLoop::send_due(Errand& errand) {
  const HelpersEnd end(*this, errand);
  while (true) {
    std::unique_lock lock(choosing_);
    if (errand.is_ended) return std::optional<TimePoint>();
    const Result<Choice> choice = choose(errand);
    if (!choice) return choice.error();
    if (choice->source) {
      lock.unlock();
      deliver(errand, *choice);
    } else if (errand.helping > 0) {
      wait_for_a_batch(lock, kLongestNap, errand.context.stop);
    } else if (choice->nothing_waits) {
      return std::optional<TimePoint>();
    } else {
      return look_again_at(choice->due);
    }
  }
}

// A price that is solved anew may make things due that were not.
std::optional<TimePoint> PushLoop::look_again_at(const std::optional<TimePoint>& due) const {
  const std::optional<TimePoint> renews = seams_.pricing.renews_at();
  if (!due) return renews;
  return renews ? std::min(*due, *renews) : due;
}

// With nothing to send just now: until there is, as long as there is time.
Result<void> PushLoop::rest(Errand& errand, const Choice& choice,
                            std::unique_lock<std::mutex>& lock) {
  const Milliseconds left = errand.context.left(seams_.clock->steady_now());
  const std::optional<Milliseconds> rest =
      choice.due ? std::optional(std::max(*choice.due - seams_.clock->now(), Milliseconds{0}))
                 : std::nullopt;
  if (choice.halted_by && !choice.waits_for_others) return *choice.halted_by;
  if (choice.waits_for_others && left > Milliseconds{0}) {
    wait_for_a_batch(lock, std::min(left, rest.value_or(left)), errand.context.stop);
    return {};
  }
  if (!rest || *rest > left || left <= Milliseconds{0})
    return errand.last_failure.value_or(out_of_time(choice.stale_rows, errand.last_refusal));
  lock.unlock();
  seams_.clock->wait(*rest, errand.context.stop);
  // What was waited for is tried, and be it at the last moment.
  errand.has_tried = false;
  return {};
}

void PushLoop::wait_for_a_batch(std::unique_lock<std::mutex>& lock, Milliseconds longest,
                                const std::stop_token& stop) {
  batch_ended_.wait_for(lock, stop, std::min(longest, kLongestNap),
                        [this, before = batches_ended_] { return batches_ended_ != before; });
}

// Called with choosing_ held. A thread that cannot be begun is no failure: the others go on.
void PushLoop::get_help(Errand& errand) noexcept {
  if (errand.helping + 1 >= seams_.most_at_once) return;
  try {
    errand.helpers.remove_if([](const Helper& helper) { return helper.is_finished; });
    Helper& helper = errand.helpers.emplace_back();
    helper.is_finished = true;  // should its thread not begin
    helper.thread = std::jthread([this, &errand, &helper] { help(errand, helper); });
    helper.is_finished = false;
    ++errand.helping;
  } catch (const std::exception&) {
    return;
  }
}

void PushLoop::help(Errand& errand, Helper& helper) noexcept {
  std::exception_ptr thrown;
  try {
    while (help_once(errand)) {
    }
  } catch (...) {
    thrown = std::current_exception();
  }
  std::lock_guard lock(choosing_);
  if (thrown) {
    errand.thrown = thrown;
    errand.is_ended = true;
  }
  --errand.helping;
  helper.is_finished = true;
  ++batches_ended_;
  batch_ended_.notify_all();
}

// Whether there was something to send.
bool PushLoop::help_once(Errand& errand) {
  Choice choice;
  {
    std::lock_guard lock(choosing_);
    if (errand.is_ended) return false;
    Result<Choice> chosen = choose(errand);
    // Of an error the one who is helped will hear as well.
    if (!chosen || !chosen->source) return false;
    choice = std::move(*chosen);
  }
  deliver(errand, choice);
  return true;
}

void PushLoop::deliver(Errand& errand, const Choice& choice) {
  const std::string& source = *choice.source;
  const UnderWay mark(*this, source);
  // However short the time, a first try has its moment.
  Context context = errand.context;
  const Milliseconds now = seams_.clock->steady_now();
  if (context.left(now) < kFirstTry) context.deadline = now + kFirstTry;
  const Delivered delivered = delivered_or_thrown(errand, choice, context);
  settle(errand, source, delivered);
  if (seams_.log && delivered.kind == Delivered::Kind::kAccepted)
    seams_.log(LogLevel::kInfo, source + ": " + std::to_string(delivered.changes) +
                                    (delivered.changes == 1 ? " change sent" : " changes sent"));
  if (!delivered.error || was_ended(delivered)) return;
  note_halt(source, delivered);
  if (seams_.log) seams_.log(LogLevel::kWarning, delivered.error->message);
}

// After an exception, which is one of a lack of memory, the data source rests as after any failure:
// a call may have been made.
Delivered PushLoop::delivered_or_thrown(Errand& errand, const Choice& choice,
                                        const Context& context) {
  try {
    return seams_.delivery.deliver(*choice.source, choice.reason, context);
  } catch (const std::exception& thrown) {
    settle(errand, *choice.source,
           {.kind = Delivered::Kind::kFailed,
            .error = Error{.code = ErrorCode::kUnavailable,
                           .message = "sending rows of " + *choice.source +
                                      " ended with an exception: " + thrown.what()}});
    throw;
  }
}

void PushLoop::settle(Errand& errand, const std::string& source, const Delivered& delivered) {
  std::lock_guard lock(choosing_);
  const TimePoint now = seams_.clock->now();
  add(errand, source, delivered);
  errand.has_tried = true;
  if (was_ended(delivered)) return;
  switch (delivered.kind) {
    case Delivered::Kind::kNothing:
    case Delivered::Kind::kAccepted:
      schedule_.succeeded(source);
      if (delivered.kind == Delivered::Kind::kAccepted) noted_halts_.erase(source);
      if (delivered.calls > 0) seams_.pricing.sent(source);
      break;
    case Delivered::Kind::kRefused:
      schedule_.refused(source, delivered.changes, *delivered.error, now);
      break;
    case Delivered::Kind::kPutAside:
      schedule_.put_aside(source, *delivered.error, now);
      break;
    case Delivered::Kind::kFailed:
      schedule_.failed(source, *delivered.error, now);
      errand.last_failure = delivered.error;
      // The others would be refused as well.
      if (errand.at_any_price && delivered.error->code == ErrorCode::kBudgetExhausted)
        errand.is_ended = true;
      break;
  }
  note_health(source, delivered, now);
}

// Called with choosing_ held.
void PushLoop::note_health(const std::string& source, const Delivered& delivered, TimePoint now) {
  constexpr auto kPushes = HealthNotes::Kind::kPushes;
  if (delivered.kind == Delivered::Kind::kNothing) return;
  if (delivered.kind == Delivered::Kind::kAccepted)
    return seams_.health.worked(kPushes, source, now);
  seams_.health.failed(kPushes, source, *delivered.error, now, schedule_.rests_until(source, now));
}

// For those who ask in other processes. What cannot be kept is only not shown.
void PushLoop::note_halt(const std::string& source, const Delivered& delivered) {
  const TimePoint now = seams_.clock->now();
  std::optional<pacing::Halt> halt;
  {
    std::lock_guard lock(choosing_);
    halt = schedule_.halted(source, now);
  }
  if (!halt) return;
  const bool is_for_all = delivered.error->code == ErrorCode::kUnauthenticated;
  const TimePoint until = std::max(halt->until, delivered.stands_until.value_or(halt->until));
  const std::string name = is_for_all ? std::string() : source;
  if (!seams_.outbox.note_halt(name, halt->by.message, until)) return;
  std::lock_guard lock(choosing_);
  noted_halts_.insert(name);
}

void PushLoop::hint() {
  background_.news();
  seams_.due.news(Task::kPushes);
}

}  // namespace weir
