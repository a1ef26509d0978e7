// SpendingRule: I10, how programs may spend by themselves: what is handed to them, however it
// comes, never spends the day, and a person finds calls at its end.
//
// Two parts. Within five minutes every queue (a data source in a process) has at most as many calls
// as twice the even pace gives, and beyond them the fifth root of its rows (docs/adr/0013). And on
// a day that leaves no call, rows waited for most of the time since half of the calls were gone:
// nothing was spent for rows that hardly waited. Calls that a person asks for are not held against
// it. Knows nothing of the SDK. Plain value.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace weir::simulation {

// The org day at the platform, at a moment.
struct DayNow {
  std::string day;
  std::int64_t calls_left = 0;
  Milliseconds until_midnight = {};
};

class SpendingRule {
 public:
  SpendingRule(std::int64_t queues, std::int64_t calls_per_day)
      : queues_(queues), calls_per_day_(calls_per_day) {}

  void handed_over(std::int64_t rows) { rows_ += rows; }

  // A call came to nothing, or nobody knows: it may be made again at once.
  void failed(TimePoint now) { failures_.push_back(now); }

  // A call that a program makes by itself comes in; `day` has it still. In words, what is wrong.
  std::optional<std::string> call(const DayNow& day, TimePoint now);

  // Whether rows wait, from now on; asked often. In words, what was wrong with the day that ended.
  std::optional<std::string> look(const DayNow& day, bool rows_wait, TimePoint now);

 private:
  double most_calls(const DayNow& day) const;
  std::optional<std::string> verdict() const;

  const std::int64_t queues_;
  const std::int64_t calls_per_day_;
  std::int64_t rows_ = 0;
  std::deque<TimePoint> calls_;     // of five minutes
  std::deque<TimePoint> failures_;  // likewise
  DayNow at_first_ = {};            // when the first of calls_ came in

  DayNow today_ = {};
  std::optional<TimePoint> looked_at_;
  bool rows_wait_ = false;
  // Since half of the day's calls are gone.
  Milliseconds fresh_ = {};
  Milliseconds stale_ = {};
};

}  // namespace weir::simulation
