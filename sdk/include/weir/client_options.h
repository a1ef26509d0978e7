// ClientOptions: everything that can be set on a Client. Plain aggregates; Client::open() checks
// them.
#pragma once

#include <weir/clock.h>
#include <weir/log.h>
#include <weir/secret.h>
#include <weir/transport.h>

#include <cstdint>
#include <memory>
#include <string>

namespace weir {

// The platform's limits for one call (docs/platform-facts.md, "Limits"). Older labels of the
// platform differ.
struct CallLimits {
  std::int64_t upserts = 1500;
  std::int64_t deletes = 500;
  std::int64_t cell_updates = 1500;
  std::int64_t replace_rows = 10000;
  std::int64_t rows_per_data_source = 50000;
  std::int64_t page_rows = 1250;
};

struct ClientOptions {
  // Base URL of the platform's host, such as "https://secure.example.com". Plain http is accepted
  // for loopback only.
  std::string url = {};
  std::int64_t company_id = 0;
  Secret integration_key = {};
  // IANA name of the organization's time zone, as set in the portal: the calls reset at its
  // midnight.
  std::string time_zone = {};
  // Path of the store: one file for an organization, shared by all processes of the host.
  std::string store = {};

  // The organization's limits.
  std::int64_t calls_per_day = 2500;
  int max_connections = 3;
  CallLimits limits = {};

  // What a call must save, in stale row-seconds, before a waiting batch is sent. 0 sends at once.
  double price_row_seconds = 3600;
  // Sends waiting batches from a thread of the client's own. Without it, call send_due() or
  // drain().
  bool send_in_background = true;

  // How long a call may take in all, and to connect.
  Milliseconds call_timeout = std::chrono::seconds{60};
  Milliseconds connect_timeout = std::chrono::seconds{10};
  // How long to wait for a connection lease or for the writer of a data source.
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

}  // namespace weir
