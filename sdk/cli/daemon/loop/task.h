// Task: one thing that the daemon does again and again, such as reading a source, looking at a poll
// or handing entries over. Tasks share the threads of one pool; none has a thread of its own.
#pragma once

#include <weir/client.h>
#include <weir/clock.h>
#include <weir/log.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "daemon/config/daemon_config.h"

namespace weir::daemon {

enum class TaskState {
  kWell,       // at work, or waits for its next turn
  kElsewhere,  // another process does it, and this one stands by
  kHeld,       // a person must release it
  kFailing,    // its last turn failed; it tries again
  kStopped,    // does nothing until something is changed, such as the key
};

// Whether nobody has to see to it.
inline bool is_well(TaskState state) {
  return state == TaskState::kWell || state == TaskState::kElsewhere;
}

// What the page and `weir status` say of a task.
struct TaskStatus {
  TaskState state = TaskState::kWell;
  TimePoint since = {};         // when it came into this state
  std::string error = {};       // what went wrong, of kHeld, kFailing and kStopped
  std::string what_to_do = {};  // the next step of a person
  std::string warning = {};     // of a source that goes on all the same
  std::optional<TimePoint> last_success_at = {};
  std::optional<TimePoint> next_at = {};
  std::int64_t failures = 0;      // in a row
  std::int64_t held_deletes = 0;  // of a source that is held
  std::int64_t waiting = 0;       // entries of a poll that are not handled yet
  std::int64_t dead_letters = 0;  // of a poll
  std::int64_t handled = 0;       // entries of a poll, and tries that failed, since the start
  std::int64_t failed = 0;
  std::optional<PollPace> pace = {};  // of a poll that has begun
};

// Where a task stands that is run until nothing is due any more.
enum class Stand {
  kMore,       // it wants another turn soon
  kThrough,    // what was due is done, or has failed
  kElsewhere,  // another process does it
};

class Task {
 public:
  virtual ~Task() = default;

  // Does what is due now, in a thread of the pool, and returns when it wants its next turn; empty:
  // only when it is woken. It is never run twice at once, ends early when `stop` is requested, and
  // throws nothing.
  virtual std::optional<TimePoint> run(std::stop_token stop) = 0;

  // From any thread, also while it runs.
  virtual TaskStatus status() const = 0;

 protected:
  Task() = default;
  Task(const Task&) = default;
  Task& operator=(const Task&) = default;
};

// Asks for a turn of its task as soon as a thread is free; while the task runs, for one more after
// it. From any thread, and without effect once the task has gone.
using Waker = std::function<void()>;

// What the tasks of one organization have in common; outlives them.
struct OrgParts {
  const OrgConfig& config;
  const DaemonSettings& daemon;
  Client& client;
  std::shared_ptr<Clock> clock;
  LogSink log;
  // To be called after rows were kept in the outbox: what is worth a call is sent.
  Waker rows_kept;
  // To be called when a poll has begun, ended or wants a look: the looks have a turn.
  Waker looks_wanted;
};

}  // namespace weir::daemon
