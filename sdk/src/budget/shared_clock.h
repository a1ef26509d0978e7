// SharedClock: how far this host's wall clock is ahead of the store's, by which rows grow stale
// where several hosts share one.
//
// A row that one host hands over is sent by any of them. By their own clocks it would look older or
// younger than it is, as much as these differ, and a host whose clock is ahead would think each row
// of the others worth a call at once. On one host all processes have the same clock, and it is 0.
// Thread-safe.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <memory>
#include <mutex>
#include <optional>

#include "store/store.h"

namespace weir::budget {

class SharedClock {
 public:
  SharedClock(store::Store& store, std::shared_ptr<Clock> clock)
      : store_(store), clock_(std::move(clock)) {}

  // Looks at the store's clock once a minute, and when somebody has set the wall clock.
  Result<Milliseconds> ahead();

  // This moment by the store's clock.
  Result<TimePoint> now();

 private:
  bool is_known(TimePoint wall, Milliseconds steady) const;

  store::Store& store_;
  const std::shared_ptr<Clock> clock_;
  std::mutex mutex_;
  Milliseconds ahead_ = {};
  std::optional<Milliseconds> looked_at_ = {};  // steady
  TimePoint wall_then_ = {};
};

}  // namespace weir::budget
