#include <weir/simulation.h>

#include <cstring>
#include <unordered_map>
#include <utility>

#include "advice/simulated_run.h"
#include "budget/org_calendar.h"
#include "rows/row_hash.h"

namespace weir::inline v0 {
namespace {

std::uint64_t fingerprint(const std::vector<std::string>& cells) {
  std::uint64_t hash = 0;
  std::memcpy(&hash, outbox::unkeyed_hash(cells).data(), sizeof(hash));
  return hash;
}

outbox::ValueHash value_hash(const std::optional<std::vector<std::string>>& values) {
  // 0 is a row that is not there.
  return values ? fingerprint(*values) | 1 : 0;
}

Error wrong_option(const std::string& problem) {
  return {.code = ErrorCode::kInvalidConfig, .message = "the simulation " + problem};
}

Result<void> check(const SimulationOptions& options) {
  if (options.calls_per_day < 1) return wrong_option("needs at least one call per day");
  if (options.policy == SimulatedPolicy::kInterval && options.interval <= Milliseconds{0})
    return wrong_option("needs an interval longer than 0 s");
  for (const auto& [id, source] : options.sources) {
    if (!(source.weight > 0)) return wrong_option("needs a weight above 0 for " + id);
    if (source.deadline < Milliseconds{0} || source.shortest < Milliseconds{0})
      return wrong_option("needs times of 0 s or more for " + id);
  }
  return {};
}

// The values of all rows, by fingerprints of keys and values.
class Rows {
 public:
  void hold(const RecordedRow& row) {
    values_[row.source][fingerprint({row.key})] = value_hash(row.values);
  }

  outbox::RowChange take(const RecordedChange& change) {
    const std::uint64_t key = fingerprint({change.key});
    const outbox::ValueHash after = value_hash(change.values);
    return {
        .key = key, .before = std::exchange(values_[change.source][key], after), .after = after};
  }

 private:
  std::unordered_map<std::string, std::unordered_map<std::uint64_t, outbox::ValueHash>> values_;
};

Error out_of_order(const RecordedChange& change) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "the changes are not in the order of time: one of " + change.source +
                     ", key " + change.key + ", is earlier than the one before it"};
}

}  // namespace

Result<SimulationReport> simulate(const SimulationOptions& options,
                                  const std::vector<RecordedRow>& initial,
                                  const NextChange& next_change, const SimulationWatch& watch) {
  if (Result<void> usable = check(options); !usable) return usable.error();
  Result<budget::OrgCalendar> calendar = budget::OrgCalendar::open(options.time_zone);
  if (!calendar) return calendar.error();
  advice::SimulatedRun replay(options, *calendar, watch);
  Rows rows;
  for (const RecordedRow& row : initial) {
    rows.hold(row);
    replay.know(row.source);
  }
  std::optional<TimePoint> last;
  while (true) {
    Result<std::optional<RecordedChange>> change = next_change();
    if (!change) return change.error();
    if (!change->has_value()) break;
    const TimePoint time = (*change)->time;
    if (last && time < *last) return out_of_order(**change);
    if (!last) replay.begin(time);
    if (Result<void> ran = replay.run(time); !ran) return ran.error();
    replay.know((*change)->source);
    const outbox::RowChange row = rows.take(**change);
    if (row.before != row.after) replay.change((*change)->source, row);
    last = time;
  }
  if (last) {
    if (Result<void> ran = replay.finish(*last); !ran) return ran.error();
  }
  return std::move(replay).report();
}

}  // namespace weir::inline v0
