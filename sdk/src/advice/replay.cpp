// Advice from a recording: each measure is tried on the same changes, and compared.
#include <weir/advice.h>

#include <algorithm>
#include <string>
#include <utility>

#include "advice/savings.h"
#include "pacing/price_curve.h"

namespace weir::inline v0 {
namespace {

// Data sources that are tried without; the busiest, since only they can free many calls.
constexpr std::size_t kMostSources = 5;

double stale_row_seconds(const SimulationReport& report) {
  double sum = 0;
  for (const SimulatedDay& day : report.days) sum += day.stale_row_seconds;
  return sum;
}

SimulatedSource of(const SimulationReport& report, const std::string& source) {
  const auto found = report.by_source.find(source);
  return found == report.by_source.end() ? SimulatedSource{} : found->second;
}

class Trials {
 public:
  Trials(SimulationOptions options, const std::vector<RecordedRow>& initial,
         const OpenChanges& open, const std::function<void(int, int)>& progress)
      : options_(std::move(options)), initial_(initial), open_(open), progress_(progress) {}

  Result<AdviceReport> run() {
    Result<SimulationReport> base = replay(options_, initial_, {});
    if (!base) return base.error();
    base_ = std::move(*base);
    if (base_.days.empty()) return AdviceReport{};
    days_ = static_cast<double>(base_.days.size());
    report_.days = static_cast<std::int64_t>(base_.days.size());
    for (const SimulatedDay& day : base_.days)
      report_.calls += static_cast<double>(day.calls) / days_;
    report_.stale_row_seconds = stale_row_seconds(base_) / days_;
    for (const auto& [name, source] : base_.by_source) {
      if (source.late > 0) report_.missed_deadlines[name] = source.late;
    }
    const std::vector<std::string> busiest = busiest_sources();
    const std::vector<std::string> deadlines = sources_with_deadline();
    trials_ = static_cast<int>(busiest.size() + deadlines.size() + 2);
    if (Result<void> done = try_all(busiest, deadlines); !done) return done.error();
    advice::keep_the_best(report_);
    return std::move(report_);
  }

 private:
  Result<void> try_all(const std::vector<std::string>& busiest,
                       const std::vector<std::string>& deadlines) {
    note_done();
    for (const std::string& source : busiest) {
      if (Result<void> tried = try_without(source); !tried) return tried;
      note_done();
    }
    for (const std::string& source : deadlines) {
      if (Result<void> tried = try_longer_deadline(source); !tried) return tried;
      note_done();
    }
    Result<void> tried = try_more_calls();
    if (tried) note_done();
    return tried;
  }

  Result<SimulationReport> replay(const SimulationOptions& options,
                                  const std::vector<RecordedRow>& initial,
                                  const std::optional<std::string>& without) {
    Result<NextChange> changes = open_();
    if (!changes) return changes.error();
    const NextChange next = [&]() -> Result<std::optional<RecordedChange>> {
      while (true) {
        Result<std::optional<RecordedChange>> change = (*changes)();
        if (!change || !change->has_value() || !without || (*change)->source != *without)
          return change;
      }
    };
    return simulate(options, initial, next, {});
  }

  std::vector<std::string> busiest_sources() const {
    std::vector<std::string> names;
    for (const auto& [name, source] : base_.by_source) {
      if (source.calls > 0) names.push_back(name);
    }
    std::stable_sort(names.begin(), names.end(), [&](const auto& a, const auto& b) {
      return of(base_, a).calls > of(base_, b).calls;
    });
    // Without the only one there is nothing left to compare.
    if (names.size() == 1) names.clear();
    names.resize(std::min(names.size(), kMostSources));
    return names;
  }

  // The empty name stands for all that have none of their own.
  std::vector<std::string> sources_with_deadline() const {
    std::vector<std::string> names;
    if (options_.other_sources.deadline > Milliseconds{0}) names.emplace_back();
    for (const auto& [name, source] : options_.sources) {
      if (source.deadline > Milliseconds{0}) names.push_back(name);
    }
    return names;
  }

  Result<void> try_without(const std::string& source) {
    std::vector<RecordedRow> initial = initial_;
    std::erase_if(initial, [&](const RecordedRow& row) { return row.source == source; });
    const Result<SimulationReport> report = replay(options_, initial, source);
    if (!report) return report.error();
    const SimulatedSource alone = of(base_, source);
    const double calls = static_cast<double>(alone.calls) / days_;
    compare({.measure = advice::without_calls(calls), .target = source, .calls_freed = calls},
            stale_row_seconds(base_) - alone.stale_row_seconds, *report);
    return {};
  }

  Result<void> try_longer_deadline(const std::string& source) {
    SimulationOptions options = options_;
    SourceOptions& changed = source.empty() ? options.other_sources : options.sources[source];
    changed.deadline *= 2;
    const Result<SimulationReport> report = replay(options, initial_, {});
    if (!report) return report.error();
    Advice advice{.measure = Measure::kLongerDeadline, .target = source};
    if (!source.empty())
      advice.calls_freed = std::max(
          0.0, static_cast<double>(of(base_, source).calls - of(*report, source).calls) / days_);
    compare(std::move(advice), stale_row_seconds(base_), *report);
    return {};
  }

  Result<void> try_more_calls() {
    SimulationOptions options = options_;
    options.calls_per_day += pacing::kMoreCalls;
    const Result<SimulationReport> report = replay(options, initial_, {});
    if (!report) return report.error();
    compare({.measure = Measure::kMoreCalls}, stale_row_seconds(base_), *report);
    return {};
  }

  void compare(Advice advice, double before, const SimulationReport& after) {
    const double saved = std::max(before - stale_row_seconds(after), 0.0);
    advice.row_seconds_saved = saved / days_;
    advice.share_saved = before > 0 ? saved / before : 0;
    report_.advice.push_back(std::move(advice));
  }

  void note_done() {
    if (progress_) progress_(++done_, trials_);
  }

  const SimulationOptions options_;
  const std::vector<RecordedRow>& initial_;
  const OpenChanges& open_;
  const std::function<void(int, int)>& progress_;
  SimulationReport base_;
  AdviceReport report_;
  double days_ = 1;
  int done_ = 0;
  int trials_ = 0;
};

}  // namespace

Result<AdviceReport> advise(const SimulationOptions& options,
                            const std::vector<RecordedRow>& initial, const OpenChanges& open,
                            const std::function<void(int done, int of)>& progress) {
  if (options.mode != SimulatedMode::kPush)
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "advice from a recording is for pushes; polls are not replayed for it"};
  return Trials(options, initial, open, progress).run();
}

}  // namespace weir::inline v0
