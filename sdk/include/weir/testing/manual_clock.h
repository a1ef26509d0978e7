// ManualClock: a Clock that moves only when told, for tests of programs that use Weir.
//
// wait() advances the time by what was asked and returns at once, so a test never sleeps. Wall time
// can be set apart from steady time to play a clock that was changed. Safe to use from several
// threads.
//
//   auto clock = std::make_shared<weir::testing::ManualClock>(start);
//   clock->advance(std::chrono::hours{1});
#pragma once

#include <weir/clock.h>

#include <mutex>

namespace weir::testing::inline v0 {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start) : now_(start) {}

  TimePoint now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }

  Milliseconds steady_now() const override {
    std::lock_guard lock(mutex_);
    return steady_;
  }

  bool wait(Milliseconds duration, const std::stop_token& stop) override {
    advance(duration);
    return !stop.stop_requested();
  }

  // Lets time pass: wall time and steady time move together.
  void advance(Milliseconds duration) {
    std::lock_guard lock(mutex_);
    now_ += duration;
    steady_ += duration;
  }

  // Somebody set the wall clock: steady time does not move.
  void set_wall_time(TimePoint now) {
    std::lock_guard lock(mutex_);
    now_ = now;
  }

 private:
  mutable std::mutex mutex_;
  TimePoint now_;
  Milliseconds steady_{1};
};

}  // namespace weir::testing::inline v0
