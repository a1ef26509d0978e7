// The org's budget as a caller sees it: calls spent and left, connections held, and the last calls.
// Plain values.
#pragma once

#include <weir/clock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::inline v0 {

// One entry of the usage log.
struct CallRecord {
  TimePoint time;
  std::string method = {};
  std::string target = {};  // path and data source, never a key
  std::int64_t rows = 0;
  std::optional<int> status = {};  // empty: no answer came, or the call is still under way
  std::string reason = {};
  bool charged = true;
  std::int64_t process = 0;
};

// The calls on one target for one reason.
struct CallTotal {
  std::string target;
  std::string reason;
  std::int64_t calls = 0;
  std::int64_t rows = 0;
};

// The calls on one target on one org day, for whatever reason.
struct CallsOfDay {
  std::string org_day;
  std::string target;
  std::int64_t calls = 0;
  std::int64_t rows = 0;
};

// A data source that rests: it is not sent by itself for a while, since the platform refused it for
// a reason that another call does not mend.
struct HaltedSource {
  std::string source;  // empty: every data source
  std::string reason;
  TimePoint until;
};

// The state of the store itself; see Client::store_state().
struct StoreState {
  // The absolute path of the file, or the address of the database without a password.
  std::string location;
  // Of a database, the schema that its tables are in: another organization may have another one
  // there. Empty for a file.
  std::string schema = {};
  // This client has made it, so the calls that the organization has made today are not known.
  bool is_new = false;
  // It is not the file, or not on the host, that it was made for: a copy, which would spend the
  // day's calls a second time, or a backup, which knows an older state of them. Until
  // Client::calibrate() is called.
  bool may_be_a_copy = false;
};

// The day that was under way when the organization moved to another time zone.
struct OldOrgDay {
  std::int64_t calls = 0;  // of Weir and of others
  TimePoint ends;
};

struct Usage {
  std::string org_day;  // YYYY-MM-DD in the organization's time zone
  std::int64_t calls_today = 0;
  std::int64_t limit = 0;
  // limit - calls_today - outside; 0 once the platform has said that the day's limit is reached.
  std::int64_t left = 0;
  // Calls of today that others than Weir are known to have spent: told by the platform's answers,
  // or by Client::calibrate().
  std::int64_t outside = 0;
  // Calls that are kept back from automatic sending: for others, and for people.
  std::int64_t reserve = 0;
  // The platform has said that today's limit is reached.
  bool closed = false;
  // It counts on until it ends, and its limit holds as well. Empty: there was no move, or it has
  // ended.
  std::optional<OldOrgDay> old_day;
  // IANA name of the organization's time zone.
  std::string time_zone;
  // What the platform's clock is likely to show; before its first answer, the local one.
  TimePoint now;
  // By the platform's clock.
  TimePoint resets_at;
  // When the calls that are left will be spent at the rate of the last hour; empty when they last
  // until the reset.
  std::optional<TimePoint> lasts_until;
  std::optional<TimePoint> last_call_at;
  int open_connections = 0;
  // How many may be open just now: fewer than the limit after the platform has refused one.
  int connections_allowed = 0;
  // Whether the org day follows the platform's clock; before its first answer, the local one.
  bool clock_is_observed = false;
  // The least that a call must save, in stale row-seconds (docs/pacing.md, "The idea").
  double price_row_seconds = 0;
  // Of all processes. A sending by hand waits for none of them.
  std::vector<HaltedSource> halted;
  // Newest first, at most 250, as in the platform's own View Logs.
  std::vector<CallRecord> log;
  // The calls of the last 30 days, busiest first.
  std::vector<CallTotal> totals;
};

}  // namespace weir::inline v0
