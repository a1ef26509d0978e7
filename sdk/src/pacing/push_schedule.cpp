#include "pacing/push_schedule.h"

#include <algorithm>

#include "pacing/retry_policy.h"

namespace weir::pacing {
namespace {

constexpr int kMostPutAsideInARow = 3;

// The ledger is asked again so often whether a spent day is over: that costs no call, and no clock
// that was set meanwhile can keep us asleep.
constexpr Milliseconds kBudgetRest = std::chrono::minutes{1};

}  // namespace

std::optional<NextPush> PushSchedule::next(const std::vector<outbox::PendingSource>& pending,
                                           const DueOf& due_of, TimePoint now) const {
  std::optional<NextPush> earliest;
  if (all_halted_by_) return earliest;
  for (const outbox::PendingSource& source : pending) {
    const auto found = progress_.find(source.source);
    const Progress progress = found == progress_.end() ? Progress{} : found->second;
    if (progress.halted_by) continue;
    const std::optional<TimePoint> worthwhile = due_of(source);
    if (!worthwhile) continue;
    const TimePoint due = std::max({*worthwhile, std::min(progress.rests_until, now + kLongestRest),
                                    std::min(all_rest_until_, now + kBudgetRest)});
    if (!earliest || due < earliest->due) {
      earliest = NextPush{.source = source.source, .due = due};
    }
  }
  return earliest;
}

void PushSchedule::succeeded(const std::string& source) {
  Progress& state = progress(source);
  state.failures = 0;
  state.put_aside_in_a_row = 0;
}

void PushSchedule::failed(const std::string& source, const Error& error, TimePoint now) {
  Progress& state = progress(source);
  ++state.failures;
  if (error.code == ErrorCode::kBudgetExhausted) {
    all_rest_until_ = now + kBudgetRest;
  } else if (const auto rest = rest_after(error, state.failures)) {
    state.rests_until = now + *rest;
  } else if (error.code == ErrorCode::kUnauthenticated) {
    all_halted_by_ = error;
  } else {
    state.halted_by = error;
  }
}

void PushSchedule::refused(const std::string& source, std::int64_t changes, const Error& error) {
  if (changes < 2) progress(source).halted_by = error;
}

void PushSchedule::put_aside(const std::string& source, const Error& error) {
  Progress& state = progress(source);
  ++state.put_aside_in_a_row;
  if (state.put_aside_in_a_row >= kMostPutAsideInARow) state.halted_by = error;
}

void PushSchedule::resume(const std::string& source) {
  all_halted_by_.reset();
  all_rest_until_ = {};
  progress(source) = Progress{};
}

void PushSchedule::resume_all() {
  all_halted_by_.reset();
  all_rest_until_ = {};
  progress_.clear();
}

std::optional<Error> PushSchedule::halted_by(const std::string& source) const {
  if (all_halted_by_) return all_halted_by_;
  const auto found = progress_.find(source);
  return found == progress_.end() ? std::nullopt : found->second.halted_by;
}

bool PushSchedule::halts_all(const std::vector<outbox::PendingSource>& pending) const {
  return std::all_of(pending.begin(), pending.end(),
                     [&](const auto& source) { return halted_by(source.source).has_value(); });
}

PushSchedule::Progress& PushSchedule::progress(const std::string& source) {
  return progress_[source];
}

}  // namespace weir::pacing
