#include "advice/simulated_run.h"

#include <algorithm>
#include <set>
#include <utility>

#include "pacing/seconds.h"

namespace weir::advice {
namespace {

pacing::Urgency urgency_of(const SourceOptions& options) {
  return {.weight = options.weight, .deadline = options.deadline, .shortest = options.shortest};
}

}  // namespace

SimulatedRun::SimulatedRun(const SimulationOptions& options, budget::OrgCalendar calendar,
                           const SimulationWatch& watch, RunRules rules)
    : options_(options),
      calendar_(calendar),
      watch_(watch),
      rules_(std::move(rules)),
      pacer_(pacer_options()) {}

void SimulatedRun::begin(TimePoint first_change) {
  now_ = day_of(first_change).begin;
  next_solve_ = now_;
  if (polls()) watch_sources();
  if (rules_.polls != nullptr) rules_.polls->begin(now_);
}

Result<void> SimulatedRun::run(TimePoint until) {
  while (true) {
    const std::optional<pacing::DuePush> push = next_push();
    const std::optional<TimePoint> looks = next_look();
    const bool is_look = looks && (!push || *looks < push->due);
    const TimePoint due = is_look ? *looks : push ? push->due : TimePoint::max();
    const bool is_solve = next_solve_ <= due;
    const TimePoint next = is_solve ? next_solve_ : due;
    if (is_solve ? next > until : next >= until) break;
    pass_time(next);
    if (is_look && !is_solve) {
      look();
    } else if (!is_solve) {
      send(push->source);
    } else if (Result<void> ticked = tick(); !ticked) {
      return ticked;
    }
  }
  pass_time(until);
  return {};
}

void SimulatedRun::change(const std::string& name, const outbox::RowChange& change) {
  Source& source = sources_[name];
  note_staleness(source);
  stale_rows_ -= source.stale.count();
  source.stale.changed(change.key, change.before, change.after, now_);
  stale_rows_ += source.stale.count();
  ++report_.days.back().changes;
  report_.sources += source.sum.changes++ == 0 ? 1 : 0;
  if (polls()) return;
  pacer_.changed(name, change, now_);
  pacer_.waits(source.stale.summary(name), now_);
}

Result<void> SimulatedRun::finish(TimePoint last_change) {
  const TimePoint midnight = day_of(last_change).end;
  Result<void> ran = run(midnight - Milliseconds{1});
  pass_time(midnight);
  return ran;
}

SimulationReport SimulatedRun::report() && {
  for (auto& [name, source] : sources_) {
    note_staleness(source);
    source.sum.late += late_rows(name, source.stale);
    report_.by_source[name] = source.sum;
  }
  return std::move(report_);
}

void SimulatedRun::note_staleness(Source& source) const {
  source.sum.stale_row_seconds +=
      static_cast<double>(source.stale.count()) * pacing::seconds(now_ - source.summed_until);
  source.summed_until = now_;
}

const SourceOptions& SimulatedRun::options_of(const std::string& name) const {
  const auto found = options_.sources.find(name);
  return found == options_.sources.end() ? options_.other_sources : found->second;
}

// Rows that have waited for longer than their deadline by now.
std::int64_t SimulatedRun::late_rows(const std::string& name,
                                     const pacing::StaleRows& stale) const {
  const Milliseconds deadline = options_of(name).deadline;
  return deadline > Milliseconds{0} ? stale.older_than(now_ - deadline) : 0;
}

pacing::PacerOptions SimulatedRun::pacer_options() const {
  pacing::PacerOptions options{.calls_per_day = options_.calls_per_day,
                               .fixed_price = rules_.fixed_price};
  options.other_sources = urgency_of(options_.other_sources);
  for (const auto& [id, source] : options_.sources) options.urgencies[id] = urgency_of(source);
  if (options_.policy != SimulatedPolicy::kPrice) options.fixed_price = 0;
  options.org_day = [this](TimePoint time) { return day_of(time); };
  return options;
}

pacing::OrgDay SimulatedRun::day_of(TimePoint time) const {
  return {.begin = calendar_.day_begin(time), .end = calendar_.next_reset(time)};
}

// In the order of their names, so that nothing depends on the order in which they were given.
void SimulatedRun::watch_sources() {
  std::set<std::string> names(options_.known_sources.begin(), options_.known_sources.end());
  for (const auto& [name, source] : sources_) names.insert(name);
  for (const std::string& name : names) {
    const SourceOptions& source = options_of(name);
    poll_pacer_.add(name, {.weight = source.weight, .longest = source.deadline}, now_);
  }
}

std::optional<pacing::DuePush> SimulatedRun::next_push() {
  if (polls()) {
    const auto look = poll_pacer_.next();
    if (!look) return std::nullopt;
    return pacing::DuePush{.source = look->source, .due = std::max(look->due, now_)};
  }
  std::optional<pacing::DuePush> push = pacer_.next(now_);
  if (!push || options_.policy != SimulatedPolicy::kInterval) return push;
  const auto interval = options_.interval.count();
  const auto due = push->due.time_since_epoch().count();
  push->due = TimePoint(Milliseconds((due + interval - 1) / interval * interval));
  return push;
}

std::optional<TimePoint> SimulatedRun::next_look() const {
  if (rules_.polls == nullptr || report_.days.empty() || calls_left() <= 0) return std::nullopt;
  const std::optional<TimePoint> next = rules_.polls->next();
  return next ? std::optional(std::max(*next, now_)) : std::nullopt;
}

void SimulatedRun::look() {
  looks_of_today_ += rules_.polls->look(now_);
  pacer_.have_left(calls_left(), now_);
}

void SimulatedRun::pass_time(TimePoint to) {
  if (!report_.days.empty()) {
    report_.days.back().stale_row_seconds +=
        static_cast<double>(stale_rows_) * pacing::seconds(to - now_);
  }
  now_ = to;
}

Result<void> SimulatedRun::tick() {
  if (options_.stop.stop_requested())
    return Error{.code = ErrorCode::kCancelled, .message = "the simulation was stopped"};
  if (report_.days.empty() || now_ >= day_end_) {
    report_.days.push_back({.org_day = calendar_.day_of(now_)});
    day_end_ = calendar_.next_reset(now_);
    looks_of_today_ = 0;
    calls_of_today_ = rules_.calls_of_day ? rules_.calls_of_day(report_.days.back().org_day)
                                          : options_.calls_per_day;
  }
  reprice(calls_left());
  if (watch_.state) {
    watch_.state({.time = now_,
                  .price_row_seconds = polls() ? poll_pacer_.price() : pacer_.price(),
                  .calls_today = report_.days.back().calls,
                  .stale_rows = stale_rows_});
  }
  next_solve_ = std::min(now_ + pacing::kRepriceEvery, day_end_);
  return {};
}

void SimulatedRun::reprice(std::int64_t calls_left) {
  if (polls()) {
    poll_pacer_.reprice(now_, calls_left, calendar_.day_begin(now_), day_end_);
  } else if (rules_.polls == nullptr) {
    pacer_.reprice(now_, {.calls = calls_left});
  } else {
    const pacing::PollForecast looks = rules_.polls->forecast(now_, day_end_);
    pacer_.reprice(now_, {.calls = calls_left}, looks);
    // A price that was set is that of pushes; polls live on what is left.
    rules_.polls->set_price(
        rules_.fixed_price ? looks.price_for(static_cast<double>(calls_left)) : pacer_.price(),
        calendar_.day_begin(now_), now_);
  }
}

std::int64_t SimulatedRun::calls_left() const {
  return calls_of_today_ - report_.days.back().calls - looks_of_today_;
}

// A push, or a look.
void SimulatedRun::send(const std::string& name) {
  Source& source = sources_[name];
  note_staleness(source);
  pacing::StaleRows& stale = source.stale;
  const std::int64_t calls = rules_.calls_of_batch ? rules_.calls_of_batch(stale) : 1;
  source.sum.calls += calls;
  if (watch_.call) {
    watch_.call({.time = now_,
                 .source = name,
                 .upserts = stale.count() - stale.deletes(),
                 .deletes = stale.deletes(),
                 .calls = calls});
  }
  report_.days.back().calls += calls;
  stale_rows_ -= stale.count();
  if (polls()) {
    poll_pacer_.looked(name, stale.count(), now_);
  } else {
    pacer_.sent(name, now_);
    pacer_.have_left(calls_left(), now_);
  }
  source.sum.late += late_rows(name, stale);
  stale.sent();
}

}  // namespace weir::advice
