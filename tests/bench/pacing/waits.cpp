#include "waits.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "advice/simulated_run.h"
#include "budget/org_calendar.h"

namespace weir::bench {
namespace {

constexpr Milliseconds kAskEvery = std::chrono::minutes{1};

double seconds(Milliseconds time) { return static_cast<double>(time.count()) / 1000; }

TimePoint time_of(double at) { return TimePoint(Milliseconds(std::llround(at * 1000))); }

// What was said at a moment of a wait, by Weir and by those who know less.
struct Said {
  TimePoint at = {};
  TimePoint since = {};
  TimePoint sent_by = {};
  // When the rows go if no more of them change and the price stays.
  TimePoint in_silence = {};
  // When a wait as long as the mean of those before ends, of the same data source.
  std::optional<TimePoint> mean_wait = {};
};

// Shares of the wait.
struct Errors {
  double part = 0;  // of the wait that is over when it is asked
  double weir = 0;
  double later = 0;  // how much later than said it was, with its sign
  double in_silence = 0;
  std::optional<double> mean_wait = {};
};

class AskedRun {
 public:
  AskedRun(const Recording& recording, const SimulationOptions& options,
           const budget::OrgCalendar& calendar)
      : recording_(recording),
        counted_from_(
            time_of(recording.midnights[std::min<std::size_t>(1, recording.midnights.size() - 1)])),
        watch_({.call = [this](const SimulatedCall& call) { sent(call.source, call.time); }}),
        run_(options, calendar, watch_),
        held_(recording.sources.size()) {
    for (const Arrival& row : recording.initial) held_[row.source][row.row] = row.after;
  }

  Result<std::vector<Errors>> play() {
    for (const Arrival& arrival : recording_.arrivals) {
      const TimePoint now = time_of(arrival.at);
      if (next_ask_ == TimePoint{}) begin(now);
      if (Result<void> passed = pass_to(now); !passed) return passed.error();
      std::uint64_t& row = held_[arrival.source][arrival.row];
      const std::uint64_t before = std::exchange(row, arrival.after);
      if (before == arrival.after) continue;
      const std::string& source = recording_.sources[arrival.source];
      run_.change(source, {.key = arrival.row, .before = before, .after = arrival.after});
      if (waits_[source].empty()) ask(source, now);
    }
    return std::move(errors_);
  }

 private:
  struct Past {
    double seconds = 0;
    double count = 0;
  };

  void begin(TimePoint first) {
    run_.begin(first);
    next_ask_ = first;
  }

  Result<void> pass_to(TimePoint now) {
    for (; next_ask_ < now; next_ask_ += kAskEvery) {
      if (Result<void> ran = run_.run(next_ask_); !ran) return ran;
      for (auto& [source, said] : waits_)
        if (!said.empty()) ask(source, next_ask_);
    }
    return run_.run(now);
  }

  void ask(const std::string& source, TimePoint now) {
    const WaitReason reason = run_.why(source);
    // The row has come back to what the platform has.
    if (!reason.since) waits_[source].clear();
    if (!reason.since || !reason.sent_by) return;
    Said said{.at = now,
              .since = *reason.since,
              .sent_by = *reason.sent_by,
              .in_silence = reason.sent_at_latest.value_or(*reason.sent_by)};
    if (const Past& past = past_[source]; past.count > 0)
      said.mean_wait = std::max(
          now, *reason.since + Milliseconds(std::llround(1000 * past.seconds / past.count)));
    waits_[source].push_back(said);
  }

  void sent(const std::string& source, TimePoint now) {
    std::vector<Said> all = std::exchange(waits_[source], {});
    if (all.empty()) return;
    const double wait = seconds(now - all.back().since);
    past_[source].seconds += wait;
    past_[source].count += 1;
    if (now >= counted_from_)
      for (const Said& said : all) note(said, now);
  }

  void note(const Said& said, TimePoint sent) {
    const double wait = seconds(sent - said.since);
    if (wait <= 0) return;
    const auto later = [&](TimePoint by) { return seconds(sent - by) / wait; };
    Errors errors{.part = seconds(said.at - said.since) / wait,
                  .weir = std::abs(later(said.sent_by)),
                  .later = later(said.sent_by),
                  .in_silence = std::abs(later(said.in_silence))};
    if (said.mean_wait) errors.mean_wait = std::abs(later(*said.mean_wait));
    errors_.push_back(errors);
  }

  const Recording& recording_;
  const TimePoint counted_from_;
  const SimulationWatch watch_;
  advice::SimulatedRun run_;
  std::vector<std::map<std::uint32_t, std::uint64_t>> held_;
  std::map<std::string, std::vector<Said>> waits_;
  std::map<std::string, Past> past_;
  std::vector<Errors> errors_;
  TimePoint next_ask_ = {};
};

// The value that a part of them do not exceed.
double quantile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  const auto place =
      values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

std::vector<double> each(const std::vector<Errors>& all,
                         const std::function<std::optional<double>(const Errors&)>& pick) {
  std::vector<double> values;
  for (const Errors& errors : all)
    if (const std::optional<double> value = pick(errors)) values.push_back(*value);
  return values;
}

std::vector<double> asked_within(const std::vector<Errors>& all, double from, double to) {
  return each(all, [&](const Errors& errors) -> std::optional<double> {
    if (errors.part < from || errors.part >= to) return std::nullopt;
    return errors.weir;
  });
}

}  // namespace

void print_waits_heading() {
  std::printf("\n%-30s %9s %8s %8s %8s %8s %8s %8s %9s %9s\n", "error of sent_by, % of the wait",
              "answers", "median", "90 of 100", "begin", "1st half", "2nd half", "later", "silence",
              "mean wait");
}

Result<void> print_waits(const std::string& name, const Recording& recording, std::int64_t calls) {
  const Result<budget::OrgCalendar> calendar = budget::OrgCalendar::open(recording.time_zone);
  if (!calendar) return calendar.error();
  const SimulationOptions options{.time_zone = recording.time_zone, .calls_per_day = calls};
  const Result<std::vector<Errors>> all = AskedRun(recording, options, *calendar).play();
  if (!all) return all.error();
  const std::vector<double> weir = asked_within(*all, 0, 1);
  const auto percent = [](const std::vector<double>& values, double part = 0.5) {
    return 100 * quantile(values, part);
  };
  std::printf(
      "%-30s %9zu %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f %9.1f %9.1f\n", name.c_str(), weir.size(),
      percent(weir), percent(weir, 0.9), percent(asked_within(*all, 0, 1e-9)),
      percent(asked_within(*all, 0, 0.5)), percent(asked_within(*all, 0.5, 1)),
      percent(each(*all, [](const Errors& errors) { return std::optional(errors.later); })),
      percent(each(*all, [](const Errors& errors) { return std::optional(errors.in_silence); })),
      percent(each(*all, [](const Errors& errors) { return errors.mean_wait; })));
  std::fflush(stdout);
  return {};
}

}  // namespace weir::bench
