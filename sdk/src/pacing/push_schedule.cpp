#include "pacing/push_schedule.h"

#include <algorithm>

#include "pacing/retry_policy.h"

namespace weir::pacing {
namespace {

constexpr int kMostPutAsideInARow = 3;

}  // namespace

std::optional<NextPush> PushSchedule::next(const std::vector<outbox::PendingSource>& pending,
                                           const DueOf& due_of, TimePoint now) const {
  std::optional<NextPush> earliest;
  for (const outbox::PendingSource& source : pending) {
    if (is_under_way(source.source)) continue;
    const std::optional<TimePoint> worthwhile = due_of(source);
    if (!worthwhile) continue;
    const TimePoint due = std::max(*worthwhile, rest_of_source(source.source, now).end(now));
    if (!earliest || due < earliest->due) {
      earliest = NextPush{.source = source.source, .due = due};
    }
  }
  return earliest;
}

void PushSchedule::succeeded(const std::string& source) {
  under_way_.erase(source);
  Progress& state = progress(source);
  state.failures = 0;
  state.put_aside_in_a_row = 0;
  state.halted_by.reset();
  all_halted_by_.reset();
}

void PushSchedule::failed(const std::string& source, const Error& error, TimePoint now) {
  under_way_.erase(source);
  Progress& state = progress(source);
  ++state.failures;
  const Milliseconds length = rest_of(error, state.failures);
  const Rest rest{.until = now + length, .length = length, .by = error};
  if (error.code == ErrorCode::kBudgetExhausted) {
    all_rest_ = rest;
  } else if (error.code == ErrorCode::kUnauthenticated) {
    all_rest_ = rest;
    all_halted_by_ = error;
  } else {
    state.rest = rest;
    state.halted_by = is_halt(error) ? std::optional(error) : std::nullopt;
  }
}

void PushSchedule::refused(const std::string& source, std::int64_t changes, const Error& error,
                           TimePoint now) {
  under_way_.erase(source);
  all_halted_by_.reset();
  if (changes < 2) halt(progress(source), error, now);
}

void PushSchedule::put_aside(const std::string& source, const Error& error, TimePoint now) {
  under_way_.erase(source);
  all_halted_by_.reset();
  Progress& state = progress(source);
  ++state.put_aside_in_a_row;
  if (state.put_aside_in_a_row >= kMostPutAsideInARow) halt(state, error, now);
}

void PushSchedule::halt(Progress& state, const Error& error, TimePoint now) {
  const Milliseconds length = rest_of(error, 1);
  state.rest = {.until = now + length, .length = length, .by = error};
  state.halted_by = error;
}

void PushSchedule::resume(const std::string& source) {
  all_halted_by_.reset();
  all_rest_ = {};
  progress(source) = Progress{};
}

void PushSchedule::resume_all() {
  all_halted_by_.reset();
  all_rest_ = {};
  progress_.clear();
}

void PushSchedule::ended_elsewhere(const std::string& source) {
  if (!source.empty()) {
    progress_.erase(source);
    return;
  }
  all_halted_by_.reset();
  all_rest_ = {};
}

std::optional<Halt> PushSchedule::halted(const std::string& source, TimePoint now) const {
  if (all_halted_by_ && all_rest_.end(now) > now)
    return Halt{.by = *all_halted_by_, .until = all_rest_.end(now)};
  const auto found = progress_.find(source);
  if (found == progress_.end() || !found->second.halted_by) return std::nullopt;
  const TimePoint until = found->second.rest.end(now);
  if (until <= now) return std::nullopt;
  return Halt{.by = *found->second.halted_by, .until = until};
}

const PushSchedule::Rest& PushSchedule::rest_of_source(const std::string& source,
                                                       TimePoint now) const {
  const auto found = progress_.find(source);
  if (found == progress_.end() || found->second.rest.end(now) < all_rest_.end(now))
    return all_rest_;
  return found->second.rest;
}

std::optional<Halt> PushSchedule::resting(const std::string& source, TimePoint now) const {
  const Rest& rest = rest_of_source(source, now);
  if (rest.end(now) <= now) return std::nullopt;
  return Halt{.by = rest.by, .until = rest.end(now)};
}

std::optional<TimePoint> PushSchedule::rests_until(const std::string& source, TimePoint now) const {
  const std::optional<Halt> rest = resting(source, now);
  return rest ? std::optional(rest->until) : std::nullopt;
}

PushSchedule::Progress& PushSchedule::progress(const std::string& source) {
  return progress_.try_emplace(source).first->second;
}

}  // namespace weir::pacing
