// How fresh Weir's pacing keeps rows, against what others do, against the best that could have been
// chosen in hindsight and against the optimum, all in the same run and judged by the same judge.
//
//   pacing_bench [--seeds N] [--days N]              made-up mixes, and days of imports
//   pacing_bench --adversaries                       these days alone
//   pacing_bench --polls [--seeds N]                 only the polls of the mixes
//   pacing_bench --waits [--seeds N] [--changes …]   only how exactly waits are told
//   pacing_bench --changes F --initial F --source-column S --key-column K --time-zone Z
//                [--calls-per-day N,N,...]           a recorded trace
//
// Nothing in it depends on the machine: the figures are stale row-seconds, and their ratios.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "adversaries.h"
#include "baselines.h"
#include "mixes.h"
#include "recording.h"
#include "reloads.h"
#include "waits.h"

namespace {

using namespace weir;
using namespace weir::bench;

constexpr std::int64_t kCalls = 2400;
constexpr std::int64_t kPollCalls = 2000;
constexpr double kRowsPerCall[] = {64, 16, 4, 1.5};

struct Baseline {
  const char* name;
  Outcome (*on)(const Day&, std::int64_t);
};

constexpr Baseline kBaselines[] = {{"equal", equal_interval}, {"largest", largest_first},
                                   {"at once", immediate},    {"interval", best_interval},
                                   {"linger", best_linger},   {"price", best_price},
                                   {"optimum", optimum}};
constexpr std::size_t kBaselineCount = std::size(kBaselines);

struct Arguments {
  int seeds = 3;
  int days = 8;
  std::string changes;
  std::string initial;
  std::string source_column;
  std::string key_column;
  std::string time_zone;
  std::vector<std::int64_t> calls_per_day = {300, 1000, 2500};
  bool only_adversaries = false;
  bool only_polls = false;
  bool only_waits = false;
};

[[noreturn]] void fail(const Error& error) {
  std::cerr << error.message << '\n';
  std::exit(1);
}

std::vector<Judged> weir_days(const Recording& recording, const SimulationOptions& options,
                              double deadline = 0) {
  const Result<Schedule> schedule = run_engine(recording, options);
  if (!schedule) fail(schedule.error());
  return judge(recording, *schedule, deadline);
}

// Sums over seeds, or over the days of a recording.
struct Line {
  double weir = 0;
  double changes = 0;
  double used = 0;
  double worst_of_price = 0;
  std::vector<double> baselines = std::vector<double>(kBaselineCount);
  int overruns = 0;
  double unused_while_stale = 0;  // share of a day's calls, the most
};

void add_day(Line& line, const Day& day, const Judged& judged, std::int64_t calls) {
  line.weir += judged.outcome.stale_row_seconds;
  line.changes += static_cast<double>(judged.changes);
  line.used += judged.outcome.calls;
  const double limit = static_cast<double>(calls);
  if (judged.outcome.calls > limit) ++line.overruns;
  for (std::size_t i = 0; i < kBaselineCount; ++i) {
    const double stale = kBaselines[i].on(day, calls).stale_row_seconds;
    line.baselines[i] += stale;
    if (std::string(kBaselines[i].name) == "price" && stale > 0)
      line.worst_of_price = std::max(line.worst_of_price, judged.outcome.stale_row_seconds / stale);
  }
  // Fewer changes than calls: what is left is not needed.
  if (static_cast<double>(judged.changes) > limit)
    line.unused_while_stale = std::max(line.unused_while_stale, 1 - judged.outcome.calls / limit);
}

void print_heading(const char* what) {
  std::printf("\n%-22s %9s %9s %7s %6s", what, "mean s", "used", "unused", "over");
  for (const Baseline& baseline : kBaselines) std::printf(" %8s", baseline.name);
  std::printf(" %8s\n", "worst");
}

// Weir's row-seconds over each baseline's; the last column is the worst day against the price.
void print_line(const std::string& name, const Line& line) {
  std::printf("%-22s %9.1f %9.0f %6.1f%% %6d", name.c_str(),
              line.changes > 0 ? line.weir / line.changes : 0, line.used,
              100 * line.unused_while_stale, line.overruns);
  for (const double baseline : line.baselines) {
    if (baseline >= 1) {
      std::printf(" %8.3f", line.weir / baseline);
    } else {
      std::printf(" %8s", "-");
    }
  }
  std::printf(" %8.3f\n", line.worst_of_price);
  std::fflush(stdout);
}

void push_mixes(const Arguments& arguments) {
  print_heading("pushes, the last day");
  for (const Mix& mix : mixes()) {
    for (const double rows_per_call : kRowsPerCall) {
      Line line;
      for (int seed = 1; seed <= arguments.seeds; ++seed) {
        const Recording recording =
            make_recording(mix, rows_per_call * static_cast<double>(kCalls), arguments.days,
                           static_cast<std::uint64_t>(seed));
        const std::vector<Judged> days = weir_days(recording, {.calls_per_day = kCalls});
        add_day(line, days_of(recording).back(), days.back(), kCalls);
        for (const Judged& day : days)
          line.overruns += day.outcome.calls > static_cast<double>(kCalls) ? 1 : 0;
      }
      char name[64];
      std::snprintf(name, sizeof(name), "%s %g", mix.name.c_str(), rows_per_call);
      print_line(name, line);
    }
  }
}

void deadline_mixes(const Arguments& arguments) {
  constexpr std::chrono::hours kDeadline{1};
  std::printf("\n%-22s %9s %9s %9s\n", "a deadline of an hour", "late", "changes", "longest s");
  for (const Mix& mix : mixes()) {
    std::int64_t late = 0;
    std::int64_t changes = 0;
    double longest = 0;
    for (int seed = 1; seed <= arguments.seeds; ++seed) {
      const Recording recording =
          make_recording(mix, 16.0 * kCalls, arguments.days, static_cast<std::uint64_t>(seed));
      const auto days =
          weir_days(recording, {.calls_per_day = kCalls, .other_sources = {.deadline = kDeadline}},
                    std::chrono::duration<double>(kDeadline).count());
      for (const Judged& day : days) {
        late += day.late;
        changes += day.changes;
        longest = std::max(longest, day.longest_wait);
      }
    }
    std::printf("%-22s %9lld %9lld %9.0f\n", mix.name.c_str(), static_cast<long long>(late),
                static_cast<long long>(changes), longest);
    std::fflush(stdout);
  }
}

void poll_mixes(const Arguments& arguments) {
  std::printf("\n%-22s %9s %9s %9s %9s %9s\n", "polls", "first day", "last day", "worst",
              "of equal", "of rate");
  for (const Mix& mix : mixes()) {
    double first = 0;
    double last = 0;
    double worst = 0;
    double equal = 0;
    double rate = 0;
    double weir = 0;
    double oracle_last = 0;
    for (int seed = 1; seed <= arguments.seeds; ++seed) {
      constexpr double kRows = 16.0 * kPollCalls;
      const Recording recording =
          make_recording(mix, kRows, arguments.days, static_cast<std::uint64_t>(seed));
      const auto days =
          weir_days(recording, {.mode = SimulatedMode::kPoll, .calls_per_day = kPollCalls});
      const std::vector<Day> real = days_of(recording);
      const auto oracle = [&](std::size_t day) {
        return oracle_polls(mix, static_cast<double>(days[day].changes), kPollCalls);
      };
      first += days.front().outcome.stale_row_seconds / oracle(0);
      const double last_ratio = days.back().outcome.stale_row_seconds / oracle(days.size() - 1);
      last += last_ratio;
      worst = std::max(worst, last_ratio);
      weir += days.back().outcome.stale_row_seconds;
      oracle_last += oracle(days.size() - 1);
      equal += equal_interval(real.back(), kPollCalls).stale_row_seconds;
      rate += rate_polls(real.back(), kPollCalls).stale_row_seconds;
    }
    std::printf("%-22s %9.3f %9.3f %9.3f %9.3f %9.3f\n", mix.name.c_str(), first / arguments.seeds,
                weir / oracle_last, worst, weir / equal, weir / rate);
    std::fflush(stdout);
  }
}

// Of a mix with so many calls, over all seeds.
struct ReloadLine {
  double first = 0;  // of equal polls, on the first day, the mean of all seeds
  double worst = 0;  // the worst of them
  double late = 0;   // from the third day on, row-seconds
  double late_equal = 0;
  double all = 0;
  double all_equal = 0;
  int overruns = 0;
};

ReloadLine play_reloads(const ReloadMix& mix, std::int64_t calls, int seeds) {
  constexpr int kDays = 10;
  ReloadLine line;
  for (int seed = 1; seed <= seeds; ++seed) {
    const Recording recording = make_reloads(mix, kDays, static_cast<std::uint64_t>(seed));
    const auto judged =
        weir_days(recording, {.mode = SimulatedMode::kPoll, .calls_per_day = calls});
    const std::vector<Day> days = days_of(recording);
    for (std::size_t day = 0; day < days.size(); ++day) {
      const double stale = judged[day].outcome.stale_row_seconds;
      const double equal = equal_polls_at_any_phase(days[day], calls);
      line.all += stale;
      line.all_equal += equal;
      if (day == 0) line.first += stale / equal / seeds;
      if (day == 0) line.worst = std::max(line.worst, stale / equal);
      if (day >= 2) line.late += stale;
      if (day >= 2) line.late_equal += equal;
      if (judged[day].outcome.calls > static_cast<double>(calls)) ++line.overruns;
    }
  }
  return line;
}

void poll_reloads(const Arguments& arguments) {
  std::printf("\n%-30s %9s %9s %9s %9s %9s %6s\n", "polls of reloads", "looks", "first day",
              "worst", "from 3rd", "all days", "over");
  for (const ReloadMix& mix : reload_mixes()) {
    for (const std::int64_t calls : mix.calls_a_day) {
      const ReloadLine line = play_reloads(mix, calls, arguments.seeds);
      std::printf("%-30s %9lld %9.3f %9.3f %9.3f %9.3f %6d\n", mix.name.c_str(),
                  static_cast<long long>(calls), line.first, line.worst,
                  line.late / line.late_equal, line.all / line.all_equal, line.overruns);
      std::fflush(stdout);
    }
  }
}

void push_recording(const Recording& recording, const Arguments& arguments) {
  const std::vector<Day> days = days_of(recording);
  print_heading("pushes, all days");
  for (const std::int64_t calls : arguments.calls_per_day) {
    const std::vector<Judged> judged = weir_days(recording, {.calls_per_day = calls});
    Line line;
    for (std::size_t i = 0; i < days.size(); ++i) add_day(line, days[i], judged[i], calls);
    print_line(std::to_string(calls) + " calls a day", line);
  }
}

void poll_recording(const Recording& recording, const Arguments& arguments) {
  const std::vector<Day> days = days_of(recording);
  std::printf("\n%-22s %9s %9s %9s\n", "polls", "of equal", "of rate", "from day 3");
  for (const std::int64_t calls : arguments.calls_per_day) {
    const auto judged =
        weir_days(recording, {.mode = SimulatedMode::kPoll, .calls_per_day = calls});
    double weir = 0;
    double equal = 0;
    double rate = 0;
    double late_weir = 0;
    double late_rate = 0;
    for (std::size_t i = 0; i < days.size(); ++i) {
      const double stale = judged[i].outcome.stale_row_seconds;
      const double rate_stale = rate_polls(days[i], calls).stale_row_seconds;
      weir += stale;
      equal += equal_interval(days[i], calls).stale_row_seconds;
      rate += rate_stale;
      if (i < 2) continue;
      late_weir += stale;
      late_rate += rate_stale;
    }
    std::printf("%-22s %9.3f %9.3f %9.3f\n", (std::to_string(calls) + " calls a day").c_str(),
                weir / equal, weir / rate, late_rate > 0 ? late_weir / late_rate : 0);
  }
}

void waits_of_mixes(const Arguments& arguments) {
  print_waits_heading();
  for (const Mix& mix : mixes()) {
    for (const double rows_per_call : kRowsPerCall) {
      const Recording recording =
          make_recording(mix, rows_per_call * static_cast<double>(kCalls), arguments.days, 1);
      char name[64];
      std::snprintf(name, sizeof(name), "%s %g", mix.name.c_str(), rows_per_call);
      if (Result<void> printed = print_waits(name, recording, kCalls); !printed)
        fail(printed.error());
    }
  }
}

void waits_of_recording(const Recording& recording, const Arguments& arguments) {
  print_waits_heading();
  for (const std::int64_t calls : arguments.calls_per_day) {
    const std::string name = std::to_string(calls) + " calls a day";
    if (Result<void> printed = print_waits(name, recording, calls); !printed) fail(printed.error());
  }
}

void print_title() {
  std::puts("Weir's stale row-seconds over those of each baseline; mean: seconds a row is stale");
}

void measure_mixes(const Arguments& arguments) {
  if (arguments.only_waits) return waits_of_mixes(arguments);
  print_title();
  if (!arguments.only_polls) push_mixes(arguments);
  if (!arguments.only_polls) deadline_mixes(arguments);
  poll_mixes(arguments);
  poll_reloads(arguments);
  if (arguments.only_polls) return;
  print_adversaries();
  waits_of_mixes(arguments);
}

void measure_recording(const Arguments& arguments) {
  const Result<Recording> recording =
      read_recording(arguments.changes, arguments.initial, arguments.source_column,
                     arguments.key_column, arguments.time_zone);
  if (!recording) fail(recording.error());
  if (arguments.only_waits) return waits_of_recording(*recording, arguments);
  print_title();
  push_recording(*recording, arguments);
  poll_recording(*recording, arguments);
  waits_of_recording(*recording, arguments);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("How fresh pacing keeps rows, against baselines in the same run");
  app.add_option("--seeds", arguments.seeds, "Streams per mix")->check(CLI::PositiveNumber);
  app.add_option("--days", arguments.days, "Days of each; the last is measured")
      ->check(CLI::Range(1, 60));
  app.add_option("--changes", arguments.changes, "A recorded trace, as weir simulate takes it");
  app.add_option("--initial", arguments.initial, "Its rows at the start");
  app.add_option("--source-column", arguments.source_column, "Its data sources");
  app.add_option("--key-column", arguments.key_column, "Its keys");
  app.add_option("--time-zone", arguments.time_zone, "Its organization's time zone");
  app.add_option("--calls-per-day", arguments.calls_per_day, "For a trace: N,N,...")
      ->delimiter(',');
  app.add_flag("--adversaries", arguments.only_adversaries, "Only days of imports and the like");
  app.add_flag("--polls", arguments.only_polls, "Only polls of the mixes");
  app.add_flag("--waits", arguments.only_waits, "Only how exactly waits are told");
  CLI11_PARSE(app, argc, argv);
  if (arguments.only_adversaries) {
    print_adversaries();
  } else if (arguments.changes.empty()) {
    measure_mixes(arguments);
  } else {
    measure_recording(arguments);
  }
}
