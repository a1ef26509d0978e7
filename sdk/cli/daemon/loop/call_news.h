// CallNews: which calls of the log are news. A call under way has no status yet, so it is told when
// its answer is there, and what came after it then as well. For one thread.
#pragma once

#include <weir/clock.h>
#include <weir/usage.h>

#include <map>
#include <optional>
#include <vector>

namespace weir::daemon {

class CallNews {
 public:
  // Without a status for so long, a call has got no answer.
  explicit CallNews(Milliseconds longest_call) : longest_call_(longest_call) {}

  // The calls to be told now, in order. What was before the first time is no news.
  std::vector<CallRecord> take(const Usage& usage, TimePoint now);

 private:
  // Of the first call that may be under way.
  std::optional<TimePoint> first_open(const std::vector<CallRecord>& log, TimePoint now);

  const Milliseconds longest_call_;
  std::optional<TimePoint> told_until_ = {};
  // When a call without a status was first seen, by its time: the platform's clock may differ.
  std::map<TimePoint, TimePoint> open_ = {};
};

}  // namespace weir::daemon
