// CallNews: which calls of the log are news. A call under way has no status yet, so it is told when
// its answer is there, and what came after it then as well. For one thread.
#pragma once

#include <weir/clock.h>
#include <weir/usage.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
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

inline std::vector<CallRecord> CallNews::take(const Usage& usage, TimePoint now) {
  if (!told_until_) {
    told_until_ = usage.last_call_at.value_or(now);
    return {};
  }
  if (!usage.last_call_at || *usage.last_call_at <= *told_until_) return {};
  const std::optional<TimePoint> open = first_open(usage.log, now);
  std::vector<CallRecord> news;
  for (auto call = usage.log.rbegin(); call != usage.log.rend(); ++call) {
    if (call->time <= *told_until_ || (open && call->time >= *open)) continue;
    news.push_back(*call);
  }
  // Of calls at the same moment either all are told or none.
  told_until_ = open ? std::max(*told_until_, *open - Milliseconds{1}) : *usage.last_call_at;
  return news;
}

inline std::optional<TimePoint> CallNews::first_open(const std::vector<CallRecord>& log,
                                                     TimePoint now) {
  std::map<TimePoint, TimePoint> still_open;
  std::optional<TimePoint> first;
  for (const CallRecord& call : log) {
    if (call.status || call.time <= *told_until_) continue;
    const auto known = open_.find(call.time);
    const TimePoint seen = known == open_.end() ? now : known->second;
    still_open.emplace(call.time, seen);
    if (now - seen >= longest_call_) continue;
    first = first ? std::min(*first, call.time) : call.time;
  }
  open_ = std::move(still_open);
  return first;
}

}  // namespace weir::daemon
