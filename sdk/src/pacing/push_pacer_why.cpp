// Why a PushPacer lets a batch wait, in the numbers by which it decides.
#include <algorithm>
#include <array>
#include <cmath>

#include "pacing/push_pacer.h"
#include "pacing/seconds.h"

namespace weir::pacing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// What a person would set.
constexpr std::array<Milliseconds, 13> kUsualDeadlines = {
    minutes{1}, minutes{2}, minutes{5}, minutes{10}, minutes{15}, minutes{20}, minutes{30},
    hours{1},   hours{2},   hours{3},   hours{4},    hours{6},    hours{12}};

// A deadline that saves less of the wait is none to think about.
constexpr int kShareOfWait = 2;

}  // namespace

WaitReason PushPacer::why(const std::string& source, TimePoint now) const {
  WaitReason reason{.price = price_};
  const auto found = numbers_.find(source);
  if (found == numbers_.end()) return reason;
  const std::size_t index = found->second;
  const Source& s = sources_[index];
  if (s.waiting.stale_rows == 0 && !s.waiting.replace_next) return reason;
  reason.stale_rows = s.waiting.stale_rows;
  if (reason.stale_rows > 0)
    reason.since = TimePoint{Milliseconds(s.waiting.oldest_stale_since_ms)};
  const Batch batch = batch_at(s.waiting, {}, now);
  reason.worth = batch.rows > 0 ? worth(index, batch, now) : 0;
  reason.needed = price_;
  // Of two conditions the one that is not met, and of both the larger.
  const double lead = needed_by_lead(s, now);
  const double piled_up = batch.row_seconds * s.urgency.weight;
  if (piled_up < lead && (lead > price_ || reason.worth >= price_)) {
    reason.worth = piled_up;
    reason.needed = lead;
  }
  const std::optional<Due> next = due(index, growth_of(index, now), now);
  if (!next) {
    reason.limited_by = LimitedBy::kDaySpent;
    reason.sent_by = renewed_at();
    return reason;
  }
  reason.sent_by = std::max(next->at, now);
  const std::optional<Due> in_silence = due(index, {}, now);
  reason.sent_at_latest = std::max(in_silence ? in_silence->at : next->at, *reason.sent_by);
  reason.limited_by = next->at <= now ? LimitedBy::kConnection : next->limited_by;
  reason.deadline_instead = deadline_instead(index, reason, now);
  return reason;
}

std::optional<TimePoint> PushPacer::sent_by(const std::string& source, TimePoint now) const {
  const auto found = numbers_.find(source);
  if (found == numbers_.end()) return std::nullopt;
  const Source& s = sources_[found->second];
  if (s.waiting.stale_rows == 0 && !s.waiting.replace_next) return std::nullopt;
  const std::optional<Due> next = due(found->second, growth_of(found->second, now), now);
  return next ? std::max(next->at, now) : renewed_at();
}

// When the day's calls are there again.
std::optional<TimePoint> PushPacer::renewed_at() const {
  if (days_.empty()) return std::nullopt;
  return days_.front().end + left_.doubt;
}

// As they do now: what is expected of this moment, after the silence that there is.
PushPacer::Growth PushPacer::growth_of(std::size_t source, TimePoint now) const {
  const ExpectedRate expected = rates_.expected(source, seconds(now));
  return {.from = now,
          .rows_a_second = expected.now * expected.clustering->ratio(expected.since_last)};
}

// The calls that it costs are those of a data source whose rows wait so long after the first of
// them, against those of one whose rows wait as long as these.
std::optional<WaitReason::Deadline> PushPacer::deadline_instead(std::size_t source,
                                                                const WaitReason& reason,
                                                                TimePoint now) const {
  if (reason.limited_by != LimitedBy::kPrice || !reason.since) return std::nullopt;
  const Milliseconds wait = *reason.sent_by - *reason.since;
  const auto longer =
      std::upper_bound(kUsualDeadlines.begin(), kUsualDeadlines.end(), wait / kShareOfWait);
  if (longer == kUsualDeadlines.begin()) return std::nullopt;
  const Milliseconds deadline = *std::prev(longer);
  const ExpectedRate expected = rates_.expected(source, seconds(now));
  const auto calls_a_day = [&](Milliseconds waits) {
    const double silent = expected.lasting * expected.clustering->ratio(seconds(waits));
    return kSecondsPerDay / (seconds(waits) + 1 / std::max(silent, kSilentRate));
  };
  return WaitReason::Deadline{
      .deadline = deadline,
      .sent_at = *reason.since + deadline,
      .more_calls_a_day = std::max(calls_a_day(deadline) - calls_a_day(wait), 0.0)};
}

}  // namespace weir::pacing
