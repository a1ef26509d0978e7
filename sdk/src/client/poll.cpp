#include <weir/poll.h>

#include <utility>

#include "client/core.h"

namespace weir {

Poll::Poll(Poll&&) noexcept = default;

Poll& Poll::operator=(Poll&& other) noexcept {
  if (this == &other) return *this;
  end();
  core_ = std::move(other.core_);
  number_ = other.number_;
  return *this;
}

Poll::~Poll() { end(); }

void Poll::hint() { core_->hint_poll(number_); }

std::optional<Error> Poll::failure() const { return core_->poll_failure(number_); }

Result<PollPace> Poll::pace() const { return core_->poll_pace(number_); }

void Poll::end() {
  if (core_) core_->end_poll(number_);
}

}  // namespace weir
