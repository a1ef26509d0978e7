#include "os/held_descriptor.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <utility>

namespace weir::os {

// A list through the objects themselves: a child of fork() may not ask for memory.
struct HeldDescriptors {
  static inline std::mutex mutex_;
  static inline HeldDescriptor* first_ = nullptr;

  static void add(HeldDescriptor& held) {
    held.previous_ = nullptr;
    held.next_ = std::exchange(first_, &held);
    if (held.next_ != nullptr) held.next_->previous_ = &held;
  }

  static void remove(HeldDescriptor& held) {
    (held.previous_ != nullptr ? held.previous_->next_ : first_) = held.next_;
    if (held.next_ != nullptr) held.next_->previous_ = held.previous_;
  }

  // No descriptor is opened or handed on while the process is copied.
  static void before_fork() { mutex_.lock(); }
  static void in_parent() { mutex_.unlock(); }
  static void in_child() {
    for (HeldDescriptor* held = first_; held != nullptr; held = held->next_)
      ::close(std::exchange(held->number_, -1));
    mutex_.unlock();
  }

  static void watch_forks() {
    static std::once_flag once;
    std::call_once(once, [] { ::pthread_atfork(&before_fork, &in_parent, &in_child); });
  }
};

HeldDescriptor::HeldDescriptor(const char* path, int flags, mode_t mode) {
  HeldDescriptors::watch_forks();
  const std::lock_guard guard(HeldDescriptors::mutex_);
  number_ = ::open(path, flags | O_CLOEXEC, mode);
  if (number_ >= 0) HeldDescriptors::add(*this);
}

HeldDescriptor::HeldDescriptor(HeldDescriptor&& other) noexcept { take_over(other); }

HeldDescriptor& HeldDescriptor::operator=(HeldDescriptor&& other) noexcept {
  if (this == &other) return *this;
  close();
  take_over(other);
  return *this;
}

HeldDescriptor::~HeldDescriptor() { close(); }

void HeldDescriptor::take_over(HeldDescriptor& other) noexcept {
  const std::lock_guard guard(HeldDescriptors::mutex_);
  const bool is_listed = other.previous_ != nullptr || HeldDescriptors::first_ == &other;
  if (is_listed) HeldDescriptors::remove(other);
  number_ = std::exchange(other.number_, -1);
  other.previous_ = other.next_ = nullptr;
  if (number_ >= 0) HeldDescriptors::add(*this);
}

void HeldDescriptor::close() {
  const std::lock_guard guard(HeldDescriptors::mutex_);
  const bool is_listed = previous_ != nullptr || HeldDescriptors::first_ == this;
  if (is_listed) HeldDescriptors::remove(*this);
  previous_ = next_ = nullptr;
  if (number_ < 0) return;
  const int error = errno;
  ::close(std::exchange(number_, -1));
  errno = error;
}

}  // namespace weir::os
