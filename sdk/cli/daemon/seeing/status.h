// Status: what an operator sees of a running daemon. One model feeds the page, /api/v1/status,
// /metrics and `weir status`. Plain values; times are the platform's where the platform told them.
#pragma once

#include <weir/clock.h>
#include <weir/usage.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::daemon {

enum class SourceState {
  kFresh,         // nothing waits
  kWaiting,       // rows wait until they are worth a call
  kHeld,          // a person must release what would be deleted or replaced
  kFailing,       // it cannot be read or sent
  kServed,        // it goes to devices by Platform Sync alone
  kUnconfigured,  // no table of weir.toml names it, and rows of it wait
};

std::string_view name_of(SourceState state);

struct SourceStatus {
  std::string source = {};
  SourceState state = SourceState::kFresh;
  TimePoint since = {};  // of the state
  std::string deliver = "push";
  std::int64_t stale_rows = 0;
  std::optional<TimePoint> oldest_at = {};  // of the stale rows
  std::optional<TimePoint> sent_at = {};
  std::optional<TimePoint> next_at = {};
  std::int64_t calls_today = 0;
  std::int64_t held_deletes = 0;
  std::int64_t dead_letters = 0;
  std::int64_t reconcile_found = 0;  // rows that only reconciling has found, since the start
  std::string error = {};            // empty: none
  std::string what_to_do = {};
  std::string warning = {};   // of one that goes on all the same; empty: none
  bool has_worked = true;     // since the start: otherwise it is not known yet whether it fails
  bool is_elsewhere = false;  // another process reads it, and this daemon stands by
};

struct PollStatus {
  std::string poll = {};
  std::optional<TimePoint> looked_at = {};
  std::optional<std::int64_t> found = {};     // entries of the last look
  std::optional<Milliseconds> interval = {};  // empty: not known
  std::string why = {};                       // this interval
  std::optional<TimePoint> next_at = {};
  std::int64_t waiting = 0;
  std::int64_t dead_letters = 0;
  std::int64_t done = 0;    // entries handled, since the start
  std::int64_t failed = 0;  // tries that failed, since the start
  TimePoint since = {};     // of the error
  std::string error = {};   // of look or handler; empty: none
  std::string what_to_do = {};
  bool has_worked = true;  // as in SourceStatus
  bool is_elsewhere = false;
};

struct OrgStatus {
  std::string org = {};  // empty: the file is of one organization
  Usage usage = {};
  std::vector<SourceStatus> sources = {};
  std::vector<PollStatus> polls = {};
  std::string sync_metrics = {};  // of its Platform Sync, as Prometheus text
  // Why the store cannot be asked, and since when; empty: it can.
  std::string store_error = {};
  TimePoint store_failed_at = {};
  // Whether the store has told anything since the start. Otherwise the usage is not known, and
  // neither is what waits.
  bool is_known = true;
  // When it told them, where that is not now.
  std::optional<TimePoint> numbers_at = {};
};

struct ConfigStatus {
  std::string file = {};
  TimePoint loaded_at = {};
  std::optional<TimePoint> refused_at = {};  // the last reload was refused
  std::string fault = {};                    // and why: FILE:LINE:COLUMN: text
};

// What [notify] tells of, by these words.
namespace events {
inline constexpr std::string_view kBudget = "budget";
inline constexpr std::string_view kDaySpent = "day_spent";
inline constexpr std::string_view kSourceFailing = "source_failing";
inline constexpr std::string_view kHandlerFailing = "handler_failing";
inline constexpr std::string_view kDeletesHeld = "deletes_held";
inline constexpr std::string_view kDeadLetters = "dead_letters";
inline constexpr std::string_view kUnauthenticated = "unauthenticated";
inline constexpr std::string_view kReloadRefused = "reload_refused";
}  // namespace events

struct Verdict {
  bool is_error = true;         // otherwise a warning
  std::string_view event = {};  // empty: [notify] does not tell of it
  std::string org = {};
  std::string name = {};  // of the source, the poll or the file
  TimePoint since = {};
  std::string text = {};
  std::string what_to_do = {};
};

struct Status {
  TimePoint now = {};
  TimePoint started_at = {};
  ConfigStatus config = {};
  std::vector<OrgStatus> orgs = {};
  std::vector<Verdict> more = {};  // what no source and no poll tells, as of notifications
};

// What is wrong, worst first; empty: all is well.
std::vector<Verdict> verdict_of(const Status& status);

// For `systemctl status`: "3 orgs, 1,204 of 7,500 calls, 2 sources fail".
std::string status_line(const Status& status);

}  // namespace weir::daemon
