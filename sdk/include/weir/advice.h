// Advice: the measures that save an organization most calls or staleness, each with its saving.
//
// It has two sources: Client::advise() looks at the calls of the last 30 days and at the rates that
// the price engine has learned of them; advise() replays recorded changes, with and without each
// measure. Plain values.
#pragma once

#include <weir/export.h>
#include <weir/result.h>
#include <weir/simulation.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::inline v0 {

enum class Measure {
  // The app asks your own service for the rows at each of its syncs (docs/platform-sync.md): no
  // calls, and the calls that are freed make the other data sources fresher.
  kPlatformSync,
  // The platform fetches the rows itself, every 15 minutes at most: no calls either
  // (docs/platform-facts.md, "Limits"). Given where the pushes are no closer together than that.
  kDataSourceConnector,
  // The platform delivers each form entry as it comes; a poll an hour stays as a safety net.
  kFormConnector,
  // Twice the deadline of a data source.
  kLongerDeadline,
  // 1,000 more calls a day, which the platform's support grants on request.
  kMoreCalls,
};

struct Advice {
  Measure measure = {};
  // Data source or form; empty: the organization.
  std::string target = {};
  // Calls a day that are no longer spent on the target.
  double calls_freed = 0;
  // The staleness that those calls, or those in addition, take from all other rows: stale
  // row-seconds a day, and as a share of the present ones. Empty: not known.
  std::optional<double> row_seconds_saved = {};
  std::optional<double> share_saved = {};
};

struct AdviceReport {
  // Whole days that it is computed from; 0: none has passed yet, and there is no advice.
  std::int64_t days = 0;
  // Means of a day.
  double calls = 0;
  std::optional<double> stale_row_seconds = {};  // empty: not known yet
  // Calls a day that the deadlines take at any price, when the day does not have so many: they
  // cannot all be kept. Empty: they can, or it is not known. Of recorded changes, missed_deadlines.
  std::optional<double> calls_for_deadlines = {};
  // Of recorded changes: rows that missed their deadline, by data source.
  std::map<std::string, std::int64_t> missed_deadlines = {};
  // Of most use first. None that saves less than 1 % of the day's calls or of the staleness.
  std::vector<Advice> advice = {};
};

// Opens the stream of recorded changes from its start, for another replay.
using OpenChanges = std::function<Result<NextChange>()>;

// Replays the changes once as `options` say, and once for each measure: without each of the busiest
// data sources, with twice each deadline, with 1,000 more calls a day. Nothing is estimated.
// Takes as long as some ten simulations; `progress` is told how many of how many are done. Pushes
// only (kInvalidArgument for another mode). Errors are those of simulate().
WEIR_EXPORT Result<AdviceReport> advise(const SimulationOptions& options,
                                        const std::vector<RecordedRow>& initial,
                                        const OpenChanges& open,
                                        const std::function<void(int done, int of)>& progress = {});

}  // namespace weir::inline v0
