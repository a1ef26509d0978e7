// Life: one run of a simulated process, from its start to its end or its kill.
//
// A kill is what kill -9 is: from that moment on the process changes nothing, its locks are free,
// and its connections close. The code of the SDK is then left by Killed, thrown where it next waits
// or sends; the store answers it with errors meanwhile, since the SDK also writes in destructors.
#pragma once

#include <weir/clock.h>
#include <weir/error.h>

#include <functional>

#include "simulation/scheduler.h"

namespace weir::simulation {

// Thrown through the SDK by a process that is dead; not an error that anybody handles.
struct Killed {};

struct Life {
  int process = 0;
  Fiber* fiber = nullptr;
  bool is_dead = false;
  // Dies at the seam at which this has come down to 0; -1: not planned.
  int seams_left = -1;
  // Dies at some moment of its next call.
  bool dies_in_call = false;
  // Somebody asks it for something: its calls are not its own idea.
  bool acts = false;
  // Transactions that were committed since the process last began something.
  int commits = 0;
  // Frees what the kernel would: set by whoever runs the process.
  std::function<void()> on_death = {};

  void die() {
    if (is_dead) return;
    is_dead = true;
    if (on_death) on_death();
  }

  // The process does something that the rest of the world can see. True when it died of the plan.
  bool passes_seam() {
    if (is_dead) return true;
    if (seams_left < 0 || --seams_left >= 0) return false;
    die();
    return true;
  }
};

// What a dead process is told by its store.
inline Error dead_error() {
  return {.code = ErrorCode::kStoreUnusable, .message = "this process was killed"};
}

}  // namespace weir::simulation
