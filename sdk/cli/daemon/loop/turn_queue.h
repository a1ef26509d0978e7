// TurnQueue: which task has its turn next: one heap of timers for all tasks of all organizations. A
// state machine without clock and threads; TaskPool runs it.
#pragma once

#include <weir/clock.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::daemon {

// How long a turn may take, and so how many of its kind may run at once.
enum class TurnKind {
  kQuick,  // calls of the platform, which have a timeout, and what is done in memory
  kSlow,   // files, databases, programs: what may hang as long as it likes
};

class TurnQueue {
 public:
  using Id = std::uint64_t;

  // Its first turn is at once.
  Id add(TurnKind kind);

  // It gets no more turns.
  void remove(Id task);

  // A turn as soon as possible; of a task that runs, one more after it.
  void wake(Id task);

  // The task whose turn it is; it runs until finished() is called. Slow ones are passed over where
  // `may_be_slow` is false.
  std::optional<Id> take(TimePoint now, bool may_be_slow);

  // The turn has ended; empty: the next one is when the task is woken.
  void finished(Id task, std::optional<TimePoint> next);

  // When take() is to be asked again, unless something is woken; empty: only then.
  std::optional<TimePoint> next_due() const;

  bool is_running(Id task) const;
  // Whether take() had something before, of this kind.
  bool has_ready(bool may_be_slow) const;
  std::size_t slow_running() const { return slow_running_; }
  std::size_t size() const { return tasks_.size(); }

 private:
  struct Entry {
    TurnKind kind = TurnKind::kQuick;
    bool is_ready = false;
    bool is_running = false;
    bool is_woken = false;    // while it runs
    bool is_removed = false;  // while it runs
    std::uint64_t timer = 0;  // the timer that counts; others of this task are stale
  };
  struct Timer {
    TimePoint due;
    Id task;
    std::uint64_t number;
    bool operator>(const Timer& other) const { return due > other.due; }
  };

  void make_ready(Id task, Entry& entry);
  void fire(TimePoint now);
  bool is_stale(const Timer& timer) const;
  void drop_stale();
  std::optional<Id> take_from(std::deque<Id>& ready);

  std::unordered_map<Id, Entry> tasks_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::deque<Id> quick_;  // whose turn it is, in order
  std::deque<Id> slow_;
  std::size_t slow_running_ = 0;
  Id last_id_ = 0;
  std::uint64_t last_timer_ = 0;
};

}  // namespace weir::daemon
