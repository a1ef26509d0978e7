#include <gtest/gtest.h>
#include <weir/simulation.h>

#include <algorithm>
#include <random>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Midnight of 2024-02-05 in Los Angeles.
const TimePoint kMidnight{1707120000s};

std::vector<std::string> value(int number) { return {std::to_string(number)}; }

RecordedChange upsert(TimePoint time, const std::string& source, const std::string& key,
                      int number) {
  return {.time = time, .source = source, .key = key, .values = value(number)};
}

// Changes in bursts, the same on every run.
std::vector<RecordedChange> busy_days(int days, int changes_a_day) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same on purpose
  std::vector<RecordedChange> changes;
  for (int day = 0; day < days; ++day) {
    for (int i = 0; i < changes_a_day; ++i) {
      const auto second = (random() % 86400 + random() % 86400) / 2;
      changes.push_back(upsert(kMidnight + day * 24h + second * 1s + Milliseconds(random() % 1000),
                               "S" + std::to_string(random() % 8), std::to_string(random() % 200),
                               static_cast<int>(random() % 4)));
    }
  }
  std::sort(changes.begin(), changes.end(),
            [](const auto& a, const auto& b) { return a.time < b.time; });
  return changes;
}

struct Played {
  SimulationReport report;
  std::vector<SimulatedCall> calls;
};

Played simulated(const std::vector<RecordedChange>& changes, SimulationOptions options = {},
                 const std::vector<RecordedRow>& initial = {}) {
  if (options.time_zone.empty()) options.time_zone = "America/Los_Angeles";
  Played played;
  std::size_t next = 0;
  const auto next_change = [&]() -> Result<std::optional<RecordedChange>> {
    if (next == changes.size()) return std::optional<RecordedChange>();
    return std::optional(changes[next++]);
  };
  auto report =
      simulate(options, initial, next_change,
               {.call = [&](const SimulatedCall& call) { played.calls.push_back(call); }});
  EXPECT_TRUE(report) << report.error().message;
  if (report) played.report = *report;
  return played;
}

std::string lines(const std::vector<SimulatedCall>& calls, TimePoint before) {
  std::string text;
  for (const SimulatedCall& call : calls) {
    if (call.time >= before) break;
    text += std::to_string(call.time.time_since_epoch().count()) + " " + call.source + " " +
            std::to_string(call.upserts) + " " + std::to_string(call.deletes) + "\n";
  }
  return text;
}

TEST(Simulation, SendsEachChangeAtOnceWhileCallsAreWorthNothing) {
  const Played played =
      simulated({upsert(kMidnight + 1h, "A", "1", 1), upsert(kMidnight + 2h, "A", "1", 2)});
  ASSERT_EQ(played.calls.size(), 2U);
  EXPECT_EQ(played.calls[0].time, kMidnight + 1h);
  EXPECT_EQ(played.report.days.at(0).stale_row_seconds, 0);
}

TEST(Simulation, NeverSpendsMoreThanTheDayHas) {
  const std::vector<RecordedChange> changes = busy_days(3, 3000);
  for (const std::int64_t budget : {1, 20, 150, 1000}) {
    for (const SimulatedDay& day : simulated(changes, {.calls_per_day = budget}).report.days)
      EXPECT_LE(day.calls, budget);
  }
}

TEST(Simulation, LeavesNoCallUnusedWhileRowsAreStale) {
  for (const SimulatedDay& day : simulated(busy_days(3, 3000), {.calls_per_day = 200}).report.days)
    EXPECT_GE(day.calls, 198);
}

TEST(Simulation, DecidesNothingFromTheFuture) {
  const std::vector<RecordedChange> changes = busy_days(3, 1500);
  const SimulationOptions options{.calls_per_day = 120};
  const Played whole = simulated(changes, options);
  for (const std::size_t cut :
       {std::size_t{1}, std::size_t{700}, std::size_t{1501}, std::size_t{4000}}) {
    const std::vector<RecordedChange> start(changes.begin(),
                                            changes.begin() + static_cast<std::ptrdiff_t>(cut));
    // The first change that is cut off: what is decided before it comes cannot know it.
    const TimePoint unseen = changes[cut].time;
    EXPECT_EQ(lines(simulated(start, options).calls, unseen), lines(whole.calls, unseen)) << cut;
  }
}

TEST(Simulation, IsTheSameEveryTime) {
  const std::vector<RecordedChange> changes = busy_days(2, 1500);
  const SimulationOptions options{.calls_per_day = 120};
  EXPECT_EQ(lines(simulated(changes, options).calls, TimePoint::max()),
            lines(simulated(changes, options).calls, TimePoint::max()));
}

TEST(Simulation, BeatsTheIntervalThatSpendsAsMuch) {
  const std::vector<RecordedChange> changes = busy_days(3, 3000);
  const Played price = simulated(changes, {.calls_per_day = 300});
  const Played interval = simulated(
      changes, {.calls_per_day = 300, .policy = SimulatedPolicy::kInterval, .interval = 2304s});
  double of_price = 0;
  double of_interval = 0;
  for (std::size_t day = 0; day < 3; ++day) {
    of_price += price.report.days[day].stale_row_seconds;
    of_interval += interval.report.days[day].stale_row_seconds;
  }
  EXPECT_LT(of_price, of_interval);
}

// A row in six seconds, for ten calls a day: worth more than any price that shadows play.
TEST(Simulation, LastsThroughTheDayHoweverManyRowsACallTakes) {
  std::vector<RecordedChange> changes;
  for (int i = 0; i < 2 * 14'400; ++i)
    changes.push_back(upsert(kMidnight + i * 6s, "A", std::to_string(i), 1));
  for (const SourceOptions& source : {SourceOptions{}, SourceOptions{.deadline = 3h}}) {
    const Played played = simulated(changes, {.calls_per_day = 10, .other_sources = source});
    EXPECT_EQ(played.report.days.at(1).calls, 10);
    EXPECT_GT(played.calls.back().time, kMidnight + 24h + 21h);
    EXPECT_LT(played.calls.back().upserts, 14'400 / 8) << "the calls are spread evenly";
  }
}

// R changes ten times a day, at any hour, and all else between seven and nineteen: the evenings
// have taught that nothing comes any more.
TEST(Simulation, LeavesCallsForADeadlineWhenTheDayIsAllButOver) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same on purpose
  std::vector<RecordedChange> changes;
  for (int i = 0; i < 7 * 1000; ++i) {
    const bool is_rare = i % 100 == 0;
    const auto second = is_rare ? random() % 86'400 : 7 * 3600 + random() % (12 * 3600);
    const std::string source = is_rare ? "R" : "S" + std::to_string(random() % 10);
    changes.push_back(
        upsert(kMidnight + i / 1000 * 24h + second * 1s, source, std::to_string(i), 1));
  }
  std::sort(changes.begin(), changes.end(),
            [](const auto& a, const auto& b) { return a.time < b.time; });
  const Played played =
      simulated(changes, {.calls_per_day = 200, .sources = {{"R", {.deadline = 1h}}}});
  // Of seventy. Without calls that are kept it is one in six.
  EXPECT_LE(played.report.by_source.at("R").late, 4);
}

// What is sent when, if data sources with an odd number weigh five times as much as the others.
std::vector<SimulatedCall> calls_at_weight(const std::vector<RecordedChange>& changes,
                                           double weight) {
  SimulationOptions options{.calls_per_day = 150, .other_sources = {.weight = weight}};
  for (const char* source : {"S1", "S3", "S5", "S7"}) options.sources[source].weight = 5 * weight;
  return simulated(changes, options).calls;
}

TEST(Simulation, DecidesByRatiosOfWeightsAlone) {
  const std::vector<RecordedChange> changes = busy_days(2, 3000);
  const std::vector<SimulatedCall> calls = calls_at_weight(changes, 1);
  for (const double weight : {1e-12, 1e-3, 1e3, 1e14}) {
    const std::vector<SimulatedCall> same = calls_at_weight(changes, weight);
    ASSERT_EQ(same.size(), calls.size()) << weight;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      EXPECT_EQ(same[i].source, calls[i].source) << weight;
      EXPECT_LE(abs(same[i].time - calls[i].time), 1s) << weight;
    }
  }
}

TEST(Simulation, SpendsNoCallOnARowThatIsAsThePlatformHasIt) {
  const std::vector<RecordedRow> initial = {{.source = "A", .key = "1", .values = value(1)}};
  const Played played = simulated({upsert(kMidnight + 1h, "A", "1", 1)}, {}, initial);
  EXPECT_TRUE(played.calls.empty());
  EXPECT_EQ(played.report.days.at(0).changes, 0);
}

TEST(Simulation, CountsDeletesApart) {
  const std::vector<RecordedRow> initial = {{.source = "A", .key = "1", .values = value(1)}};
  const Played played =
      simulated({{.time = kMidnight + 1h, .source = "A", .key = "1", .values = {}}}, {}, initial);
  ASSERT_EQ(played.calls.size(), 1U);
  EXPECT_EQ(played.calls[0].upserts, 0);
  EXPECT_EQ(played.calls[0].deletes, 1);
}

TEST(Simulation, KeepsDeadlinesWhileThereAreCalls) {
  const SimulationOptions options{.calls_per_day = 960, .other_sources = {.deadline = 30min}};
  std::map<std::string, TimePoint> waiting_since;
  std::vector<RecordedChange> changes = busy_days(2, 1000);
  // Each changes something, so that whoever changed first waits.
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i].values = value(static_cast<int>(i));
  const Played played = simulated(changes, options);
  std::size_t next = 0;
  for (const SimulatedCall& call : played.calls) {
    for (; next < changes.size() && changes[next].time <= call.time; ++next)
      waiting_since.try_emplace(changes[next].source, changes[next].time);
    EXPECT_LE(call.time - waiting_since[call.source], 30min);
    waiting_since.erase(call.source);
  }
}

TEST(Simulation, AHeavyDataSourceIsFresherThanTheOthers) {
  const std::vector<RecordedChange> changes = busy_days(2, 3000);
  const auto calls_of = [&](const SimulationOptions& options) {
    const Played played = simulated(changes, options);
    return std::count_if(played.calls.begin(), played.calls.end(),
                         [](const SimulatedCall& call) { return call.source == "S1"; });
  };
  EXPECT_GT(calls_of({.calls_per_day = 150, .sources = {{"S1", {.weight = 9}}}}),
            2 * calls_of({.calls_per_day = 150}));
}

TEST(Simulation, RunsFromMidnightToMidnightWhateverTheClocksDo) {
  // 2024-03-10 in Los Angeles has 23 hours, 2024-11-03 has 25.
  const std::pair<TimePoint, Milliseconds> days[] = {{TimePoint{1710097200s}, 23h},
                                                     {TimePoint{1730664000s}, 25h}};
  for (const auto& [noon, hours] : days) {
    TimePoint first = TimePoint::max();
    TimePoint last = {};
    const SimulationOptions options{.time_zone = "America/Los_Angeles"};
    bool given = false;
    const auto report = simulate(options, {},
                                 [&, at = noon]() -> Result<std::optional<RecordedChange>> {
                                   if (std::exchange(given, true))
                                     return std::optional<RecordedChange>();
                                   return std::optional(upsert(at, "A", "1", 1));
                                 },
                                 {.state = [&](const SimulatedState& state) {
                                   first = std::min(first, state.time);
                                   last = std::max(last, state.time);
                                 }});
    ASSERT_TRUE(report);
    EXPECT_EQ(last + 5min - first, hours);
    EXPECT_EQ(report->days.size(), 1U);
  }
}

TEST(Simulation, RefusesChangesThatAreNotInOrder) {
  const std::vector<RecordedChange> changes = {upsert(kMidnight + 2h, "A", "1", 1),
                                               upsert(kMidnight + 1h, "B", "2", 1)};
  std::size_t next = 0;
  const auto report = simulate(
      {.time_zone = "UTC"}, {},
      [&]() -> Result<std::optional<RecordedChange>> { return std::optional(changes.at(next++)); },
      {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
}

TEST(Simulation, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  const auto report = simulate({.time_zone = "UTC", .stop = stop.get_token()}, {},
                               []() -> Result<std::optional<RecordedChange>> {
                                 return std::optional(upsert(kMidnight, "A", "1", 1));
                               },
                               {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kCancelled);
}

TEST(Simulation, NamesTheOptionThatIsWrong) {
  const auto none = []() -> Result<std::optional<RecordedChange>> {
    return std::optional<RecordedChange>();
  };
  EXPECT_EQ(simulate({.time_zone = "Mars/North"}, {}, none, {}).error().code,
            ErrorCode::kInvalidConfig);
  EXPECT_EQ(simulate({.time_zone = "UTC", .calls_per_day = 0}, {}, none, {}).error().code,
            ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace weir
