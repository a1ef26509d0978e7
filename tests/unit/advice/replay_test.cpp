#include <gtest/gtest.h>
#include <weir/advice.h>

#include <algorithm>

namespace weir {
namespace {

using namespace std::chrono_literals;

const TimePoint kMidnight{1707091200s};  // 2024-02-05 in UTC

// BUSY changes every two minutes, the others every twenty; always another row.
std::vector<RecordedChange> a_day() {
  std::vector<RecordedChange> changes;
  const auto add = [&](const std::string& source, std::chrono::minutes every) {
    int key = 0;
    for (auto at = every; at < 24h; at += every)
      changes.push_back({.time = kMidnight + at,
                         .source = source,
                         .key = std::to_string(++key),
                         .values = std::vector<std::string>{"x"}});
  };
  add("BUSY", 2min);
  for (const char* source : {"A", "B", "C"}) add(source, 20min);
  std::stable_sort(changes.begin(), changes.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  return changes;
}

OpenChanges stream_of(const std::vector<RecordedChange>& changes) {
  return [&changes]() -> Result<NextChange> {
    return NextChange(
        [&changes, next = std::size_t{0}]() mutable -> Result<std::optional<RecordedChange>> {
          if (next == changes.size()) return std::optional<RecordedChange>();
          return std::optional(changes[next++]);
        });
  };
}

const SimulationOptions kOptions{.time_zone = "UTC", .calls_per_day = 100};

double stale(const SimulationReport& report) { return report.days.front().stale_row_seconds; }

SimulationReport replay(const SimulationOptions& options,
                        const std::vector<RecordedChange>& changes) {
  return simulate(options, {}, stream_of(changes)().value(), {}).value();
}

TEST(ReplayAdvice, ComparesTheOthersWithAndWithoutABusySource) {
  std::vector<RecordedChange> changes = a_day();
  const AdviceReport report = advise(kOptions, {}, stream_of(changes)).value();
  EXPECT_EQ(report.days, 1);
  const auto busy = std::find_if(report.advice.begin(), report.advice.end(),
                                 [](const Advice& advice) { return advice.target == "BUSY"; });
  ASSERT_NE(busy, report.advice.end());
  const SimulationReport with = replay(kOptions, changes);
  std::erase_if(changes, [](const RecordedChange& change) { return change.source == "BUSY"; });
  const SimulationReport without = replay(kOptions, changes);
  const double others = stale(with) - with.by_source.at("BUSY").stale_row_seconds;
  EXPECT_NEAR(busy->row_seconds_saved.value(), others - stale(without), 1);
  EXPECT_GT(busy->share_saved.value(), 0.3);
  EXPECT_EQ(busy->calls_freed, static_cast<double>(with.by_source.at("BUSY").calls));
}

TEST(ReplayAdvice, TriesMoreCallsAndLongerDeadlines) {
  const std::vector<RecordedChange> changes = a_day();
  SimulationOptions options = kOptions;
  options.sources["A"].deadline = 25min;
  const AdviceReport report = advise(options, {}, stream_of(changes)).value();
  const auto has = [&](Measure measure) {
    return std::any_of(report.advice.begin(), report.advice.end(),
                       [&](const Advice& advice) { return advice.measure == measure; });
  };
  EXPECT_TRUE(has(Measure::kMoreCalls));
  EXPECT_TRUE(has(Measure::kLongerDeadline));
}

TEST(ReplayAdvice, TellsHowFarItIs) {
  const std::vector<RecordedChange> changes = a_day();
  std::vector<int> done;
  int of = 0;
  ASSERT_TRUE(advise(kOptions, {}, stream_of(changes), [&](int so_far, int all) {
    done.push_back(so_far);
    of = all;
  }));
  EXPECT_EQ(done.size(), static_cast<std::size_t>(of));
  EXPECT_EQ(done.back(), of);
}

TEST(ReplayAdvice, OfNothingRecordedIsNoAdvice) {
  const std::vector<RecordedChange> none;
  EXPECT_EQ(advise(kOptions, {}, stream_of(none))->days, 0);
}

TEST(ReplayAdvice, IsForPushes) {
  const std::vector<RecordedChange> none;
  EXPECT_EQ(
      advise({.mode = SimulatedMode::kPoll, .time_zone = "UTC"}, {}, stream_of(none)).error().code,
      ErrorCode::kInvalidArgument);
}

TEST(SimulationReport, SharesTheStalenessAmongTheSources) {
  const std::vector<RecordedChange> changes = a_day();
  const SimulationReport report = replay(kOptions, changes);
  double sum = 0;
  std::int64_t calls = 0;
  for (const auto& [name, source] : report.by_source) {
    sum += source.stale_row_seconds;
    calls += source.calls;
  }
  EXPECT_NEAR(sum, stale(report), 1);
  EXPECT_EQ(calls, report.days.front().calls);
}

}  // namespace
}  // namespace weir
