#include "polling/poll_loop.h"

#include <algorithm>
#include <utility>

#include "pacing/retry_policy.h"

namespace weir {
// While a thread carries out a look it is known, whatever the look does.
class PollLoop::Looking {
 public:
  explicit Looking(PollLoop& loop) : loop_(loop) {
    std::lock_guard lock(loop_.mutex_);
    loop_.looker_ = std::this_thread::get_id();
  }
  Looking(const Looking&) = delete;
  Looking& operator=(const Looking&) = delete;
  ~Looking() {
    std::lock_guard lock(loop_.mutex_);
    loop_.looker_ = {};
  }

 private:
  PollLoop& loop_;
};

Result<std::size_t> PollLoop::add(std::unique_ptr<Look> look, const PollOptions& options) {
  Result<std::optional<TimePoint>> last = look->last_look();
  if (!last) return last.error();
  const Result<pacing::SourceHabits> habits = memory_.load(look->key());
  if (!habits) return habits.error();
  const Result<pacing::CommonHabits> common = memory_.load_common();
  if (!common) return common.error();
  std::size_t number = 0;
  {
    std::lock_guard lock(mutex_);
    if (!std::exchange(knows_common_, true)) schedule_.recall(*common);
    const TimePoint now = seams_.clock->now();
    polls_.resize(schedule_.size() + 1);
    number = schedule_.add(
        {.weight = options.weight, .shortest = options.shortest, .longest = options.longest},
        std::min(last->value_or(now), now), *habits);
    if (!*last) schedule_.hint(number, now);
    // What an earlier program has kept may wait.
    polls_[number] = {.look = std::move(look), .has_delivery = true};
    priced_at_.reset();
  }
  tell_of_news();
  return number;
}

void PollLoop::tell_of_news() {
  background_.news();
  seams_.due.news(Task::kLooks);
}

void PollLoop::remove(std::size_t poll) {
  std::shared_ptr<Look> ended;
  bool is_own = false;
  {
    std::lock_guard lock(mutex_);
    schedule_.remove(poll);
    priced_at_.reset();
    ended = std::exchange(polls_[poll].look, nullptr);
    polls_[poll].ending.request_stop();
    is_own = looker_ == std::this_thread::get_id();
  }
  if (!is_own) std::lock_guard finished(looking_);
  if (ended) seams_.health.forget(HealthNotes::Kind::kPoll, ended->name());
}

void PollLoop::hint(std::size_t poll) {
  {
    std::lock_guard lock(mutex_);
    if (polls_[poll].look) schedule_.hint(poll, seams_.clock->now());
    polls_[poll].hinted_meanwhile = true;
  }
  tell_of_news();
}

std::optional<Error> PollLoop::failure(std::size_t poll) {
  std::lock_guard lock(mutex_);
  return polls_[poll].failure;
}

// Once there is a price no store is asked, so that a page is not held up by one.
Result<PollPace> PollLoop::pace(std::size_t poll) {
  const TimePoint now = seams_.clock->now();
  {
    std::lock_guard lock(mutex_);
    if (price_with_more_calls_) {
      PollPace pace = schedule_.pace(poll, now);
      pace.interval_with_more_calls = schedule_.pace(poll, *price_with_more_calls_, now).interval;
      pace.found = polls_[poll].found;
      return pace;
    }
  }
  const Result<double> price = seams_.pricing.shown();
  if (!price) return price.error();
  std::lock_guard lock(mutex_);
  return schedule_.pace(poll, *price, now);
}

void PollLoop::delivered(const std::string& name) {
  {
    std::lock_guard lock(mutex_);
    for (Polled& polled : polls_)
      polled.has_delivery |= polled.look != nullptr && polled.look->name() == name;
  }
  tell_of_news();
}

Result<std::optional<TimePoint>> PollLoop::run_due(const Context& context) {
  {
    std::lock_guard lock(mutex_);
    if (looker_ == std::this_thread::get_id())
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message =
                       "a handler of a poll cannot carry out looks; poll after it has "
                       "returned"};
  }
  std::lock_guard looking(looking_);
  Due::Run run(seams_.due, Task::kLooks, kLongestNap);
  Result<std::optional<TimePoint>> next = carry_out_due(context);
  run.end(next ? *next : seams_.clock->now() + kLongestNap);
  if (!next) return next;
  return seams_.due.next(Task::kLooks);
}

// Called with looking_ held.
Result<std::optional<TimePoint>> PollLoop::carry_out_due(const Context& context) {
  while (true) {
    if (context.is_stopped() || stopping_.stop_requested())
      return Error{.code = ErrorCode::kCancelled, .message = "stopped polling"};
    if (const auto poll = next_delivery()) {
      carry_out(*poll, false, context);
      continue;
    }
    if (Result<void> priced = reprice(); !priced) return priced.error();
    std::optional<pacing::NextLook> next;
    {
      std::lock_guard lock(mutex_);
      next = schedule_.next();
    }
    if (!next) return look_again_at();
    if (next->due > seams_.clock->now()) return std::optional(next->due);
    carry_out(next->source, true, context);
  }
}

// With nothing due, when the price is solved anew: calls may be left then.
std::optional<TimePoint> PollLoop::look_again_at() {
  std::lock_guard lock(mutex_);
  const bool is_polling =
      std::any_of(polls_.begin(), polls_.end(), [](const Polled& poll) { return poll.look; });
  if (!is_polling || !priced_at_) return std::nullopt;
  return std::min(*priced_at_ + pacing::kRepriceEvery, day_end_);
}

std::optional<std::size_t> PollLoop::next_delivery() {
  std::lock_guard lock(mutex_);
  for (std::size_t poll = 0; poll < polls_.size(); ++poll) {
    if (std::exchange(polls_[poll].has_delivery, false)) return poll;
  }
  return std::nullopt;
}

// mutex_ is not held while the ledger is asked, so that a hint never waits for a store.
Result<void> PollLoop::reprice() {
  const TimePoint now = seams_.clock->now();
  const TimePoint day_end = seams_.pricing.today().end;
  std::optional<pacing::PollForecast> forecast;
  {
    std::lock_guard lock(mutex_);
    if (priced_at_ && now >= *priced_at_ && now < *priced_at_ + pacing::kRepriceEvery &&
        now < day_end_)
      return {};
    // Before the price is asked for, so that a poll which is added meanwhile asks again.
    priced_at_ = now;
    forecast = schedule_.forecast(now, day_end);
  }
  const Result<PollPrice> price = seams_.pricing.for_polls(std::move(*forecast));
  std::lock_guard lock(mutex_);
  if (!price) {
    priced_at_.reset();
    return price.error();
  }
  day_end_ = price->day.end;
  schedule_.set_price(price->row_seconds, price->day.begin, now);
  price_with_more_calls_ = price->row_seconds_with_more_calls;
  return {};
}

// Called with looking_ held.
void PollLoop::carry_out(std::size_t poll, bool with_call, const Context& given) {
  std::shared_ptr<Look> look;
  std::stop_token ended;
  {
    std::lock_guard lock(mutex_);
    look = polls_[poll].look;
    ended = polls_[poll].ending.get_token();
    polls_[poll].hinted_meanwhile = false;
    // It was not added to the end, for want of memory.
    if (!look) schedule_.remove(poll);
  }
  if (!look) return;
  // What has ended makes no further call and hands nothing more over.
  std::stop_source stopping;
  const auto stop = [&] { stopping.request_stop(); };
  const std::stop_callback with_all(given.stop, stop);
  const std::stop_callback with_poll(ended, stop);
  Context context = given;
  context.stop = stopping.get_token();
  LookReport report;
  bool has_looked = false;
  try {
    const Looking looking(*this);
    report = look->hand_over(context);
    keep_history(look->key(), report);
    if (with_call && !report.error) {
      const std::int64_t before = report.found;
      has_looked = true;
      report = look->look(context);
      keep_history(look->key(), report);
      report.found += before;
    }
  } catch (const std::exception& thrown) {
    // Of a lack of memory. It rests as after any failure.
    report.error =
        Error{.code = ErrorCode::kUnavailable,
              .message = "a look ended with an exception: " + std::string(thrown.what())};
    std::lock_guard lock(mutex_);
    settle(poll, report, has_looked);
    throw;
  }
  std::optional<Learned> learned;
  {
    std::lock_guard lock(mutex_);
    learned = settle(poll, report, has_looked);
  }
  if (report.error && report.error->code != ErrorCode::kCancelled && seams_.log)
    seams_.log(LogLevel::kWarning, report.error->message);
  // What cannot be kept is learned anew.
  if (learned) static_cast<void>(memory_.keep(learned->poll, learned->habits, learned->common));
}

std::optional<PollLoop::Learned> PollLoop::settle(std::size_t poll, const LookReport& report,
                                                  bool has_looked) {
  if (!polls_[poll].look) return std::nullopt;
  const TimePoint now = seams_.clock->now();
  if (report.error) {
    polls_[poll].failure = report.error;
    if (has_looked) polls_[poll].looks_fail = !report.has_answer;
    rest(poll, *report.error);
    return std::nullopt;
  }
  // What came without a call says nothing of the platform.
  if (!has_looked && polls_[poll].looks_fail) return std::nullopt;
  polls_[poll].failure.reset();
  polls_[poll].looks_fail = false;
  polls_[poll].failures = 0;
  seams_.health.worked(HealthNotes::Kind::kPoll, polls_[poll].look->name(), now);
  if (!has_looked) return std::nullopt;
  polls_[poll].found = report.found;
  if (report.is_telling) {
    schedule_.looked(poll, report.found, report.calls, now);
  } else {
    schedule_.caught_up(poll, now);
  }
  // The look may have been past what the hint is about.
  if (polls_[poll].hinted_meanwhile) schedule_.hint(poll, now);
  if (!report.is_telling) return std::nullopt;
  return Learned{.poll = polls_[poll].look->key(),
                 .habits = schedule_.rates().habits(poll),
                 .common = schedule_.rates().common_habits()};
}

void PollLoop::rest(std::size_t poll, const Error& error) {
  const Milliseconds time = pacing::rest_of(error, ++polls_[poll].failures);
  const TimePoint now = seams_.clock->now();
  // It is tried again when the rest is over, whether a look is due or only the handler failed.
  schedule_.hint(poll, now);
  schedule_.rest(poll, now + time, now);
  if (error.code == ErrorCode::kCancelled) return;
  seams_.health.failed(HealthNotes::Kind::kPoll, polls_[poll].look->name(), error, now, now + time);
}

// What cannot be kept is not rehearsed.
void PollLoop::keep_history(const std::string& poll, const LookReport& report) {
  if (!seams_.history.is_on() || (report.calls == 0 && report.news.empty())) return;
  const TimePoint now = seams_.clock->now();
  static_cast<void>(seams_.database.write([&](store::Statements& sql) -> Result<void> {
    outbox::note_looked(sql, seams_.history, poll, report.calls, report.news, now);
    return {};
  }));
}

void PollLoop::request_stop() {
  stopping_.request_stop();
  background_.request_stop();
}

void PollLoop::stop() {
  request_stop();
  background_.stop();
}

}  // namespace weir
