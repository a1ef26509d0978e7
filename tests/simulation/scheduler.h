// Scheduler: virtual time, and the fibers and events that happen in it, one at a time in one
// thread.
//
// A fiber is a piece of program with a stack of its own: the real code of the SDK runs in it as it
// would in a process, and gives way to the others where it waits. What happens at one moment
// happens in the order in which it was asked for, so a run depends on nothing but its seed. Not
// thread-safe: a simulation lives in one thread.
#pragma once

#include <ucontext.h>
#include <weir/clock.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace weir::simulation {

class Fiber {
 public:
  bool is_finished() const { return finished_; }

 private:
  friend class Scheduler;

  std::function<void()> body_;
  std::unique_ptr<std::byte[]> stack_;
  ucontext_t context_ = {};
  void* sanitizer_state_ = nullptr;
  std::uint64_t sleep_ = 0;  // the number of the sleep it is in
  bool finished_ = false;
};

class Scheduler {
 public:
  explicit Scheduler(TimePoint start) : now_(start) {}

  // The true time, which no clock of the simulation need show.
  TimePoint now() const { return now_; }

  // Calls `what` at that time, outside of every fiber.
  void at(TimePoint when, std::function<void()> what);

  // Begins to run `body` as a fiber, now. It must not let an exception out.
  Fiber& start(std::function<void()> body);

  // The fiber that runs; null in an event.
  Fiber* current() const { return current_; }

  // Lets time pass for the fiber that runs. It may be woken earlier.
  void sleep_until(TimePoint when);

  // Runs the fiber on from where it sleeps, now. Only from an event.
  void wake(Fiber& fiber);

  // Until nothing is left to happen, or stop().
  void run();
  void stop() { stopped_ = true; }

  std::uint64_t steps() const { return steps_; }

 private:
  struct Event {
    TimePoint when;
    std::uint64_t number = 0;
    Fiber* fiber = nullptr;  // the sleeper to wake, or else `what`
    std::uint64_t sleep = 0;
    std::function<void()> what = {};

    // The later one is the lesser, as a heap of the standard library wants it.
    bool operator<(const Event& other) const {
      return when != other.when ? when > other.when : number > other.number;
    }
  };

  static void enter();
  void resume(Fiber& fiber);
  void give_way(Fiber& fiber);

  TimePoint now_;
  std::uint64_t steps_ = 0;
  std::uint64_t events_made_ = 0;
  bool stopped_ = false;
  bool in_event_ = false;
  void push(Event event);
  Event pop();

  std::vector<Event> events_;  // a heap, the earliest first
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Fiber* current_ = nullptr;
  ucontext_t outside_ = {};
};

}  // namespace weir::simulation
