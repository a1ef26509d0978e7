// Rehearsal: the last days replayed with other settings, beside the real ones.
//
// The changes and looks that a store has kept (ClientOptions::history) are replayed in virtual time
// through the pacing engine. The store is opened read-only, so this may run beside those who write
// it; no call is made. Plain values.
//
//   auto rehearsal = weir::rehearse(new_settings, {});
#pragma once

#include <weir/client_options.h>
#include <weir/clock.h>
#include <weir/export.h>
#include <weir/poll.h>
#include <weir/result.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace weir::inline v0 {

// A poll of the new settings.
struct RehearsedPoll {
  // One of the two is set.
  std::string form = {};
  std::string source = {};
  PollOptions pace = {};
};

struct RehearsalOptions {
  // At most so many org days: the last whole ones with a history. The history before them is
  // replayed too, for the engine to learn from, and not counted: so keep a day more.
  int days = 7;
  // Data sources that are not sent any more: their rows cost no call and are not counted.
  std::set<std::string> not_sent = {};
  // Data sources of the new settings; those without a history are named.
  std::vector<std::string> sources = {};
  // All polls of the new settings; those without a history are named, and their calls are not
  // known. Empty: looks are taken as they were, among the other calls.
  std::optional<std::vector<RehearsedPoll>> polls = {};
  std::stop_token stop = {};
};

struct RehearsedDay {
  struct Side {
    std::int64_t calls = 0;  // that sent rows
    std::int64_t looks = 0;  // calls of polls that are rehearsed
    double stale_row_seconds = 0;
  };
  std::string org_day = {};
  // Calls for anything else, which a rehearsal takes as they were: the day has so many fewer.
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
    // The share of rows that were sent within the deadline of their settings: those of the time
    // when the row changed, and the new ones. Empty: no such row was stale.
    std::optional<double> deadlines_kept = {};
  };
  Side was = {};
  Side would = {};
  // What was, by the new deadline: the share of rows that kept it. Empty: there is none, or no row
  // was stale.
  std::optional<double> was_within_new_deadline = {};
};

struct Rehearsal {
  std::vector<RehearsedDay> days = {};  // empty: no whole day has been kept yet
  std::map<std::string, RehearsedSource> sources = {};
  // By "form ID" and "data source ID": calls, and how long news waited for a look. News of a data
  // source are taken to have come evenly between two looks.
  std::map<std::string, RehearsedSource> polls = {};
  // Data sources by their ids, and polls as above.
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
