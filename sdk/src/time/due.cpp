#include "time/due.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "time/background.h"

namespace weir {

void Due::news(Task task) {
  std::unique_lock lock(mutex_);
  of(task).has_news = true;
  const std::optional<TimePoint> due = of(task).due;
  const TimePoint now = clock_->now();
  move(task, due ? std::min(*due, now) : now, std::move(lock));
}

Due::Run::Run(Due& due, Task task, Milliseconds rest) : due_(due), task_(task), rest_(rest) {
  std::lock_guard lock(due_.mutex_);
  due_.of(task_).has_news = false;
  due_.of(task_).looked_at = due_.clock_->steady_now();
}

// News do not shorten the rest after an exception: what threw would throw again.
Due::Run::~Run() {
  if (is_ended_) return;
  try {
    due_.move(task_, due_.clock_->now() + rest_, std::unique_lock(due_.mutex_));
  } catch (const std::exception&) {
    // Whoever is told of the moment has failed as well; the moment stands.
    return;
  }
}

void Due::Run::end(std::optional<TimePoint> next) {
  is_ended_ = true;
  std::unique_lock lock(due_.mutex_);
  if (due_.of(task_).has_news) next = due_.clock_->now();
  due_.move(task_, next, std::move(lock));
}

std::optional<TimePoint> Due::next() const {
  std::lock_guard lock(mutex_);
  std::optional<TimePoint> earliest;
  for (const State& state : states_)
    if (state.due && (!earliest || *state.due < *earliest)) earliest = state.due;
  return earliest;
}

std::optional<TimePoint> Due::next(Task task) const {
  std::lock_guard lock(mutex_);
  return states_[static_cast<std::size_t>(task)].due;
}

bool Due::is_due(Task task) const {
  std::lock_guard lock(mutex_);
  const State& state = states_[static_cast<std::size_t>(task)];
  if (state.due && *state.due <= clock_->now()) return true;
  return !state.looked_at || clock_->steady_now() - *state.looked_at >= kLongestNap;
}

void Due::move(Task task, std::optional<TimePoint> due, std::unique_lock<std::mutex> lock) {
  const std::optional<TimePoint> before = std::exchange(of(task).due, due);
  lock.unlock();
  const bool is_earlier = due && (!before || *due < *before);
  if (is_earlier && moved_) moved_(task, *due);
}

}  // namespace weir
