// FiniteTask: gives turns to another task until nothing is due of it any more, for runs that end.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "daemon/loop/task.h"

namespace weir::daemon {

// Counts the tasks that have not come to their ends. Safe to use from several threads at once.
class UnderWay {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void done() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) ended_.notify_all();
  }
  // False: a stop was requested.
  bool wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return ended_.wait(lock, stop, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any ended_;
  int count_ = 0;
};

class FiniteTask final : public Task {
 public:
  // `stand` is asked after each turn; `at_end` is called once, in the last turn.
  FiniteTask(std::shared_ptr<Task> task, std::function<Stand()> stand, std::function<void()> at_end)
      : task_(std::move(task)), stand_(std::move(stand)), at_end_(std::move(at_end)) {}

  std::optional<TimePoint> run(std::stop_token stop) override {
    // What the task watches may wake it once more.
    if (has_ended_ || stop.stop_requested()) return std::nullopt;
    const std::optional<TimePoint> next = task_->run(stop);
    if (stop.stop_requested()) return std::nullopt;
    if (stand_() == Stand::kMore) return next;
    has_ended_ = true;
    at_end_();
    return std::nullopt;
  }

  TaskStatus status() const override { return task_->status(); }

 private:
  const std::shared_ptr<Task> task_;
  const std::function<Stand()> stand_;
  const std::function<void()> at_end_;
  bool has_ended_ = false;
};

}  // namespace weir::daemon
