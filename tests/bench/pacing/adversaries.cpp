#include "adversaries.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "baselines.h"
#include "budget/org_calendar.h"
#include "recording.h"
#include "support/made_up_days.h"
#include "support/programs.h"

namespace weir::bench {
namespace {

using namespace std::chrono_literals;
using testing::Changes;
using testing::kOrdinaryMidnight;
using testing::lone_changes;
using testing::merged;
using testing::Programs;
using testing::rows_of;

constexpr int kLone = 200;
constexpr std::int64_t kCalls = 2500;
constexpr Milliseconds kAfterwards = 10min;
constexpr int kManySources = 20;

double seconds(TimePoint time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1000;
}

// What is played, and the time in it that is looked at.
struct Adversary {
  std::string name;
  Changes changes;
  TimePoint begin;
  TimePoint end;
  std::int64_t calls_per_day = kCalls;
};

Recording recording_of(const Changes& changes) {
  Recording recording{.time_zone = testing::kLosAngeles};
  std::map<std::string, std::uint32_t> sources;
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> rows;
  std::vector<std::uint32_t> rows_of_source;
  for (const RecordedChange& change : changes) {
    const auto [source, is_new] =
        sources.try_emplace(change.source, static_cast<std::uint32_t>(sources.size()));
    if (is_new) recording.sources.push_back(change.source);
    if (is_new) rows_of_source.push_back(0);
    const auto [row, is_new_row] = rows.try_emplace({source->second, change.key}, 0);
    if (is_new_row) row->second = rows_of_source[source->second]++;
    recording.arrivals.push_back({.at = seconds(change.time),
                                  .source = source->second,
                                  .row = row->second,
                                  .after = std::stoull(change.values->front()) + 1});
  }
  const auto calendar = budget::OrgCalendar::open(recording.time_zone);
  TimePoint midnight = calendar->day_begin(changes.front().time);
  recording.midnights.push_back(seconds(midnight));
  while (recording.midnights.back() <= recording.arrivals.back().at) {
    midnight = calendar->next_reset(midnight);
    recording.midnights.push_back(seconds(midnight));
  }
  return recording;
}

void print_heading() {
  std::printf("\n%-58s %7s %11s %7s %7s %11s %11s %7s\n", "adversaries, the day of each", "calls",
              "row-s", "left", "lone s", "at once", "best price", "of it");
}

struct Figures {
  std::int64_t calls = 0;  // in the time that is looked at
  double stale_row_seconds = 0;
  std::int64_t left = 0;  // at midnight
  double lone_wait = 0;   // of a lone change, over all days
  double at_once = 0;     // row-seconds
  double best_price = 0;
};

void print(const std::string& name, const Figures& figures) {
  std::printf("%-58s %7lld %11.0f %7lld %7.1f %11.0f %11.0f ", name.c_str(),
              static_cast<long long>(figures.calls), figures.stale_row_seconds,
              static_cast<long long>(figures.left), figures.lone_wait, figures.at_once,
              figures.best_price);
  if (figures.best_price >= 1) {
    std::printf("%7.2f\n", figures.stale_row_seconds / figures.best_price);
  } else {
    std::printf("%7s\n", "-");
  }
  std::fflush(stdout);
}

void play(const Adversary& adversary) {
  const Recording recording = recording_of(adversary.changes);
  const testing::PlayedDays played =
      testing::play(adversary.changes, {.calls_per_day = adversary.calls_per_day});
  const std::vector<Day> days = days_of(recording);
  const auto next_midnight = std::upper_bound(recording.midnights.begin(),
                                              recording.midnights.end(), seconds(adversary.begin));
  const auto today = static_cast<std::size_t>(next_midnight - recording.midnights.begin()) - 1;
  const SimulatedDay& day = played.report.days.at(today);
  print(adversary.name,
        {.calls = played.calls_between(adversary.begin, adversary.end),
         .stale_row_seconds = day.stale_row_seconds,
         .left = adversary.calls_per_day - day.calls,
         .lone_wait = played.mean_wait_of_lone_changes(),
         .at_once = immediate(days.at(today), adversary.calls_per_day).stale_row_seconds,
         .best_price = best_price(days.at(today), adversary.calls_per_day).stale_row_seconds});
}

void imports(const std::string& when, TimePoint first_midnight, int days, Milliseconds at) {
  for (const int rows : {500, 3000, 6000, 20'000, 50'000}) {
    for (const Milliseconds within : {1s, 10s, 60s, 300s, 3600s}) {
      for (const int sources : {1, kManySources}) {
        const TimePoint begin = first_midnight + (days - 1) * 24h + at;
        play({.name = std::to_string(rows) + " rows in " + std::to_string(within / 1s) + " s, " +
                      std::to_string(sources) + " data source(s), " + when,
              .changes = merged(
                  lone_changes(first_midnight, days, kLone),
                  rows_of({.begin = begin, .within = within, .rows = rows, .sources = sources})),
              .begin = begin,
              .end = begin + within + kAfterwards});
      }
    }
  }
}

// One import for each day and time of it.
Changes imports_each_day(int days, const std::vector<Milliseconds>& at, testing::Import import) {
  Changes changes;
  for (int day = 0; day < days; ++day) {
    for (const Milliseconds time : at) {
      import.begin = kOrdinaryMidnight + day * 24h + time;
      changes = merged(changes, rows_of(import));
    }
  }
  return changes;
}

void whole_days() {
  const TimePoint last = kOrdinaryMidnight + 7 * 24h;
  const auto play_last = [&](const std::string& name, const Changes& changes,
                             std::int64_t calls = kCalls) {
    play({.name = name,
          .changes = changes,
          .begin = last,
          .end = last + 24h,
          .calls_per_day = calls});
  };
  play_last("all of each day, 5,000 rows, in one minute at 9",
            imports_each_day(8, {9h}, {.within = 60s, .rows = 5000, .sources = kManySources}));
  const Changes full = lone_changes(kOrdinaryMidnight, 7, 20'000);
  const Changes empty = lone_changes(kOrdinaryMidnight, 7, 10);
  play_last("a day of 10 changes after seven of 20,000", merged(full, lone_changes(last, 1, 10)));
  play_last("a day of 20,000 changes after seven of 10",
            merged(empty, lone_changes(last, 1, 20'000)));
  play_last("3,000 rows at 2 each night, 4,000 changes",
            merged(lone_changes(kOrdinaryMidnight, 8, 4000),
                   imports_each_day(8, {2h}, {.within = 300s, .rows = 3000})));
  for (const std::int64_t calls : {30, 60, 2500}) {
    play_last(
        "10 rows over 5 sources each 4 hours, " + std::to_string(calls) + " calls",
        imports_each_day(8, {1h, 5h, 9h, 13h, 17h, 21h}, {.within = 30s, .rows = 10, .sources = 5}),
        calls);
  }
}

void days_of_other_lengths() {
  for (const auto& [week, name] : {std::pair{testing::kWeekBeforeShortDay, "a day of 23 hours"},
                                   std::pair{testing::kWeekBeforeLongDay, "a day of 25 hours"}})
    for (const Milliseconds at : {90min, 600min}) {
      const TimePoint begin = week + 7 * 24h + at;
      play({.name = "3000 rows in 60 s, 1 data source, " + std::string(name) + ", after " +
                    std::to_string(at / 1min) + " min",
            .changes = merged(lone_changes(week, 8, kLone),
                              rows_of({.begin = begin, .within = 60s, .rows = 3000})),
            .begin = begin,
            .end = begin + 60s + kAfterwards});
    }
}

void print_programs(const std::string& name, const Programs& programs) {
  std::printf("%-58s %7zu %11.0f %7lld\n", name.c_str(), programs.calls(),
              programs.stale_row_seconds(), static_cast<long long>(programs.calls_left()));
  std::fflush(stdout);
}

// Of several programs, and one that answers each call with a row.
void programs() {
  for (const Milliseconds within : {10s, 300s, 3600s}) {
    const std::string name = "6,000 rows in " + std::to_string(within / 1s) + " s";
    for (const bool into_one_source : {true, false}) {
      for (const std::size_t count : {1U, 2U}) {
        Programs importing(count);
        importing.import(6000, within, into_one_source);
        importing.pass(kAfterwards);
        print_programs(name + ", " + std::to_string(count) + " program(s), " +
                           (into_one_source ? "one source" : "a source each"),
                       importing);
      }
    }
    Programs restarted(1);
    for (int part = 0; part < 4; ++part) {
      if (part > 0) restarted.restart(0);
      restarted.import(1500, within / 4, true);
    }
    restarted.pass(kAfterwards);
    print_programs(name + ", restarted three times", restarted);
  }
  Programs answered(1);
  const TimePoint evening = answered.now() + 8h;
  while (answered.now() < evening) {
    answered.change(0, "A");
    while (answered.waiting() > 0 && answered.now() < evening) answered.pass(1s);
    answered.pass(1s);
  }
  print_programs("a row a second after each call, for eight hours", answered);
}

}  // namespace

void print_adversaries() {
  print_heading();
  imports("day 8, 10:00", kOrdinaryMidnight, 8, 10h);
  imports("day 8, 23:50", kOrdinaryMidnight, 8, 24h - 10min);
  imports("day 1, 10:00", kOrdinaryMidnight, 1, 10h);
  imports("day 1, 23:50", kOrdinaryMidnight, 1, 24h - 10min);
  whole_days();
  days_of_other_lengths();
  programs();
}

}  // namespace weir::bench
