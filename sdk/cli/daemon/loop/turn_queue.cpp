#include "daemon/loop/turn_queue.h"

namespace weir::daemon {

TurnQueue::Id TurnQueue::add(TurnKind kind) {
  const Id task = ++last_id_;
  Entry& entry = tasks_[task];
  entry.kind = kind;
  make_ready(task, entry);
  return task;
}

void TurnQueue::remove(Id task) {
  const auto found = tasks_.find(task);
  if (found == tasks_.end()) return;
  if (found->second.is_running) {
    found->second.is_removed = true;
  } else {
    tasks_.erase(found);
  }
}

void TurnQueue::wake(Id task) {
  const auto found = tasks_.find(task);
  if (found == tasks_.end()) return;
  if (found->second.is_running) {
    found->second.is_woken = true;
  } else {
    make_ready(task, found->second);
  }
}

void TurnQueue::make_ready(Id task, Entry& entry) {
  if (entry.is_ready) return;
  entry.is_ready = true;
  entry.timer = 0;
  (entry.kind == TurnKind::kSlow ? slow_ : quick_).push_back(task);
}

bool TurnQueue::is_stale(const Timer& timer) const {
  const auto found = tasks_.find(timer.task);
  return found == tasks_.end() || found->second.timer != timer.number;
}

void TurnQueue::drop_stale() {
  while (!timers_.empty() && is_stale(timers_.top())) timers_.pop();
}

void TurnQueue::fire(TimePoint now) {
  for (drop_stale(); !timers_.empty() && timers_.top().due <= now; drop_stale()) {
    const Id task = timers_.top().task;
    timers_.pop();
    make_ready(task, tasks_.at(task));
  }
}

std::optional<TurnQueue::Id> TurnQueue::take_from(std::deque<Id>& ready) {
  while (!ready.empty()) {
    const Id task = ready.front();
    ready.pop_front();
    const auto found = tasks_.find(task);
    if (found == tasks_.end() || !found->second.is_ready) continue;
    found->second.is_ready = false;
    found->second.is_running = true;
    if (found->second.kind == TurnKind::kSlow) ++slow_running_;
    return task;
  }
  return std::nullopt;
}

std::optional<TurnQueue::Id> TurnQueue::take(TimePoint now, bool may_be_slow) {
  fire(now);
  if (const auto task = take_from(quick_)) return task;
  return may_be_slow ? take_from(slow_) : std::nullopt;
}

void TurnQueue::finished(Id task, std::optional<TimePoint> next) {
  const auto found = tasks_.find(task);
  if (found == tasks_.end()) return;
  Entry& entry = found->second;
  entry.is_running = false;
  if (entry.kind == TurnKind::kSlow) --slow_running_;
  if (entry.is_removed) {
    tasks_.erase(found);
    return;
  }
  if (std::exchange(entry.is_woken, false)) return make_ready(task, entry);
  if (!next) return;
  entry.timer = ++last_timer_;
  timers_.push({.due = *next, .task = task, .number = entry.timer});
}

// A stale timer only makes somebody look too early.
std::optional<TimePoint> TurnQueue::next_due() const {
  return timers_.empty() ? std::nullopt : std::optional(timers_.top().due);
}

bool TurnQueue::is_running(Id task) const {
  const auto found = tasks_.find(task);
  return found != tasks_.end() && found->second.is_running;
}

bool TurnQueue::has_ready(bool may_be_slow) const {
  return !quick_.empty() || (may_be_slow && !slow_.empty());
}

}  // namespace weir::daemon
