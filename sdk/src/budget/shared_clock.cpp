#include "budget/shared_clock.h"

#include <chrono>

namespace weir::budget {
namespace {

constexpr Milliseconds kLooksEvery = std::chrono::minutes{1};
// The way to the store and back takes time. A smaller difference matters to nobody, and would make
// everything that waits look new.
constexpr Milliseconds kMatters = std::chrono::seconds{1};

}  // namespace

bool SharedClock::is_known(TimePoint wall, Milliseconds steady) const {
  if (!looked_at_ || steady - *looked_at_ >= kLooksEvery) return false;
  const Milliseconds drift = (wall - wall_then_) - (steady - *looked_at_);
  return std::chrono::abs(drift) < kMatters;
}

Result<Milliseconds> SharedClock::ahead() {
  if (!store_.shared_time) return Milliseconds{0};
  std::lock_guard lock(mutex_);
  const TimePoint wall = clock_->now();
  const Milliseconds steady = clock_->steady_now();
  if (is_known(wall, steady)) return ahead_;
  const Result<Milliseconds> there = store_.database->read(
      [&](store::Statements& sql) -> Result<Milliseconds> { return store_.shared_time(sql); });
  if (!there) return there.error();
  const Milliseconds found = wall.time_since_epoch() - *there;
  if (!looked_at_ || std::chrono::abs(found - ahead_) >= kMatters) ahead_ = found;
  looked_at_ = steady;
  wall_then_ = wall;
  return ahead_;
}

Result<TimePoint> SharedClock::now() {
  const Result<Milliseconds> ahead = this->ahead();
  if (!ahead) return ahead.error();
  return clock_->now() - *ahead;
}

}  // namespace weir::budget
