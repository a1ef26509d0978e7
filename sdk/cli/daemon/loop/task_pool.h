// TaskPool: the threads of the daemon. All tasks of all organizations share them, so their number
// depends on what is under way, and never on how many tasks there are.
//
// Threads are begun when one is needed and end when they have been idle for a while. Of slow turns
// (TurnKind) at most so many run at once that some threads are always left for quick ones. Safe to
// use from several threads at once.
#pragma once

#include <weir/clock.h>

#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "daemon/loop/task.h"
#include "daemon/loop/turn_queue.h"

namespace weir::daemon {

class TaskPool {
 public:
  using Id = TurnQueue::Id;

  // `most_slow`: slow turns at once; a few threads more are there for quick ones.
  TaskPool(std::shared_ptr<Clock> clock, std::size_t most_slow);
  // Waits for every turn that is under way, however long it takes.
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  // A waker must be given to a task when it is made, so its place is made first.
  class Place {
   public:
    // Has no effect before the task is there, once it has gone, and when the pool has ended.
    Waker waker() const;

   private:
    friend class TaskPool;
    struct State;
    std::shared_ptr<State> state_;
  };
  Place place();

  // Its first turn is at once.
  Id add(const Place& place, std::shared_ptr<Task> task, TurnKind kind);

  // Requests the task's stop, and returns when it does not run any more. Not from its own turn.
  void remove(Id task);
  // The first half of it, for several at once.
  void request_stop(Id task);

  // Begins no more turns and requests the stop of those under way; false when some still run after
  // so long.
  bool stop(Milliseconds patience);

  // For who moves the clock by hand: threads do not see that by themselves.
  void clock_has_moved();

  std::size_t threads() const;
  std::size_t tasks() const;

 private:
  struct Member {
    std::shared_ptr<Task> task;
    std::stop_source stop;
    std::shared_ptr<Place::State> place;
  };

  void work();
  void begin_thread_if_needed();
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  void run(Id task, std::unique_lock<std::mutex>& lock);
  void wake(Id task);
  void tell_someone();
  bool may_be_slow() const { return queue_.slow_running() < most_slow_; }

  const std::shared_ptr<Clock> clock_;
  const std::size_t most_slow_;
  const std::size_t most_threads_;

  mutable std::mutex mutex_;
  TurnQueue queue_;  // guarded by mutex_, as all that follows
  std::map<Id, Member> members_;
  bool is_stopping_ = false;
  bool has_leader_ = false;  // an idle thread that waits for the next timer
  std::size_t threads_ = 0;
  std::size_t followers_ = 0;  // idle threads that wait for nothing in particular
  std::condition_variable leader_;
  std::condition_variable follower_;
  std::condition_variable ended_;  // a turn, or a thread
};

}  // namespace weir::daemon
