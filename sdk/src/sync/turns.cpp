#include "sync/turns.h"

namespace weir::sync {
namespace {

// How often one who waits looks at the clock.
constexpr Milliseconds kLookEvery{50};

}  // namespace

Result<Turns::Turn> Turns::take() {
  std::unique_lock lock(mutex_);
  const bool is_one_of_many = waiting_ >= kMany;
  while (since_) {
    if (taken() >= (is_one_of_many ? kPatienceOfMany : kPatience)) {
      return Error{
          .code = ErrorCode::kUnavailable,
          .message = "it has been reading for " + std::to_string(taken().count() / 1000) + " s"};
    }
    ++waiting_;
    ended_.wait_for(lock, kLookEvery);
    --waiting_;
  }
  since_ = clock_->steady_now();
  return Turn(*this);
}

std::optional<Milliseconds> Turns::overdue() const {
  const std::lock_guard lock(mutex_);
  if (!since_ || taken() < kPatience) return std::nullopt;
  return taken();
}

int Turns::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

void Turns::end() {
  const std::lock_guard lock(mutex_);
  since_.reset();
  ended_.notify_one();
}

Milliseconds Turns::taken() const { return clock_->steady_now() - *since_; }

}  // namespace weir::sync
