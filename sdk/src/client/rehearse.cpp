// A rehearsal reads the history three times: when it was, what happened, and what would have.
#include <weir/rehearsal.h>

#include <algorithm>
#include <set>
#include <utility>

#include "advice/lived.h"
#include "advice/lived_polls.h"
#include "advice/played_polls.h"
#include "advice/simulated_run.h"
#include "budget/calls_log.h"
#include "outbox/history.h"
#include "outbox/planner.h"
#include "store/store.h"

namespace weir::inline v0 {
namespace {

using advice::Lived;
using advice::LivedPolls;
using advice::SimulatedRun;
using outbox::HistoryKind;
using outbox::HistoryLine;

// What the looks of a poll have found and taken.
struct KeptPoll {
  struct Looks {
    std::int64_t count = 0;
    std::int64_t calls = 0;

    std::int64_t calls_of_one() const {
      return count == 0 ? 1 : std::max<std::int64_t>(1, (calls + count / 2) / count);
    }
  };
  std::vector<TimePoint> news = {};
  Looks in_vain = {};
  Looks with_news = {};
};

// Of all lines of the history.
struct Extent {
  std::optional<TimePoint> begins = {};
  TimePoint ends = {};
  std::set<std::string> sources = {};
  std::map<std::string, KeptPoll> polls = {};
};

// When the news of looks came. Of those whose time is not known, evenly between two looks.
class NewsTimes {
 public:
  std::vector<TimePoint> of(const HistoryLine& line) {
    const auto [last, is_first] = last_look_.try_emplace(line.source, line.time);
    std::vector<TimePoint> times = line.news;
    const Milliseconds between = line.time - last->second;
    const auto count = static_cast<Milliseconds::rep>(times.size());
    for (Milliseconds::rep i = 0; i < count; ++i) {
      TimePoint& time = times[static_cast<std::size_t>(i)];
      if (time == TimePoint{}) time = last->second + between * (2 * i + 1) / (2 * count);
      time = std::min(time, line.time);
    }
    last->second = line.time;
    return times;
  }

 private:
  std::map<std::string, TimePoint> last_look_;
};

std::string key_of(const RehearsedPoll& poll) {
  return poll.form.empty() ? "data source " + poll.source : "form " + poll.form;
}

// What happened, or would have.
struct Sides {
  Lived rows;
  LivedPolls looks;
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
  Result<Sides> what_happened(Lived::Span span) const;
  Result<Sides> what_would(const Extent& extent, Lived::Span span);
  std::vector<advice::PlayedPoll> polls_to_play(const Extent& extent) const;
  Result<void> count_other_calls(const Sides& was);
  void tell_days(const Sides& was, const Sides& would, Rehearsal& rehearsal) const;
  void tell_sources(const Sides& was, const Sides& would, Rehearsal& rehearsal) const;
  std::int64_t calls_for_rows(const std::string& org_day) const;
  std::int64_t calls_for(const pacing::StaleRows& stale) const;
  SimulationOptions simulation() const;
  Milliseconds deadline_of(const std::string& source) const;
  Sides empty_sides(Lived::Span span) const { return {{calendar_, span}, {calendar_, span}}; }
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
  NewsTimes times;
  const Result<void> read =
      outbox::read_history(database_, [&](const HistoryLine& line) -> Result<void> {
        if (!extent.begins) extent.begins = line.time;
        extent.ends = line.time;
        if (line.kind == HistoryKind::kChanged) extent.sources.insert(line.source);
        if (line.kind != HistoryKind::kLooked) return {};
        KeptPoll& poll = extent.polls[line.source];
        const std::vector<TimePoint> news = times.of(line);
        poll.news.insert(poll.news.end(), news.begin(), news.end());
        if (line.calls == 0) return {};
        KeptPoll::Looks& looks = news.empty() ? poll.in_vain : poll.with_news;
        ++looks.count;
        looks.calls += line.calls;
        return {};
      });
  if (!read) return read.error();
  for (auto& [key, poll] : extent.polls) std::sort(poll.news.begin(), poll.news.end());
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

Result<Sides> Rehearsing::what_happened(Lived::Span span) const {
  Sides sides = empty_sides(span);
  Lived& was = sides.rows;
  NewsTimes times;
  const Result<void> read =
      outbox::read_history(database_, [&](const HistoryLine& line) -> Result<void> {
        if (line.kind == HistoryKind::kLooked) {
          if (options_.polls)
            sides.looks.looked(line.source, times.of(line), line.calls, line.time);
          return {};
        }
        if (line.time >= span.to || !is_sent(line.source)) return {};
        switch (line.kind) {
          case HistoryKind::kChanged:
            for (const outbox::RowChange& row : line.rows)
              was.changed(line.source, row, line.deadline, line.time);
            break;
          case HistoryKind::kSent:
            // A call that brought nothing of what is kept here is one of the others.
            if (was.sent(line.source, line.rows, line.time) > 0)
              was.called(line.source, 1, line.time);
            break;
          case HistoryKind::kGivenUp:
            was.given_up(line.source, line.rows, line.time);
            break;
          case HistoryKind::kLooked:
            break;
        }
        return {};
      });
  if (!read) return read.error();
  was.finish();
  return sides;
}

Result<void> Rehearsing::count_other_calls(const Sides& was) {
  Result<std::map<std::string, budget::SpentDay>> spent =
      database_.read([](store::Statements& sql) -> Result<std::map<std::string, budget::SpentDay>> {
        return budget::spent_days(sql);
      });
  if (!spent) return spent.error();
  spent_ = std::move(*spent);
  for (const auto& [day, calls] : spent_)
    other_calls_[day] =
        std::max<std::int64_t>(0, calls.used - was.rows.calls_on(day) - was.looks.calls_on(day));
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

std::vector<advice::PlayedPoll> Rehearsing::polls_to_play(const Extent& extent) const {
  std::vector<advice::PlayedPoll> polls;
  for (const RehearsedPoll& poll : options_.polls.value_or(std::vector<RehearsedPoll>{})) {
    const auto kept = extent.polls.find(key_of(poll));
    if (kept == extent.polls.end()) continue;
    polls.push_back({.key = kept->first,
                     .need = {.weight = poll.pace.weight,
                              .shortest = poll.pace.shortest,
                              .longest = poll.pace.longest},
                     .news = kept->second.news,
                     .calls_in_vain = kept->second.in_vain.calls_of_one(),
                     .calls_with_news = kept->second.with_news.calls_of_one()});
  }
  return polls;
}

Result<Sides> Rehearsing::what_would(const Extent& extent, Lived::Span span) {
  Sides sides = empty_sides(span);
  Lived& would = sides.rows;
  const SimulationOptions simulated = simulation();
  const SimulationWatch watch{.call = [&](const SimulatedCall& call) {
    would.sent_all(call.source, call.time);
    would.called(call.source, call.calls, call.time);
  }};
  advice::PlayedPolls polls(
      polls_to_play(extent),
      [&](const std::string& poll, std::span<const TimePoint> news, std::int64_t calls,
          TimePoint now) { sides.looks.looked(poll, news, calls, now); });
  SimulatedRun run(
      simulated, calendar_, watch,
      {.fixed_price = settings_.price_row_seconds,
       .calls_of_day = [this](const std::string& day) { return calls_for_rows(day); },
       .calls_of_batch = [this](const pacing::StaleRows& stale) { return calls_for(stale); },
       .polls = &polls});
  run.begin(*extent.begins);
  const Result<void> read =
      outbox::read_history(database_, [&](const HistoryLine& line) -> Result<void> {
        const bool is_change = line.kind == HistoryKind::kChanged && is_sent(line.source);
        if (line.time >= span.to || !is_change) return {};
        if (Result<void> ran = run.run(line.time); !ran) return ran;
        for (const outbox::RowChange& row : line.rows) {
          run.change(line.source, row);
          would.changed(line.source, row, deadline_of(line.source), line.time);
        }
        return {};
      });
  if (!read) return read.error();
  if (Result<void> ran = run.finish(span.to - Milliseconds{1}); !ran) return ran.error();
  polls.finish(span.to);
  would.finish();
  return sides;
}

void Rehearsing::tell_days(const Sides& was, const Sides& would, Rehearsal& rehearsal) const {
  const auto side = [](const Sides& sides, const std::string& day) {
    RehearsedDay::Side of_day = sides.rows.days().at(day);
    of_day.looks = sides.looks.calls_on(day);
    return of_day;
  };
  for (const auto& [day, rows] : was.rows.days()) {
    const auto others = other_calls_.find(day);
    rehearsal.days.push_back({.org_day = day,
                              .other_calls = others == other_calls_.end() ? 0 : others->second,
                              .was = side(was, day),
                              .would = side(would, day)});
  }
}

void Rehearsing::tell_sources(const Sides& was, const Sides& would, Rehearsal& rehearsal) const {
  for (const auto& [source, side] : was.rows.by_source()) {
    RehearsedSource& told = rehearsal.sources[source];
    told.was = side;
    if (const Milliseconds deadline = deadline_of(source); deadline > Milliseconds{0})
      told.was_within_new_deadline = was.rows.share_within(source, deadline);
  }
  for (const auto& [source, side] : would.rows.by_source()) rehearsal.sources[source].would = side;
  for (const auto& [poll, side] : was.looks.by_poll()) rehearsal.polls[poll].was = side;
  for (const auto& [poll, side] : would.looks.by_poll()) rehearsal.polls[poll].would = side;
}

Result<Rehearsal> Rehearsing::run() {
  const Result<Extent> kept = extent();
  if (!kept) return kept.error();
  Rehearsal rehearsal{.history_begins = kept->begins};
  for (const std::string& source : options_.sources) {
    if (!kept->sources.contains(source)) rehearsal.without_history.push_back(source);
  }
  for (const RehearsedPoll& poll : options_.polls.value_or(std::vector<RehearsedPoll>{})) {
    if (!kept->polls.contains(key_of(poll))) rehearsal.without_history.push_back(key_of(poll));
  }
  if (!kept->begins) return rehearsal;
  const Lived::Span span = span_of(*kept);
  if (span.from >= span.to) return rehearsal;
  const Result<Sides> was = what_happened(span);
  if (!was) return was.error();
  if (Result<void> counted = count_other_calls(*was); !counted) return counted.error();
  const Result<Sides> would = what_would(*kept, span);
  if (!would) return would.error();
  tell_days(*was, *would, rehearsal);
  tell_sources(*was, *would, rehearsal);
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
