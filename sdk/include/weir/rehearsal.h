// Rehearsal: the last days replayed with other settings, beside the real ones.
//
// The changes that a store has kept (ClientOptions::history) are replayed in virtual time through
// the pacing engine. The store is opened read-only, so this may run beside those who write it; no
// call is made. Plain values.
//
//   auto rehearsal = weir::rehearse(new_settings, {});
#pragma once

#include <weir/client_options.h>
#include <weir/clock.h>
#include <weir/export.h>
#include <weir/result.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace weir::inline v0 {

struct RehearsalOptions {
  // At most so many org days: the last whole ones with a history. The history before them is
  // replayed too, for the engine to learn from, and not counted: so keep a day more.
  int days = 7;
  // Data sources that are not sent any more: their rows cost no call and are not counted.
  std::set<std::string> not_sent = {};
  // Data sources of the new settings; those without a history are named.
  std::vector<std::string> sources = {};
  std::stop_token stop = {};
};

struct RehearsedDay {
  struct Side {
    std::int64_t calls = 0;  // that sent rows
    double stale_row_seconds = 0;
  };
  std::string org_day = {};
  // Calls for anything else, such as polls, which a rehearsal takes as they were: the day has so
  // many fewer for rows.
  std::int64_t other_calls = 0;
  Side was = {};
  Side would = {};
};

struct RehearsedSource {
  struct Side {
    std::int64_t calls = 0;
    double stale_row_seconds = 0;
    // 95 of 100 rows were stale for no longer. Empty: none was stale.
    std::optional<Milliseconds> staleness_95 = {};
    // The share of rows that were sent within the deadline of the new settings. Empty: there is
    // none, or no row was stale.
    std::optional<double> deadlines_kept = {};
  };
  Side was = {};
  Side would = {};
};

struct Rehearsal {
  std::vector<RehearsedDay> days = {};  // empty: no whole day has been kept yet
  std::map<std::string, RehearsedSource> sources = {};
  std::vector<std::string> without_history = {};
  std::optional<TimePoint> history_begins = {};  // empty: nothing is kept
};

// Of `settings` the store, the time zone, the day's calls, the reserves, the limits, the price and
// the data sources count. Calls take no time and never fail, as in a simulation. A week of 34,000
// changes takes some seconds. kInvalidConfig: a setting; kStoreUnusable: the store is not there, or
// of another version; kCancelled: stopped.
WEIR_EXPORT Result<Rehearsal> rehearse(const ClientOptions& settings,
                                       const RehearsalOptions& options);

}  // namespace weir::inline v0
