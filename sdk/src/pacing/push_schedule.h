// PushSchedule: which data source's batch is to be sent next, and when.
//
// A state machine without a clock: it is told the time and what waits, and answers with the next
// action, so it runs the same in a program and in a simulation. When a batch is worth a call, the
// pacer knows (pacing/push_pacer.h). A data source whose call failed rests. Not thread-safe: its
// owner locks.
#pragma once

#include <weir/clock.h>
#include <weir/error.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "outbox/pending_source.h"

namespace weir::pacing {

struct NextPush {
  std::string source;
  TimePoint due;
};

// When what waits for a data source is worth a call; empty: not yet to be told.
using DueOf = std::function<std::optional<TimePoint>(const outbox::PendingSource&)>;

// Everything is worth a call.
inline std::optional<TimePoint> due_at_once(const outbox::PendingSource& /*source*/) {
  return TimePoint{};
}

// Why and until when nothing is sent by itself, or not yet again.
struct Halt {
  Error by;
  TimePoint until;
};

class PushSchedule {
 public:
  // The earliest push; empty when nothing waits, or nothing that is worth a call, or what waits is
  // under way. Rests that were kept are worth no more than the clock they were read from: none lies
  // further ahead of `now` than it is long.
  std::optional<NextPush> next(const std::vector<outbox::PendingSource>& pending,
                               const DueOf& due_of, TimePoint now) const;

  // Its batch is under way: next() leaves the data source alone until one of the ends below.
  void begin(const std::string& source) { under_way_.insert(source); }
  bool is_under_way(const std::string& source) const { return under_way_.contains(source); }

  // The batch arrived.
  void succeeded(const std::string& source);

  // The call failed, or could not be made. The data source rests, for long when trying again can
  // hardly help.
  void failed(const std::string& source, const Error& error, TimePoint now);

  // The platform refused a batch of this many changes for its content. The outbox makes the next
  // one smaller; one that cannot be made smaller halts the data source.
  void refused(const std::string& source, std::int64_t changes, const Error& error, TimePoint now);

  // The one refused change was put aside. After some in a row it is not the rows' fault: the data
  // source halts.
  void put_aside(const std::string& source, const Error& error, TimePoint now);

  // The attempt was ended from outside and tells nothing.
  void given_up(const std::string& source) { under_way_.erase(source); }

  // Forgets rests and halts: somebody asks to send now.
  void resume(const std::string& source);
  void resume_all();

  // Somebody else has sent rows of it since it was halted. "": since all were.
  void ended_elsewhere(const std::string& source);

  // Why nothing is sent for this data source and until when; empty when it is not halted.
  std::optional<Halt> halted(const std::string& source, TimePoint now) const;

  // Until when the data source rests, for whatever reason, and by which failure; empty when it does
  // not.
  std::optional<Halt> resting(const std::string& source, TimePoint now) const;
  std::optional<TimePoint> rests_until(const std::string& source, TimePoint now) const;

 private:
  // Until a moment that is no further ahead than this is long, should the clock be set back.
  struct Rest {
    TimePoint until = {};
    Milliseconds length = {};
    Error by = {};

    TimePoint end(TimePoint now) const { return std::min(until, now + length); }
  };

  struct Progress {
    int failures = 0;
    int put_aside_in_a_row = 0;
    Rest rest = {};
    std::optional<Error> halted_by = {};
  };

  Progress& progress(const std::string& source);
  // The one that lasts longest.
  const Rest& rest_of_source(const std::string& source, TimePoint now) const;
  void halt(Progress& state, const Error& error, TimePoint now);

  std::map<std::string, Progress> progress_;
  std::set<std::string> under_way_;
  // A spent day is spent for every data source, and a wrong key is wrong for each.
  Rest all_rest_;
  std::optional<Error> all_halted_by_;
};

}  // namespace weir::pacing
