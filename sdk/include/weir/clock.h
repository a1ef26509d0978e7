// Clock: the seam through which Weir learns the time and waits, so that any behaviour can be tested
// without a sleep.
//
// The default is the system's clocks (system_clock()). Tests and simulations pass
// testing/manual_clock.h instead. Implementations must be safe to call from several threads at
// once.
#pragma once

#include <weir/export.h>

#include <chrono>
#include <memory>
#include <stop_token>

namespace weir::inline v0 {

// Wall time. Milliseconds are fine enough for every decision, and the store keeps them as integers.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

class WEIR_EXPORT Clock {
 public:
  virtual ~Clock() = default;

  // The current wall time. May jump in either direction.
  virtual TimePoint now() const = 0;

  // Time since an unspecified moment that all processes of the host share until it restarts. Never
  // goes back.
  virtual Milliseconds steady_now() const = 0;

  // Waits for `duration` or until a stop is requested. Returns false when it was stopped.
  virtual bool wait(Milliseconds duration, const std::stop_token& stop) = 0;
};

// The real clocks of this machine.
WEIR_EXPORT std::shared_ptr<Clock> system_clock();

}  // namespace weir::inline v0
