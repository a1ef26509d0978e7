#include "time/due.h"

#include <algorithm>
#include <utility>

namespace weir {

void Due::news(Task task) {
  std::unique_lock lock(mutex_);
  of(task).has_news = true;
  const std::optional<TimePoint> due = of(task).due;
  const TimePoint now = clock_->now();
  move(task, due ? std::min(*due, now) : now, std::move(lock));
}

void Due::begin(Task task) {
  std::lock_guard lock(mutex_);
  of(task).has_news = false;
}

void Due::end(Task task, std::optional<TimePoint> next) {
  std::unique_lock lock(mutex_);
  if (of(task).has_news) next = clock_->now();
  move(task, next, std::move(lock));
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

void Due::move(Task task, std::optional<TimePoint> due, std::unique_lock<std::mutex> lock) {
  const std::optional<TimePoint> before = std::exchange(of(task).due, due);
  lock.unlock();
  const bool is_earlier = due && (!before || *due < *before);
  if (is_earlier && moved_) moved_(task, *due);
}

}  // namespace weir
