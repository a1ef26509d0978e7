#include <weir/simulation.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_map>
#include <utility>

#include "budget/org_calendar.h"
#include "outbox/row_hash.h"
#include "pacing/poll_pacer.h"
#include "pacing/push_pacer.h"
#include "pacing/seconds.h"
#include "pacing/stale_rows.h"

namespace weir {
namespace {

std::uint64_t fingerprint(const std::vector<std::string>& cells) {
  std::uint64_t hash = 0;
  std::memcpy(&hash, outbox::row_hash(cells).data(), sizeof(hash));
  return hash;
}

pacing::ValueHash value_hash(const std::optional<std::vector<std::string>>& values) {
  // 0 is a row that is not there.
  return values ? fingerprint(*values) | 1 : 0;
}

pacing::Urgency urgency_of(const SourceOptions& options) {
  return {.weight = options.weight, .deadline = options.deadline};
}

Error wrong_option(const std::string& problem) {
  return {.code = ErrorCode::kInvalidConfig, .message = "the simulation " + problem};
}

Result<void> check(const SimulationOptions& options) {
  if (options.calls_per_day < 1) return wrong_option("needs at least one call per day");
  if (options.policy == SimulatedPolicy::kInterval && options.interval <= Milliseconds{0})
    return wrong_option("needs an interval longer than 0 s");
  for (const auto& [id, source] : options.sources) {
    if (!(source.weight > 0)) return wrong_option("needs a weight above 0 for " + id);
  }
  return {};
}

// What is replayed: the rows on both sides, the engine, and the day's count.
class Replay {
 public:
  Replay(const SimulationOptions& options, budget::OrgCalendar calendar,
         const SimulationWatch& watch)
      : options_(options), calendar_(calendar), watch_(watch), pacer_(pacer_options()) {}

  void hold(const RecordedRow& row) {
    sources_[row.source].rows[fingerprint({row.key})] = value_hash(row.values);
  }

  void begin(TimePoint first_change) {
    now_ = day_of(first_change).begin;
    next_solve_ = now_;
    if (polls()) watch_sources();
  }

  // Carries out everything that is due before `until`, and the solving of the price then.
  Result<void> run(TimePoint until) {
    while (true) {
      const std::optional<pacing::DuePush> push = next_push();
      const bool is_solve = !push || next_solve_ <= push->due;
      const TimePoint next = is_solve ? next_solve_ : push->due;
      if (is_solve ? next > until : next >= until) break;
      pass_time(next);
      if (!is_solve) {
        send(push->source);
      } else if (Result<void> ticked = tick(); !ticked) {
        return ticked;
      }
    }
    pass_time(until);
    return {};
  }

  void change(const RecordedChange& change) {
    Source& source = sources_[change.source];
    const std::uint64_t key = fingerprint({change.key});
    pacing::ValueHash& row = source.rows[key];
    const pacing::ValueHash after = value_hash(change.values);
    const pacing::ValueHash before = std::exchange(row, after);
    if (before == after) return;
    note_staleness(source);
    stale_rows_ -= source.stale.count();
    source.stale.changed(key, before, after, now_);
    stale_rows_ += source.stale.count();
    ++report_.days.back().changes;
    report_.sources += source.sum.changes++ == 0 ? 1 : 0;
    if (polls()) return;
    pacer_.changed(change.source, {.key = key, .before = before, .after = after}, now_);
    pacer_.waits(source.stale.summary(change.source), now_);
  }

  // To the midnight after the last change.
  Result<void> finish(TimePoint last_change) {
    const TimePoint midnight = day_of(last_change).end;
    Result<void> ran = run(midnight - Milliseconds{1});
    pass_time(midnight);
    return ran;
  }

  SimulationReport report() && {
    for (auto& [name, source] : sources_) {
      note_staleness(source);
      report_.by_source[name] = source.sum;
    }
    return std::move(report_);
  }

 private:
  struct Source {
    std::unordered_map<std::uint64_t, pacing::ValueHash> rows = {};
    pacing::StaleRows stale = {};
    SimulatedSource sum = {};
    TimePoint summed_until = {};
  };

  void note_staleness(Source& source) const {
    source.sum.stale_row_seconds +=
        static_cast<double>(source.stale.count()) * pacing::seconds(now_ - source.summed_until);
    source.summed_until = now_;
  }

  pacing::PacerOptions pacer_options() const {
    pacing::PacerOptions options{.calls_per_day = options_.calls_per_day};
    options.other_sources = urgency_of(options_.other_sources);
    for (const auto& [id, source] : options_.sources) options.urgencies[id] = urgency_of(source);
    if (options_.policy != SimulatedPolicy::kPrice) options.fixed_price = 0;
    options.org_day = [this](TimePoint time) { return day_of(time); };
    return options;
  }

  pacing::OrgDay day_of(TimePoint time) const {
    return {.begin = calendar_.day_begin(time), .end = calendar_.next_reset(time)};
  }

  bool polls() const { return options_.mode == SimulatedMode::kPoll; }

  // In the order of their names, so that nothing depends on the order in which they were given.
  void watch_sources() {
    std::set<std::string> names(options_.known_sources.begin(), options_.known_sources.end());
    for (const auto& [name, source] : sources_) names.insert(name);
    for (const std::string& name : names) {
      const auto found = options_.sources.find(name);
      const SourceOptions& source =
          found == options_.sources.end() ? options_.other_sources : found->second;
      poll_pacer_.add(name, {.weight = source.weight, .longest = source.deadline}, now_);
    }
  }

  std::optional<pacing::DuePush> next_push() const {
    if (polls()) {
      const auto look = poll_pacer_.next();
      if (!look) return std::nullopt;
      return pacing::DuePush{.source = look->source, .due = std::max(look->due, now_)};
    }
    std::optional<pacing::DuePush> push = pacer_.next();
    if (!push || options_.policy != SimulatedPolicy::kInterval) return push;
    const auto interval = options_.interval.count();
    const auto due = push->due.time_since_epoch().count();
    push->due = TimePoint(Milliseconds((due + interval - 1) / interval * interval));
    return push;
  }

  void pass_time(TimePoint to) {
    if (!report_.days.empty()) {
      report_.days.back().stale_row_seconds +=
          static_cast<double>(stale_rows_) * pacing::seconds(to - now_);
    }
    now_ = to;
  }

  Result<void> tick() {
    if (options_.stop.stop_requested())
      return Error{.code = ErrorCode::kCancelled, .message = "the simulation was stopped"};
    if (report_.days.empty() || now_ >= day_end_) {
      report_.days.push_back({.org_day = calendar_.day_of(now_)});
      day_end_ = calendar_.next_reset(now_);
    }
    SimulatedDay& today = report_.days.back();
    reprice(options_.calls_per_day - today.calls);
    if (watch_.state) {
      watch_.state({.time = now_,
                    .price_row_seconds = polls() ? poll_pacer_.price() : pacer_.price(),
                    .calls_today = today.calls,
                    .stale_rows = stale_rows_});
    }
    next_solve_ = std::min(now_ + pacing::kRepriceEvery, day_end_);
    return {};
  }

  void reprice(std::int64_t calls_left) {
    if (polls()) {
      poll_pacer_.reprice(now_, calls_left, calendar_.day_begin(now_), day_end_);
    } else {
      pacer_.reprice(now_, {.calls = calls_left});
    }
  }

  // A push, or a look.
  void send(const std::string& name) {
    Source& source = sources_[name];
    note_staleness(source);
    ++source.sum.calls;
    pacing::StaleRows& stale = source.stale;
    if (watch_.call) {
      watch_.call({.time = now_,
                   .source = name,
                   .upserts = stale.count() - stale.deletes(),
                   .deletes = stale.deletes()});
    }
    ++report_.days.back().calls;
    stale_rows_ -= stale.count();
    if (polls()) {
      poll_pacer_.looked(name, stale.count(), now_);
    } else {
      pacer_.sent(name, now_);
    }
    stale.sent();
  }

  const SimulationOptions& options_;
  const budget::OrgCalendar calendar_;
  const SimulationWatch& watch_;
  pacing::PushPacer pacer_;
  pacing::PollPacer poll_pacer_;
  std::unordered_map<std::string, Source> sources_;
  SimulationReport report_;
  TimePoint now_ = {};
  TimePoint next_solve_ = {};
  TimePoint day_end_ = {};
  std::int64_t stale_rows_ = 0;
};

Error out_of_order(const RecordedChange& change) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "the changes are not in the order of time: one of " + change.source +
                     ", key " + change.key + ", is earlier than the one before it"};
}

}  // namespace

Result<SimulationReport> simulate(const SimulationOptions& options,
                                  const std::vector<RecordedRow>& initial,
                                  const NextChange& next_change, const SimulationWatch& watch) {
  if (Result<void> usable = check(options); !usable) return usable.error();
  Result<budget::OrgCalendar> calendar = budget::OrgCalendar::open(options.time_zone);
  if (!calendar) return calendar.error();
  Replay replay(options, *calendar, watch);
  for (const RecordedRow& row : initial) replay.hold(row);
  std::optional<TimePoint> last;
  while (true) {
    Result<std::optional<RecordedChange>> change = next_change();
    if (!change) return change.error();
    if (!change->has_value()) break;
    const TimePoint time = (*change)->time;
    if (last && time < *last) return out_of_order(**change);
    if (!last) replay.begin(time);
    if (Result<void> ran = replay.run(time); !ran) return ran.error();
    replay.change(**change);
    last = time;
  }
  if (last) {
    if (Result<void> ran = replay.finish(*last); !ran) return ran.error();
  }
  return std::move(replay).report();
}

}  // namespace weir
