// PushSchedule: which data source's batch is to be sent next, and when.
//
// A state machine without a clock: it is told the time and what waits, and answers with the next
// action, so it runs the same in a program and in a simulation. When a batch is worth a call, the
// pacer knows (pacing/push_pacer.h). A data source whose call failed rests. Not thread-safe: its
// owner locks.
#pragma once

#include <weir/clock.h>
#include <weir/error.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
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

class PushSchedule {
 public:
  // The earliest push; empty when nothing waits, or nothing that is worth a call, or what waits is
  // halted. Rests that were kept are worth no more than the clock they were read from: none lies
  // further ahead of `now` than it can by itself.
  std::optional<NextPush> next(const std::vector<outbox::PendingSource>& pending,
                               const DueOf& due_of, TimePoint now) const;

  // The batch arrived.
  void succeeded(const std::string& source);

  // The call failed, or could not be made. The data source rests, or halts when trying again cannot
  // help.
  void failed(const std::string& source, const Error& error, TimePoint now);

  // The platform refused a batch of this many changes for its content. The outbox makes the next
  // one smaller; one that cannot be made smaller halts the data source.
  void refused(const std::string& source, std::int64_t changes, const Error& error);

  // The one refused change was put aside. After some in a row it is not the rows' fault: the data
  // source halts.
  void put_aside(const std::string& source, const Error& error);

  // Forgets rests and halts: somebody asks to send now.
  void resume(const std::string& source);
  void resume_all();

  // Whether nothing of what waits is sent until somebody resumes.
  bool halts_all(const std::vector<outbox::PendingSource>& pending) const;

  // Why nothing is sent for this data source; empty when it is not halted.
  std::optional<Error> halted_by(const std::string& source) const;

 private:
  struct Progress {
    int failures = 0;
    int put_aside_in_a_row = 0;
    TimePoint rests_until = {};
    std::optional<Error> halted_by = {};
  };

  Progress& progress(const std::string& source);
  std::map<std::string, Progress> progress_;
  // A wrong key is wrong for every data source: nothing is sent until somebody resumes.
  std::optional<Error> all_halted_by_;
  // A spent day is spent for every data source.
  TimePoint all_rest_until_ = {};
};

}  // namespace weir::pacing
