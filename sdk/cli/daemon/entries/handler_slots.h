// HandlerSlots: how many handlers run at once, over all polls of a daemon. Safe to use from several
// threads at once.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

namespace weir::daemon {

class HandlerSlots {
 public:
  explicit HandlerSlots(std::int64_t count) : free_(count) {}

  // Takes a slot; when there is none, `wake` is called once one may be free.
  bool try_take(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    if (free_ > 0) return --free_, true;
    waiting_.push_back(std::move(wake));
    return false;
  }

  void give_back() {
    std::function<void()> wake;
    {
      const std::lock_guard lock(mutex_);
      ++free_;
      if (waiting_.empty()) return;
      wake = std::move(waiting_.front());
      waiting_.pop_front();
    }
    wake();
  }

 private:
  std::mutex mutex_;
  std::int64_t free_;
  std::deque<std::function<void()>> waiting_;
};

}  // namespace weir::daemon
