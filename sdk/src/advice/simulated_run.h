// SimulatedRun: the pacing engine on recorded changes, in virtual time: what is stale, what is sent
// when, and how much of the day's calls it takes. For weir::simulate() and weir::rehearse(). Not
// thread-safe.
#pragma once

#include <weir/simulation.h>
#include <weir/why.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "advice/played_polls.h"
#include "budget/org_calendar.h"
#include "pacing/poll_pacer.h"
#include "pacing/push_pacer.h"
#include "pacing/stale_rows.h"
#include "rows/row_change.h"

namespace weir::advice {

// What a run has beyond its options; any may be empty.
struct RunRules {
  std::optional<double> fixed_price = {};
  // How many calls an org day has; else as many as the options say.
  std::function<std::int64_t(const std::string& org_day)> calls_of_day = {};
  // How many calls carry what is stale; else one.
  std::function<std::int64_t(const pacing::StaleRows& stale)> calls_of_batch = {};
  // Looks that spend from the same calls, at the same price; must outlive the run.
  PlayedPolls* polls = nullptr;
};

class SimulatedRun {
 public:
  // Options and watch must outlive it.
  SimulatedRun(const SimulationOptions& options, budget::OrgCalendar calendar,
               const SimulationWatch& watch, RunRules rules = {});
  SimulatedRun(const SimulatedRun&) = delete;
  SimulatedRun& operator=(const SimulatedRun&) = delete;

  // A data source that is there, even when nothing of it changes.
  void know(const std::string& source) { sources_[source]; }

  // At the midnight before the first change.
  void begin(TimePoint first_change);

  // Carries out everything that is due before `until`, and the solving of the price then.
  Result<void> run(TimePoint until);

  // A row takes another value, now: the time that it was run until.
  void change(const std::string& name, const outbox::RowChange& change);

  // To the midnight after the last change.
  Result<void> finish(TimePoint last_change);

  // Why what is stale is not sent yet, now; for pushes.
  WaitReason why(const std::string& source) const { return pacer_.why(source, now_); }

  SimulationReport report() &&;

 private:
  struct Source {
    pacing::StaleRows stale = {};
    SimulatedSource sum = {};
    TimePoint summed_until = {};
  };

  void note_staleness(Source& source) const;
  const SourceOptions& options_of(const std::string& name) const;
  std::int64_t late_rows(const std::string& name, const pacing::StaleRows& stale) const;
  pacing::PacerOptions pacer_options() const;
  pacing::OrgDay day_of(TimePoint time) const;
  bool polls() const { return options_.mode == SimulatedMode::kPoll; }
  void watch_sources();
  std::optional<pacing::DuePush> next_push();
  std::optional<TimePoint> next_look() const;
  void look();
  void pass_time(TimePoint to);
  Result<void> tick();
  void reprice(std::int64_t calls_left);
  std::int64_t calls_left() const;
  void send(const std::string& name);

  const SimulationOptions& options_;
  const budget::OrgCalendar calendar_;
  const SimulationWatch& watch_;
  const RunRules rules_;
  pacing::PushPacer pacer_;
  pacing::PollPacer poll_pacer_;
  std::unordered_map<std::string, Source> sources_;
  SimulationReport report_;
  TimePoint now_ = {};
  TimePoint next_solve_ = {};
  TimePoint day_end_ = {};
  std::int64_t calls_of_today_ = 0;
  std::int64_t looks_of_today_ = 0;  // calls of rules_.polls
  std::int64_t stale_rows_ = 0;
};

}  // namespace weir::advice
