#include "poll_loop.h"

#include <algorithm>
#include <new>
#include <utility>

#include "pacing/retry_policy.h"

namespace weir {
namespace {

// How often the thread looks again at the clock, which may be set.
constexpr Milliseconds kLongestNap = std::chrono::seconds{30};
// For failures that trying again cannot help, until somebody changes something.
constexpr Milliseconds kLongestRest = std::chrono::hours{1};
// A spent day costs no call to ask about, and somebody may calibrate it.
constexpr Milliseconds kBudgetRest = std::chrono::minutes{1};

}  // namespace

Result<std::size_t> PollLoop::add(std::unique_ptr<Look> look, const PollOptions& options) {
  Result<std::optional<TimePoint>> last = look->last_look();
  if (!last) return last.error();
  const Result<pacing::ChangesSeen> usual = memory_.load(look->key());
  if (!usual) return usual.error();
  const Result<pacing::HoursSeen> hours = memory_.load_hours();
  if (!hours) return hours.error();
  std::lock_guard lock(mutex_);
  if (!std::exchange(knows_hours_, true)) schedule_.recall_hours(*hours);
  const TimePoint now = seams_.clock->now();
  polls_.resize(schedule_.size() + 1);
  const std::size_t number = schedule_.add(
      {.weight = options.weight, .shortest = options.shortest, .longest = options.longest},
      std::min(last->value_or(now), now), *usual);
  if (!*last) schedule_.hint(number, now);
  // What an earlier program has kept may wait.
  polls_[number] = {.look = std::move(look), .has_delivery = true};
  priced_at_.reset();
  has_news_ = true;
  woken_.notify_all();
  return number;
}

void PollLoop::remove(std::size_t poll) {
  std::shared_ptr<Look> ended;
  bool is_own = false;
  {
    std::lock_guard lock(mutex_);
    schedule_.remove(poll);
    ended = std::exchange(polls_[poll].look, nullptr);
    is_own = looker_ == std::this_thread::get_id();
  }
  if (!is_own) std::lock_guard finished(looking_);
}

void PollLoop::hint(std::size_t poll) {
  std::lock_guard lock(mutex_);
  if (polls_[poll].look) schedule_.hint(poll, seams_.clock->now());
  polls_[poll].hinted_meanwhile = true;
  has_news_ = true;
  woken_.notify_all();
}

void PollLoop::delivered(const std::string& name) {
  std::lock_guard lock(mutex_);
  for (Polled& polled : polls_)
    polled.has_delivery |= polled.look != nullptr && polled.look->name() == name;
  has_news_ = true;
  woken_.notify_all();
}

Result<std::optional<TimePoint>> PollLoop::run_due(const std::stop_token& stop) {
  std::lock_guard looking(looking_);
  while (true) {
    if (stop.stop_requested() || stopping_.stop_requested())
      return Error{.code = ErrorCode::kCancelled, .message = "stopped polling"};
    if (const auto poll = next_delivery()) {
      carry_out(*poll, false, stop);
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
    carry_out(next->source, true, stop);
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

pacing::PollForecast PollLoop::forecast(TimePoint now, TimePoint end) {
  std::lock_guard lock(mutex_);
  return schedule_.forecast(now, end);
}

Result<void> PollLoop::reprice() {
  const TimePoint now = seams_.clock->now();
  {
    std::lock_guard lock(mutex_);
    if (priced_at_ && now >= *priced_at_ && now < *priced_at_ + pacing::kRepriceEvery &&
        now < day_end_)
      return {};
    // Before the price is asked for, so that a poll which is added meanwhile asks again.
    priced_at_ = now;
  }
  // Not held here: the price depends on the forecast.
  const Result<PollPrice> price = seams_.price();
  std::lock_guard lock(mutex_);
  if (!price) {
    priced_at_.reset();
    return price.error();
  }
  day_end_ = price->day.end;
  schedule_.set_price(price->row_seconds, price->day.begin, now);
  return {};
}

// Called with looking_ held.
void PollLoop::carry_out(std::size_t poll, bool with_call, const std::stop_token& stop) {
  std::shared_ptr<Look> look;
  {
    std::lock_guard lock(mutex_);
    look = polls_[poll].look;
    polls_[poll].hinted_meanwhile = false;
    looker_ = std::this_thread::get_id();
    // It was not added to the end, for want of memory.
    if (!look) schedule_.remove(poll);
  }
  if (!look) return;
  LookReport report = look->hand_over(stop);
  if (with_call && !report.error) {
    const std::int64_t before = report.found;
    report = look->look(stop);
    report.found += before;
  }
  std::optional<Learned> learned;
  {
    std::lock_guard lock(mutex_);
    looker_ = {};
    learned = settle(poll, report, with_call);
  }
  // What cannot be kept is learned anew.
  if (learned) static_cast<void>(memory_.keep(learned->poll, learned->usual, learned->hours));
}

std::optional<PollLoop::Learned> PollLoop::settle(std::size_t poll, const LookReport& report,
                                                  bool with_call) {
  if (!polls_[poll].look) return std::nullopt;
  const TimePoint now = seams_.clock->now();
  if (report.error) {
    rest(poll, *report.error);
    return std::nullopt;
  }
  polls_[poll].failures = 0;
  if (!with_call) return std::nullopt;
  if (report.is_telling) {
    schedule_.looked(poll, report.found, report.calls, now);
  } else {
    schedule_.caught_up(poll, now);
  }
  // The look may have been past what the hint is about.
  if (polls_[poll].hinted_meanwhile) schedule_.hint(poll, now);
  if (!report.is_telling) return std::nullopt;
  return Learned{.poll = polls_[poll].look->key(),
                 .usual = schedule_.rates().usual_seen(poll),
                 .hours = schedule_.rates().hours_seen()};
}

void PollLoop::rest(std::size_t poll, const Error& error) {
  if (seams_.log) seams_.log(LogLevel::kWarning, error.message);
  const int failures = ++polls_[poll].failures;
  Milliseconds time = pacing::rest_after(error, failures).value_or(kLongestRest);
  if (error.code == ErrorCode::kBudgetExhausted) time = kBudgetRest;
  const TimePoint now = seams_.clock->now();
  // It is tried again when the rest is over, whether a look is due or only the handler failed.
  schedule_.hint(poll, now);
  schedule_.rest(poll, now + time, now);
}

void PollLoop::start() {
  std::lock_guard lock(mutex_);
  if (thread_.joinable()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void PollLoop::request_stop() {
  stopping_.request_stop();
  std::lock_guard lock(mutex_);
  thread_.request_stop();
}

void PollLoop::stop() {
  request_stop();
  if (thread_.joinable()) thread_.join();
}

// How long to rest then. An error is tried again after a while, and so is a lack of memory, which
// must not end the program.
Milliseconds PollLoop::run_and_rest(const std::stop_token& stop) try {
  const Result<std::optional<TimePoint>> next = run_due(stop);
  if (!next || !next->has_value()) return kLongestNap;
  return std::clamp(**next - seams_.clock->now(), Milliseconds{0}, kLongestNap);
} catch (const std::bad_alloc&) {
  return kLongestNap;
}

void PollLoop::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Milliseconds nap = run_and_rest(stop);
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, nap, [this] { return has_news_; });
    has_news_ = false;
  }
}

}  // namespace weir
