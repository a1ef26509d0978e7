// The part of the core that is driven by an event loop of the user's own.
#include <algorithm>

#include "client/core.h"

namespace weir {

void Core::tell_due(Task task, TimePoint due) {
  if (steps_.are_wanted() && due <= clock_->now()) {
    steps_.run_what_is_due(task);
  } else if (options_.on_due) {
    options_.on_due(due);
  }
}

void Core::run_step(Task task, const std::stop_token& stop) noexcept {
  task == Task::kPushes ? pushes_.run_and_rest(stop) : polls_.run_and_rest(stop);
}

Result<std::optional<TimePoint>> Core::run_due() {
  if (Result<void> own = require_own_process(); !own) return own.error();
  for (const Task task : {Task::kPushes, Task::kLooks}) {
    if (steps_.are_wanted()) {
      steps_.run_what_is_due(task);
    } else if (due_.is_due(task)) {
      run_step(task, stopping_.get_token());
    }
  }
  return next_due();
}

}  // namespace weir
