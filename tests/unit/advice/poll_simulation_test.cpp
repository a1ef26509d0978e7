// weir::simulate in poll mode: changes are found only by looking.
#include <gtest/gtest.h>
#include <weir/simulation.h>

#include <algorithm>
#include <map>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Midnight of 2024-02-05 in Los Angeles.
const TimePoint kMidnight{1707120000s};

struct Played {
  SimulationReport report = {};
  std::vector<SimulatedCall> calls = {};
};

Played played_polls(const std::vector<RecordedChange>& changes, SimulationOptions options) {
  options.mode = SimulatedMode::kPoll;
  options.time_zone = "America/Los_Angeles";
  Played played;
  std::size_t next = 0;
  const auto next_change = [&]() -> Result<std::optional<RecordedChange>> {
    if (next == changes.size()) return std::optional<RecordedChange>();
    return std::optional(changes[next++]);
  };
  auto report =
      simulate(options, {{.source = "HELD", .key = "1", .values = {"a"}}}, next_change,
               {.call = [&](const SimulatedCall& call) { played.calls.push_back(call); }});
  EXPECT_TRUE(report) << report.error().message;
  if (report) played.report = *report;
  return played;
}

// Source BUSY changes every 2 minutes, source CALM every 32.
std::vector<RecordedChange> two_days() {
  std::vector<RecordedChange> changes;
  for (int minute = 1; minute < 2 * 1440; ++minute) {
    for (const auto& [source, every] : std::map<std::string, int>{{"BUSY", 2}, {"CALM", 32}}) {
      if (minute % every != 0) continue;
      changes.push_back({.time = kMidnight + 1min * minute,
                         .source = source,
                         .key = std::to_string(minute),
                         .values = std::vector<std::string>{"x"}});
    }
  }
  return changes;
}

std::map<std::string, int> calls_by_source(const Played& played) {
  std::map<std::string, int> calls;
  for (const SimulatedCall& call : played.calls) ++calls[call.source];
  return calls;
}

const SimulationOptions kOptions = {.known_sources = {"BUSY", "CALM", "SILENT"},
                                    .calls_per_day = 200};

TEST(PollSimulation, SpendsTheCallsOfEachDayAndNoMore) {
  const Played played = played_polls(two_days(), kOptions);
  ASSERT_EQ(played.report.days.size(), 2U);
  for (const SimulatedDay& day : played.report.days) {
    EXPECT_LE(day.calls, 200);
    EXPECT_GE(day.calls, 198) << "at most one in a hundred is left";
  }
  EXPECT_EQ(played.calls.size(),
            static_cast<std::size_t>(played.report.days[0].calls + played.report.days[1].calls));
}

TEST(PollSimulation, LooksByTheRootOfTheRateAndAtSilentSourcesToo) {
  auto calls = calls_by_source(played_polls(two_days(), kOptions));
  EXPECT_GT(calls["BUSY"], 2 * calls["CALM"]);
  EXPECT_LT(calls["BUSY"], 8 * calls["CALM"]) << "16 times the changes, 4 times the looks";
  EXPECT_GT(calls["SILENT"], 0);
  EXPECT_GT(calls["HELD"], 0) << "a source of the rows at the start is known";
}

TEST(PollSimulation, FindsEachChangeOnce) {
  const Played played = played_polls(two_days(), kOptions);
  std::int64_t found = 0;
  for (const SimulatedCall& call : played.calls) found += call.upserts + call.deletes;
  EXPECT_GT(found, 1400);
  EXPECT_LE(found, 1440 + 90);
}

TEST(PollSimulation, DecidesNothingFromTheFuture) {
  const std::vector<RecordedChange> whole = two_days();
  const auto cut = std::find_if(whole.begin(), whole.end(), [](const RecordedChange& change) {
    return change.time >= kMidnight + 30h;
  });
  const Played all = played_polls(whole, kOptions);
  const Played some = played_polls({whole.begin(), cut}, kOptions);
  std::size_t compared = 0;
  for (; some.calls[compared].time < kMidnight + 30h; ++compared) {
    EXPECT_EQ(some.calls[compared].time, all.calls[compared].time);
    EXPECT_EQ(some.calls[compared].source, all.calls[compared].source);
  }
  EXPECT_GT(compared, 200U);
}

TEST(PollSimulation, LooksMoreOftenAtWhatWeighsMore) {
  SimulationOptions options = kOptions;
  options.sources["CALM"].weight = 16;
  const int weighed = calls_by_source(played_polls(two_days(), options))["CALM"];
  EXPECT_GT(weighed, 2 * calls_by_source(played_polls(two_days(), kOptions))["CALM"]);
}

// 500 rows at 3:10 each night, beside five sources with a row every 40 minutes.
std::vector<RecordedChange> nights_of_reloads(int days) {
  std::vector<RecordedChange> changes;
  for (int minute = 1; minute < days * 1440; ++minute) {
    const auto change = [&](const std::string& source, const std::string& key) {
      changes.push_back({.time = kMidnight + 1min * minute,
                         .source = source,
                         .key = key,
                         .values = std::vector<std::string>{std::to_string(minute)}});
    };
    if (minute % 1440 == 190) {
      for (int row = 0; row < 500; ++row) change("LIST", std::to_string(row));
    }
    if (minute % 8 == 0) change("ORDERS" + std::to_string(minute / 8 % 5), std::to_string(minute));
  }
  return changes;
}

const SimulationOptions kNights = {
    .known_sources = {"LIST", "ORDERS0", "ORDERS1", "ORDERS2", "ORDERS3", "ORDERS4"},
    .calls_per_day = 200};

TEST(PollSimulation, FindsANightlyReloadWithinMinutesFromTheThirdDay) {
  const Played played = played_polls(nights_of_reloads(5), kNights);
  ASSERT_EQ(played.report.days.size(), 5U);
  for (std::size_t day = 2; day < 5; ++day) {
    const TimePoint reload = kMidnight + 24h * static_cast<int>(day) + 190min;
    const auto found = std::find_if(
        played.calls.begin(), played.calls.end(),
        [&](const SimulatedCall& call) { return call.source == "LIST" && call.time >= reload; });
    ASSERT_NE(found, played.calls.end());
    EXPECT_EQ(found->upserts, 500);
    EXPECT_LT(found->time - reload, 10min) << "looks at even distances would take 22 on average";
  }
}

TEST(PollSimulation, DoesNotLeaveTheOthersForAReload) {
  auto calls = calls_by_source(played_polls(nights_of_reloads(5), kNights));
  for (int order = 0; order < 5; ++order)
    EXPECT_GT(calls["ORDERS" + std::to_string(order)], 5 * 10);
}

}  // namespace
}  // namespace weir
