// ClientOptions: everything that can be set on a Client. Plain aggregates; Client::open() checks
// them.
#pragma once

#include <weir/clock.h>
#include <weir/log.h>
#include <weir/secret.h>
#include <weir/transport.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::inline v0 {

// The platform's limits for one call (docs/platform-facts.md, "Limits"). Older labels of the
// platform differ.
struct CallLimits {
  std::int64_t upserts = 1500;
  std::int64_t deletes = 500;
  std::int64_t cell_updates = 1500;
  std::int64_t replace_rows = 10000;
  std::int64_t rows_per_data_source = 50000;
  std::int64_t page_rows = 1250;
  // About so many bytes of changes at most ride in one call; a larger change goes alone. Bounds the
  // memory of a call.
  std::int64_t body_bytes = 32 * 1024 * 1024;
};

// The most that a customer's system may hand over; more is refused, with nothing changed. The
// platform's own limits to cells and rows are not known (docs/platform-facts.md, "Unknown").
struct SizeLimits {
  std::int64_t cell_bytes = 1024 * 1024;
  std::int64_t row_bytes = 4 * 1024 * 1024;
  // Of the waiting changes of all data sources together; kOutboxFull: there are more.
  std::int64_t outbox_bytes = 1024 * 1024 * 1024;
};

// How urgent the rows of a data source are.
struct SourceOptions {
  // A stale row of weight 2 counts as two.
  double weight = 1;
  // A change waits no longer than this for a worthwhile call; 0 is no limit.
  Milliseconds deadline = {};
  // At least this long between two automatic calls, whatever they are worth; a deadline goes first.
  Milliseconds shortest = {};
};

// Runs a task in a thread of the user's own, later: never within the call that hands it over.
using Executor = std::function<void(std::function<void()>)>;

struct ClientOptions {
  // Base URL of the platform's host, such as "https://secure.example.com". Plain http is accepted
  // for loopback only.
  std::string url = {};
  std::int64_t company_id = 0;
  Secret integration_key = {};
  // IANA name of the organization's time zone, as set in the portal: the calls reset at its
  // midnight. The store keeps it: opening it with a zone of other midnights is kInvalidConfig,
  // since a second midnight would be a second budget.
  std::string time_zone = {};
  // The organization has moved to `time_zone` in the portal, and the store goes with it. The calls
  // made since the new midnight count for the new day, and the day that was under way counts on
  // until it ends. Clients that are open with the old zone make no call any more.
  bool moves_time_zone = false;
  // The store of an organization: the path of a file, shared by all processes of the host, or
  // postgresql://… for several hosts. Another schema of that database, and so another organization,
  // is chosen by ?options=-csearch_path%3DNAME.
  std::string store = {};

  // The organization's limits.
  std::int64_t calls_per_day = 2500;
  int max_connections = 3;
  CallLimits limits = {};
  SizeLimits sizes = {};

  // Calls of a day that are kept back from automatic sending: for people (a call whose reason is a
  // person's command may use them), and for others who spend from the same budget without Weir. The
  // latter is also learned from answers that say that the limit is reached.
  std::int64_t interactive_reserve = 0;
  std::int64_t outside_reserve = 0;
  // Whether exempt requests (file downloads) also hold a connection lease. With several
  // connections, one is always kept free for calls; with a single one files come in pieces, and
  // calls go between. A platform that serves no pieces makes calls wait: then false is better. It
  // is not known whether the platform counts them (docs/platform-facts.md, "Unknown").
  bool exempt_requests_take_connection = true;
  // Words in an answer that mean "the day's limit is reached", in addition to those that Weir knows
  // (docs/platform-facts.md, "What an answer means"); upper and lower case are the same.
  std::vector<std::string> limit_words = {};
  // The needs of single data sources, by id; all others are equal.
  std::map<std::string, SourceOptions> sources = {};

  // The least that a call must save, in stale row-seconds, before a waiting batch is sent. Empty:
  // solved every five minutes from the calls left today and the changes of earlier days
  // (docs/pacing.md). 0 sends at once, as long as the day's calls last.
  std::optional<double> price_row_seconds = {};
  // Whether this client makes calls. Without, url and integration_key are not needed (nor are
  // company_id, which the store knows, and a time_zone, in whose place UTC is shown), and functions
  // that make a call return kInvalidConfig: for programs that only look at usage and outbox.
  bool makes_calls = true;
  // A trial: whatever is kept is kept in a copy of the store that is made when it is opened, and
  // that ends with the client. Nothing of the store changes, not even the version of its tables.
  // Not with makes_calls. A store in PostgreSQL is not copied: one of an older version is refused,
  // and what is kept stays.
  bool is_trial = false;
  // Sends waiting batches from a thread of the client's own. Without it, call send_due() or
  // drain().
  bool send_in_background = true;

  // How long it is kept in the store when rows changed and were sent, and how much of it, the
  // oldest dropped first: for weir::rehearse(). Rows and keys are kept as fingerprints, without
  // their cells. 0: none.
  Milliseconds history = {};
  std::int64_t history_bytes = 64LL * 1024 * 1024;

  // For event loops (examples/event_loop.cpp). With an executor the client has no thread of its
  // own: it hands its work over in steps, and each step may block as long as a call does. Data
  // sources are then sent one after the other. A step may run after the client is gone, and does
  // nothing then.
  Executor executor = {};
  // Told when Client::next_due() has moved earlier, and after each step of the executor that has
  // another one later. Called without a lock by whichever thread found out, also within open(): set
  // a timer for Client::run_due(), and do not call the client. May throw; nothing is lost by it.
  std::function<void(TimePoint)> on_due = {};

  // How long a call may take in all, and to connect.
  Milliseconds call_timeout = std::chrono::seconds{60};
  Milliseconds connect_timeout = std::chrono::seconds{10};
  // How long to wait for a connection lease or for the writer of a data source, and never longer
  // than the deadline of who waits.
  Milliseconds wait = std::chrono::seconds{30};
  // How long the lease of a holder that died rests before it is given out again: the server may
  // still be at work.
  Milliseconds lease_rest = std::chrono::seconds{2};
  // Largest answer accepted, in bytes after decompression.
  std::int64_t max_answer_bytes = 64 * 1024 * 1024;
  // PEM file of certificate authorities to trust instead of the system's. Verification cannot be
  // turned off.
  std::string ca_file = {};

  // Receives log lines. Empty: silent.
  LogSink log = {};

  // Seams for tests. Empty: the system's clocks, libcurl.
  std::shared_ptr<Clock> clock = {};
  std::shared_ptr<Transport> transport = {};
};

}  // namespace weir::inline v0
