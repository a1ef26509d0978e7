// Context: until when something may go on, and whether somebody has asked it to stop.
//
// Handed by value from the facade down to where a call is spent or time is waited for. A call under
// way is finished; no new one is begun. A plain value.
#pragma once

#include <weir/clock.h>

#include <algorithm>
#include <stop_token>

namespace weir {

struct Context {
  std::stop_token stop = {};
  // In steady time.
  Milliseconds deadline = Milliseconds::max();

  // The same, and no longer than that.
  Context until(Milliseconds steady) const {
    return {.stop = stop, .deadline = std::min(deadline, steady)};
  }

  bool is_stopped() const { return stop.stop_requested(); }
  bool is_over(Milliseconds steady_now) const { return steady_now > deadline; }
  Milliseconds left(Milliseconds steady_now) const {
    return deadline > steady_now ? deadline - steady_now : Milliseconds{0};
  }
};

}  // namespace weir
