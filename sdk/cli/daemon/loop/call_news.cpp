#include "daemon/loop/call_news.h"

#include <algorithm>
#include <utility>

namespace weir::daemon {

std::vector<CallRecord> CallNews::take(const Usage& usage, TimePoint now) {
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

std::optional<TimePoint> CallNews::first_open(const std::vector<CallRecord>& log, TimePoint now) {
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
