// A rehearsal reads the history three times: when it was, what happened, and what would have.
#include <weir/rehearsal.h>

#include <algorithm>
#include <set>
#include <utility>

#include "advice/lived.h"
#include "advice/simulated_run.h"
#include "budget/calls_log.h"
#include "outbox/history.h"
#include "outbox/planner.h"
#include "store/store.h"

namespace weir::inline v0 {
namespace {

using advice::Lived;
using advice::SimulatedRun;
using outbox::HistoryKind;
using outbox::HistoryLine;

// Of all lines of the history.
struct Extent {
  std::optional<TimePoint> begins = {};
  TimePoint ends = {};
  std::set<std::string> sources = {};
};

class Rehearsing {
 public:
  Rehearsing(const ClientOptions& settings, const RehearsalOptions& options,
             store::Database& database, budget::OrgCalendar calendar, TimePoint now)
      : settings_(settings),
        options_(options),
        database_(database),
        calendar_(calendar),
        now_(now) {}

  Result<Rehearsal> run();

 private:
  Result<Extent> extent() const;
  Lived::Span span_of(const Extent& extent) const;
  Result<Lived> what_happened(Lived::Span span) const;
  Result<Lived> what_would(const Extent& extent, Lived::Span span);
  Result<void> count_other_calls(const Lived& was);
  std::int64_t calls_for_rows(const std::string& org_day) const;
  std::int64_t calls_for(const pacing::StaleRows& stale) const;
  SimulationOptions simulation() const;
  Milliseconds deadline_of(const std::string& source) const;
  Lived lived(Lived::Span span) const {
    return {calendar_, span, [this](const std::string& source) { return deadline_of(source); }};
  }
  bool is_sent(const std::string& source) const { return !options_.not_sent.contains(source); }

  const ClientOptions& settings_;
  const RehearsalOptions& options_;
  store::Database& database_;
  const budget::OrgCalendar calendar_;
  const TimePoint now_;
  std::map<std::string, budget::SpentDay> spent_;    // by org day
  std::map<std::string, std::int64_t> other_calls_;  // the same
};

Result<Extent> Rehearsing::extent() const {
  Extent extent;
  const Result<void> read =
      outbox::read_history(database_, [&](const HistoryLine& line) -> Result<void> {
        if (!extent.begins) extent.begins = line.time;
        extent.ends = line.time;
        if (line.kind == HistoryKind::kChanged) extent.sources.insert(line.source);
        return {};
      });
  if (!read) return read.error();
  return extent;
}

// A day that is over, or after which nothing was kept any more.
Lived::Span Rehearsing::span_of(const Extent& extent) const {
  const TimePoint begins = *extent.begins;
  const TimePoint today = calendar_.day_begin(begins);
  Lived::Span span{.from = today == begins ? begins : calendar_.next_reset(begins),
                   .to = std::min(calendar_.day_begin(now_), calendar_.next_reset(extent.ends))};
  TimePoint earliest = span.to;
  for (int day = 0; day < options_.days && earliest > span.from; ++day)
    earliest = calendar_.day_begin(earliest - Milliseconds{1});
  span.from = std::max(span.from, earliest);
  return span;
}

Result<Lived> Rehearsing::what_happened(Lived::Span span) const {
  Lived was = lived(span);
  const Result<void> read =
      outbox::read_history(database_, [&](const HistoryLine& line) -> Result<void> {
        if (line.time >= span.to || !is_sent(line.source)) return {};
        switch (line.kind) {
          case HistoryKind::kChanged:
            for (const outbox::RowChange& row : line.rows) was.changed(line.source, row, line.time);
            break;
          case HistoryKind::kSent:
            // A call that brought nothing of what is kept here is one of the others.
            if (was.sent(line.source, line.rows, line.time) > 0)
              was.called(line.source, 1, line.time);
            break;
          case HistoryKind::kGivenUp:
            was.given_up(line.source, line.rows, line.time);
            break;
        }
        return {};
      });
  if (!read) return read.error();
  was.finish();
  return was;
}

Result<void> Rehearsing::count_other_calls(const Lived& was) {
  Result<std::map<std::string, budget::SpentDay>> spent =
      database_.read([](store::Statements& sql) -> Result<std::map<std::string, budget::SpentDay>> {
        return budget::spent_days(sql);
      });
  if (!spent) return spent.error();
  spent_ = std::move(*spent);
  for (const auto& [day, calls] : spent_)
    other_calls_[day] = std::max<std::int64_t>(0, calls.used - was.calls_on(day));
  return {};
}

std::int64_t Rehearsing::calls_for_rows(const std::string& org_day) const {
  const auto spent = spent_.find(org_day);
  const auto others = other_calls_.find(org_day);
  const std::int64_t outside =
      std::max(settings_.outside_reserve, spent == spent_.end() ? 0 : spent->second.outside);
  return std::max<std::int64_t>(0, settings_.calls_per_day - settings_.interactive_reserve -
                                       outside -
                                       (others == other_calls_.end() ? 0 : others->second));
}

std::int64_t Rehearsing::calls_for(const pacing::StaleRows& stale) const {
  const std::int64_t upserts = stale.count() - stale.deletes();
  const outbox::CallPlan plan =
      outbox::plan_calls({.upserts = upserts,
                          .updatable = upserts > settings_.limits.upserts ? stale.updates() : 0,
                          .deletes = stale.deletes()},
                         settings_.limits);
  return std::max<std::int64_t>(1, plan.calls);
}

SimulationOptions Rehearsing::simulation() const {
  return {.time_zone = settings_.time_zone,
          .calls_per_day = settings_.calls_per_day,
          .sources = settings_.sources,
          .stop = options_.stop};
}

Milliseconds Rehearsing::deadline_of(const std::string& source) const {
  const auto found = settings_.sources.find(source);
  return found == settings_.sources.end() ? Milliseconds{0} : found->second.deadline;
}

Result<Lived> Rehearsing::what_would(const Extent& extent, Lived::Span span) {
  Lived would = lived(span);
  const SimulationOptions simulated = simulation();
  const SimulationWatch watch{.call = [&](const SimulatedCall& call) {
    would.sent_all(call.source, call.time);
    would.called(call.source, call.calls, call.time);
  }};
  SimulatedRun run(
      simulated, calendar_, watch,
      {.fixed_price = settings_.price_row_seconds,
       .calls_of_day = [this](const std::string& day) { return calls_for_rows(day); },
       .calls_of_batch = [this](const pacing::StaleRows& stale) { return calls_for(stale); }});
  run.begin(*extent.begins);
  const Result<void> read =
      outbox::read_history(database_, [&](const HistoryLine& line) -> Result<void> {
        const bool is_change = line.kind == HistoryKind::kChanged && is_sent(line.source);
        if (line.time >= span.to || !is_change) return {};
        if (Result<void> ran = run.run(line.time); !ran) return ran;
        for (const outbox::RowChange& row : line.rows) {
          run.change(line.source, row);
          would.changed(line.source, row, line.time);
        }
        return {};
      });
  if (!read) return read.error();
  if (Result<void> ran = run.finish(span.to - Milliseconds{1}); !ran) return ran.error();
  would.finish();
  return would;
}

Result<Rehearsal> Rehearsing::run() {
  const Result<Extent> kept = extent();
  if (!kept) return kept.error();
  Rehearsal rehearsal{.history_begins = kept->begins};
  for (const std::string& source : options_.sources) {
    if (!kept->sources.contains(source)) rehearsal.without_history.push_back(source);
  }
  if (!kept->begins) return rehearsal;
  const Lived::Span span = span_of(*kept);
  if (span.from >= span.to) return rehearsal;
  const Result<Lived> was = what_happened(span);
  if (!was) return was.error();
  if (Result<void> counted = count_other_calls(*was); !counted) return counted.error();
  const Result<Lived> would = what_would(*kept, span);
  if (!would) return would.error();
  for (const auto& [day, side] : was->days())
    rehearsal.days.push_back({.org_day = day,
                              .other_calls = other_calls_[day],
                              .was = side,
                              .would = would->days().at(day)});
  for (const auto& [source, side] : was->by_source()) rehearsal.sources[source].was = side;
  for (const auto& [source, side] : would->by_source()) rehearsal.sources[source].would = side;
  return rehearsal;
}

}  // namespace

Result<Rehearsal> rehearse(const ClientOptions& settings, const RehearsalOptions& options) {
  if (options.days < 1)
    return Error{.code = ErrorCode::kInvalidConfig, .message = "a rehearsal is of a day or more"};
  const std::shared_ptr<Clock> clock = settings.clock ? settings.clock : system_clock();
  const Result<budget::OrgCalendar> calendar =
      budget::OrgCalendar::open(settings.time_zone, clock->now());
  if (!calendar) return calendar.error();
  const Result<store::Store> store =
      store::open_store({.location = settings.store, .use = store::StoreUse::kLook});
  if (!store) return store.error();
  return Rehearsing(settings, options, *store->database, *calendar, clock->now()).run();
}

}  // namespace weir::inline v0
