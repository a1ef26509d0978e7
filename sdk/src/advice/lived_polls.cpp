#include "advice/lived_polls.h"

#include <algorithm>

#include "pacing/seconds.h"

namespace weir::advice {

void LivedPolls::looked(const std::string& poll, std::span<const TimePoint> news,
                        std::int64_t calls, TimePoint now) {
  if (calls > 0) calls_[calendar_.day_of(now)] += calls;
  if (now <= span_.from) return;
  Poll& looked = polls_[poll];
  if (now <= span_.to) looked.calls += calls;
  const TimePoint until = std::min(now, span_.to);
  for (const TimePoint came : news) {
    if (came >= until) continue;
    looked.waits.push_back(static_cast<float>(pacing::seconds(until - came)));
    looked.seconds += pacing::seconds(until - std::max(came, span_.from));
  }
}

std::int64_t LivedPolls::calls_on(const std::string& org_day) const {
  const auto found = calls_.find(org_day);
  return found == calls_.end() ? 0 : found->second;
}

std::map<std::string, RehearsedSource::Side> LivedPolls::by_poll() const {
  std::map<std::string, RehearsedSource::Side> sides;
  for (const auto& [key, poll] : polls_) {
    RehearsedSource::Side& side = sides[key];
    side.calls = poll.calls;
    side.stale_row_seconds = poll.seconds;
    if (!poll.waits.empty()) side.staleness_95 = most_wait(poll.waits);
  }
  return sides;
}

}  // namespace weir::advice
