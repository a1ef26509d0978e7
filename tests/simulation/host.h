// Host: a machine of the simulation, with a wall clock that may be wrong and steady time since it
// was started; and the clock that its processes see.
#pragma once

#include <weir/clock.h>

#include <algorithm>
#include <string>

#include "simulation/life.h"
#include "simulation/scheduler.h"

namespace weir::simulation {

struct Host {
  std::string id;
  Milliseconds wall_ahead = {};  // of the true time
  TimePoint started = {};        // when its steady time was 0
};

class ProcessClock final : public Clock {
 public:
  ProcessClock(Scheduler& scheduler, const Host& host, Life& life)
      : scheduler_(scheduler), host_(host), life_(life) {}

  TimePoint now() const override { return scheduler_.now() + host_.wall_ahead; }
  Milliseconds steady_now() const override { return scheduler_.now() - host_.started; }

  // At least a moment, or somebody who polls would make time stand still.
  bool wait(Milliseconds duration, const std::stop_token& stop) override {
    if (life_.passes_seam()) throw Killed{};
    scheduler_.sleep_until(scheduler_.now() + std::max(duration, Milliseconds{1}));
    if (life_.is_dead) throw Killed{};
    return !stop.stop_requested();
  }

 private:
  Scheduler& scheduler_;
  const Host& host_;
  Life& life_;
};

}  // namespace weir::simulation
