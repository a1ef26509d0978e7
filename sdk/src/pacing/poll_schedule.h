// PollSchedule: which source is to be looked at next, and when.
//
// A look is due when it is expected to find a price's worth of stale row-seconds: a source whose
// rows change at `rate` since it was last looked at, after sqrt(2 price / (weight rate)) at a
// steady rate. A hint makes it due at once. The price is the one that rules pushes; what polls
// would spend at a price is told by forecast(), so that one number can be solved for both.
//
// A state machine without a clock or chance, the same in a program and in a simulation. A decision
// costs O(log n) in the number of sources; set_price(), about once a minute, O(n). Not thread-safe:
// its owner locks.
#pragma once

#include <weir/clock.h>
#include <weir/why.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "pacing/due_queue.h"
#include "pacing/poll_forecast.h"
#include "pacing/poll_rates.h"

namespace weir::pacing {

struct PollNeed {
  // A stale row of weight 2 counts as two.
  double weight = 1;
  // Never looked at sooner than this after the last look, unless there is a hint.
  Milliseconds shortest = {};
  // Looked at after this at the latest, at any price; 0 is no limit.
  Milliseconds longest = {};
};

struct NextLook {
  std::size_t source;
  TimePoint due;
};

class PollSchedule {
 public:
  // A source that is known as it is at `now`, with the first look a usual interval away; `habits`
  // is what an earlier program has learned of it. Returns its number.
  std::size_t add(const PollNeed& need, TimePoint now, const SourceHabits& habits = {});

  std::size_t size() const { return sources_.size(); }

  // What was learned of how fast things change.
  const PollRates& rates() const { return rates_; }

  // What an earlier program has learned of all sources together.
  void recall(const CommonHabits& habits) { rates_.recall(habits); }

  // No longer looked at.
  void remove(std::size_t source);

  // A look at `now`: it found `found` changed rows and took `calls` calls.
  void looked(std::size_t source, std::int64_t found, std::int64_t calls, TimePoint now);

  // A look at `now` from which nothing is to be learned, such as the first.
  void caught_up(std::size_t source, TimePoint now);

  // A look did not come to its end: not before `until` again.
  void rest(std::size_t source, TimePoint until, TimePoint now);

  // There is news: look at once.
  void hint(std::size_t source, TimePoint now);

  // What a call must save, in stale row-seconds; infinite: nothing may be spent. `midnight` is the
  // begin of the org day.
  void set_price(double price, TimePoint midnight, TimePoint now);

  // The earliest look.
  std::optional<NextLook> next() const;

  // How often a source is looked at, and why; and how often it would be at another price.
  PollPace pace(std::size_t source, TimePoint now) const { return pace(source, price_, now); }
  PollPace pace(std::size_t source, double price, TimePoint now) const;

  // What polls would spend until `end`, by price.
  PollForecast forecast(TimePoint now, TimePoint end) const;

  double price() const { return price_; }

 private:
  struct Source {
    PollNeed need = {};
    std::int64_t calls = 1;
    std::optional<TimePoint> hinted_at = {};
    TimePoint rests_until = {};
    bool is_polled = true;
  };

  struct Due {
    TimePoint at;
    LimitedBy limited_by;
  };

  void plan(std::size_t source, TimePoint now);
  std::optional<Due> due(std::size_t number, double price, TimePoint now) const;
  std::optional<Due> due_by_pace(std::size_t number, double price, TimePoint now) const;

  std::vector<Source> sources_;
  PollRates rates_;
  DueQueue queue_;
  double price_ = 0;
};

}  // namespace weir::pacing
