#include "support/made_up_days.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace weir::testing {
namespace {

constexpr std::int64_t kLoneSources = 5;
constexpr std::int64_t kDayMs = 86'400'000;

bool is_import(const std::string& source) { return source.starts_with("import-"); }

}  // namespace

Changes rows_of(const Import& import) {
  Changes changes;
  for (int i = 0; i < import.rows; ++i) {
    // A name that no other import has given to a row.
    const std::string key =
        std::to_string(import.begin.time_since_epoch().count()) + "-" + std::to_string(i);
    changes.push_back({.time = import.begin + import.within * i / import.rows,
                       .source = "import-" + std::to_string(i % import.sources),
                       .key = key,
                       .values = {{"1"}}});
  }
  return changes;
}

Changes lone_changes(TimePoint midnight, int days, int changes_a_day) {
  std::mt19937_64 random(11);  // NOLINT(cert-msc51-cpp): the same on purpose
  const auto below = [&](std::int64_t end) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(end));
  };
  Changes changes;
  for (std::int64_t i = 0; i < std::int64_t{days} * changes_a_day; ++i) {
    const Milliseconds at{i / changes_a_day * kDayMs + below(kDayMs)};
    changes.push_back({.time = midnight + at,
                       .source = "lone-" + std::to_string(below(kLoneSources)),
                       .key = std::to_string(below(300)),
                       .values = {{std::to_string(i)}}});
  }
  return merged(changes, {});
}

Changes merged(const Changes& some, const Changes& more) {
  Changes all = some;
  all.insert(all.end(), more.begin(), more.end());
  std::stable_sort(all.begin(), all.end(), [](const RecordedChange& a, const RecordedChange& b) {
    return a.time < b.time;
  });
  return all;
}

std::int64_t PlayedDays::calls_between(TimePoint begin, TimePoint end) const {
  return std::count_if(calls.begin(), calls.end(), [&](const SimulatedCall& call) {
    return call.time >= begin && call.time < end;
  });
}

std::int64_t PlayedDays::calls_of_imports() const {
  return std::count_if(calls.begin(), calls.end(),
                       [](const SimulatedCall& call) { return is_import(call.source); });
}

double PlayedDays::mean_wait_of_lone_changes() const {
  double stale = 0;
  std::int64_t changes = 0;
  for (const auto& [name, source] : report.by_source) {
    if (is_import(name)) continue;
    stale += source.stale_row_seconds;
    changes += source.changes;
  }
  return changes == 0 ? 0 : stale / static_cast<double>(changes);
}

PlayedDays play(const Changes& changes, SimulationOptions options) {
  options.time_zone = kLosAngeles;
  PlayedDays played;
  std::size_t next = 0;
  const auto next_change = [&]() -> Result<std::optional<RecordedChange>> {
    if (next == changes.size()) return std::optional<RecordedChange>();
    return std::optional(changes[next++]);
  };
  auto report =
      simulate(options, {}, next_change,
               {.call = [&](const SimulatedCall& call) { played.calls.push_back(call); }});
  if (!report) {
    std::fprintf(stderr, "a made-up day cannot be played: %s\n", report.error().message.c_str());
    std::abort();
  }
  played.report = *std::move(report);
  return played;
}

}  // namespace weir::testing
