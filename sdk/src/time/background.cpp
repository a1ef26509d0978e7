#include "time/background.h"

#include <algorithm>

namespace weir {

// An error is tried again after a while, and so is what a callback throws and a lack of memory,
// which must not end the program.
Milliseconds Background::run_and_rest(const std::stop_token& stop) noexcept try {
  const Result<std::optional<TimePoint>> next = step_(stop);
  if (!next && next.error().code != ErrorCode::kCancelled) failures_.add(next.error());
  if (!next || !next->has_value()) return kLongestNap;
  return std::clamp(**next - clock_->now(), Milliseconds{0}, kLongestNap);
} catch (...) {
  failures_.add_exception();
  return kLongestNap;
}

void Background::news() {
  const std::lock_guard lock(mutex_);
  has_news_ = true;
  woken_.notify_all();
}

void Background::start() {
  const std::lock_guard lock(mutex_);
  if (thread_.joinable()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Background::request_stop() {
  const std::lock_guard lock(mutex_);
  thread_.request_stop();
}

void Background::stop() {
  request_stop();
  if (thread_.joinable()) thread_.join();
}

void Background::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Milliseconds nap = run_and_rest(stop);
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, nap, [this] { return has_news_; });
    has_news_ = false;
  }
}

}  // namespace weir
