// Due: when the loops of a client have something to do next, for whoever drives them from an event
// loop. Safe to use from several threads at once.
#pragma once

#include <weir/clock.h>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace weir {

// Who has something to do.
enum class Task : std::size_t { kPushes, kLooks };
inline constexpr std::size_t kTasks = 2;

class Due {
 public:
  // Told when the moment of a task has moved earlier, without a lock of ours, by whoever moved it.
  using Moved = std::function<void(Task, TimePoint)>;

  Due(std::shared_ptr<Clock> clock, Moved moved)
      : clock_(std::move(clock)), moved_(std::move(moved)) {}

  // There is something to look at: the task is due now.
  void news(Task task);

  // A run of the task: news from its beginning on are for the next one.
  class Run {
   public:
    Run(Due& due, Task task, Milliseconds rest);
    // Not told how it has ended, such as by an exception, it has something to do again after
    // `rest`.
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    // It has something to do again then; empty: only when there are news.
    void end(std::optional<TimePoint> next);

   private:
    Due& due_;
    const Task task_;
    const Milliseconds rest_;
    bool is_ended_ = false;
  };

  // The earliest moment of all; empty: nothing to do.
  std::optional<TimePoint> next() const;
  std::optional<TimePoint> next(Task task) const;

  // Whether its moment has come, or it has not looked for so long that others may have handed
  // something over (kLongestNap).
  bool is_due(Task task) const;

 private:
  struct State {
    std::optional<TimePoint> due;
    bool has_news = false;
    std::optional<Milliseconds> looked_at = {};  // in steady time
  };

  State& of(Task task) { return states_[static_cast<std::size_t>(task)]; }
  void move(Task task, std::optional<TimePoint> due, std::unique_lock<std::mutex> lock);

  const std::shared_ptr<Clock> clock_;
  const Moved moved_;
  mutable std::mutex mutex_;
  std::array<State, kTasks> states_;
};

}  // namespace weir
