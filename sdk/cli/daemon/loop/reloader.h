// Reloader: carries out the reloads that a signal asks for in a thread of its own, for one may wait
// long for a program that prints a secret, and meanwhile systemd is to hear that all is well. The
// daemon must outlive it; its end waits for the reload under way. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "daemon/loop/daemon.h"

namespace weir::daemon {

class Reloader {
 public:
  explicit Reloader(Daemon& daemon)
      : thread_([this, &daemon](const std::stop_token& over) { serve(daemon, over); }) {}

  // One that begins after this sees the file as it is now; several become one.
  void ask() {
    const std::lock_guard lock(mutex_);
    is_asked_ = true;
    asked_.notify_one();
  }

 private:
  void serve(Daemon& daemon, const std::stop_token& over) {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        if (!asked_.wait(lock, over, [this] { return is_asked_; }) || over.stop_requested()) return;
        is_asked_ = false;
      }
      daemon.reload();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any asked_;
  bool is_asked_ = false;
  std::jthread thread_;
};

}  // namespace weir::daemon
