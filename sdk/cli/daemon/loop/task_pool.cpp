#include "daemon/loop/task_pool.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace weir::daemon {
namespace {

constexpr std::size_t kForQuickOnes = 4;
constexpr std::chrono::seconds kIdle{30};
// Somebody may set the wall clock, which timers are in.
constexpr Milliseconds kLongestSleep = std::chrono::seconds{30};

}  // namespace

struct TaskPool::Place::State {
  std::mutex mutex;
  TaskPool* pool = nullptr;  // empty: the task is not there yet, or has gone
  Id task = 0;
};

Waker TaskPool::Place::waker() const {
  return [state = state_] {
    const std::lock_guard lock(state->mutex);
    if (state->pool != nullptr) state->pool->wake(state->task);
  };
}

TaskPool::TaskPool(std::shared_ptr<Clock> clock, std::size_t most_slow)
    : clock_(std::move(clock)), most_slow_(most_slow), most_threads_(most_slow + kForQuickOnes) {}

TaskPool::~TaskPool() {
  stop(Milliseconds::zero());
  std::map<Id, Member> members;
  {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return threads_ == 0; });
    members = std::move(members_);
  }
  for (const auto& [id, member] : members) {
    const std::lock_guard lock(member.place->mutex);
    member.place->pool = nullptr;
  }
}

TaskPool::Place TaskPool::place() {
  Place place;
  place.state_ = std::make_shared<Place::State>();
  return place;
}

TaskPool::Id TaskPool::add(const Place& place, std::shared_ptr<Task> task, TurnKind kind) {
  // First of all, so that nobody asks for a turn in vain.
  const std::lock_guard placed(place.state_->mutex);
  const std::lock_guard lock(mutex_);
  const Id id = queue_.add(kind);
  members_[id] = {.task = std::move(task), .stop = {}, .place = place.state_};
  place.state_->pool = this;
  place.state_->task = id;
  begin_thread_if_needed();
  tell_someone();
  return id;
}

void TaskPool::request_stop(Id task) {
  std::optional<std::stop_source> stop;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = members_.find(task); found != members_.end()) stop = found->second.stop;
  }
  // What is called by it may ask for turns.
  if (stop) stop->request_stop();
}

void TaskPool::remove(Id task) {
  request_stop(task);
  std::shared_ptr<Place::State> place;
  std::shared_ptr<Task> ended;
  {
    std::unique_lock lock(mutex_);
    const auto found = members_.find(task);
    if (found == members_.end()) return;
    place = found->second.place;
    queue_.remove(task);
    ended_.wait(lock, [&] { return !queue_.is_running(task); });
    ended = std::move(found->second.task);
    members_.erase(task);
  }
  const std::lock_guard lock(place->mutex);
  place->pool = nullptr;
}

bool TaskPool::stop(Milliseconds patience) {
  std::vector<std::stop_source> stops;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    for (const auto& [id, member] : members_) stops.push_back(member.stop);
    leader_.notify_all();
    follower_.notify_all();
  }
  for (std::stop_source& stop : stops) stop.request_stop();
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, patience, [this] { return threads_ == 0; });
}

void TaskPool::wake(Id task) {
  const std::lock_guard lock(mutex_);
  queue_.wake(task);
  begin_thread_if_needed();
  tell_someone();
}

void TaskPool::tell_someone() {
  if (followers_ > 0) {
    follower_.notify_one();
  } else {
    leader_.notify_one();
  }
}

// A thread that cannot be begun is no failure while another one is there.
void TaskPool::begin_thread_if_needed() {
  const bool is_needed = !has_leader_ && followers_ == 0 && threads_ < most_threads_;
  if (!is_needed || is_stopping_) return;
  ++threads_;
  try {
    std::thread([this] { work(); }).detach();
  } catch (const std::system_error&) {
    --threads_;
    if (threads_ == 0) throw;
  }
}

void TaskPool::work() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    if (const auto task = queue_.take(clock_->now(), may_be_slow())) {
      begin_thread_if_needed();
      run(*task, lock);
    } else if (!wait_for_work(lock)) {
      break;
    }
  }
  --threads_;
  // With the lock held, for the pool may be gone right after.
  ended_.notify_all();
}

// False: idle for long enough to end.
bool TaskPool::wait_for_work(std::unique_lock<std::mutex>& lock) {
  if (has_leader_) {
    ++followers_;
    const bool is_called = follower_.wait_for(lock, kIdle) == std::cv_status::no_timeout;
    --followers_;
    return is_called || !has_leader_ || is_stopping_;
  }
  has_leader_ = true;
  const std::optional<TimePoint> due = queue_.next_due();
  const Milliseconds nap =
      due ? std::clamp(*due - clock_->now(), Milliseconds{0}, kLongestSleep) : kLongestSleep;
  leader_.wait_for(lock, nap);
  has_leader_ = false;
  // Whoever is idle takes the lead while this one works.
  follower_.notify_one();
  return true;
}

void TaskPool::run(Id task, std::unique_lock<std::mutex>& lock) {
  Member member = members_.at(task);
  lock.unlock();
  const std::optional<TimePoint> next = member.task->run(member.stop.get_token());
  member.task.reset();
  lock.lock();
  queue_.finished(task, next);
  ended_.notify_all();
  leader_.notify_one();
}

void TaskPool::clock_has_moved() {
  const std::lock_guard lock(mutex_);
  leader_.notify_one();
}

std::size_t TaskPool::threads() const {
  const std::lock_guard lock(mutex_);
  return threads_;
}

std::size_t TaskPool::tasks() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

}  // namespace weir::daemon
