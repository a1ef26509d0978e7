// Steps: runs what a client does by itself in the user's own threads, by ClientOptions::executor: a
// step of each task at a time. Safe to use from several threads at once.
#pragma once

#include <weir/client_options.h>

#include <functional>
#include <memory>
#include <stop_token>

#include "time/due.h"

namespace weir {

class Steps {
 public:
  struct Seams {
    Executor executor;
    std::shared_ptr<Clock> clock;
    Due& due;
    // One step of the task. Never throws.
    std::function<void(Task, const std::stop_token&)> run;
    // Told after a step when the next one is due.
    std::function<void(TimePoint)> on_due;
  };

  explicit Steps(Seams seams);
  ~Steps() { stop(); }

  bool are_wanted() const;

  // Hands a step over to the executor when the task is due, unless one is on its way.
  void run_what_is_due(Task task) const;

  // The steps under way are finished, and no other is begun.
  void stop();

 private:
  struct State;

  static void hand_over(const std::shared_ptr<State>& state, Task task);
  static void step(const std::shared_ptr<State>& state, Task task);

  // What was handed over may run after this has gone.
  const std::shared_ptr<State> state_;
};

}  // namespace weir
