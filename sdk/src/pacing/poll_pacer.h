// PollPacer: a poll schedule whose price is solved from the calls that are left for the day, with
// sources by name: what a simulation of polls asks. The same vocabulary as the push side's pacer.
// Not thread-safe.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pacing/poll_schedule.h"

namespace weir::pacing {

struct DueLook {
  std::string source;
  TimePoint due;
};

class PollPacer {
 public:
  // A source that is known as it is at `now`.
  void add(const std::string& source, const PollNeed& need, TimePoint now);

  // A look has found so many changed rows, in one call.
  void looked(const std::string& source, std::int64_t found, TimePoint now);

  // Solves the price from the calls that are left for the day, about once a minute.
  void reprice(TimePoint now, std::int64_t calls_left, TimePoint day_begin, TimePoint day_end);

  // The earliest look; empty when nothing is worth a call.
  std::optional<DueLook> next() const;

  double price() const { return schedule_.price(); }

 private:
  PollSchedule schedule_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> numbers_;
  std::int64_t calls_left_ = 0;
};

}  // namespace weir::pacing
