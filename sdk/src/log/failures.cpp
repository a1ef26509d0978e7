#include "log/failures.h"

#include <exception>
#include <new>
#include <string>

namespace weir {
namespace {

constexpr Milliseconds kTellAgainAfter = std::chrono::hours{1};

}  // namespace

void Failures::add(const Error& error) {
  {
    std::lock_guard lock(mutex_);
    const Milliseconds now = clock_->steady_now();
    const bool is_known = last_ && last_->error.message == error.message;
    last_ = {.error = error, .time = clock_->now()};
    if (is_known && now - told_at_ < kTellAgainAfter) return;
    told_at_ = now;
  }
  if (log_) log_(LogLevel::kError, error.message);
}

void Failures::add_exception() noexcept try {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return;
  } catch (const std::exception& thrown) {
    add({.code = ErrorCode::kUnavailable,
         .message =
             std::string("a step in the background ended in an exception: ") + thrown.what()});
  } catch (...) {
    add({.code = ErrorCode::kUnavailable,
         .message = "a step in the background ended in an exception that is no std::exception"});
  }
} catch (...) {
  return;
}

std::optional<Failures::Last> Failures::last() const {
  std::lock_guard lock(mutex_);
  return last_;
}

}  // namespace weir
