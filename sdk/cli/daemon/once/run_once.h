// run_once(): everything that is due in weir.toml, and then an end: `weir run --once`. Of a dry run
// only the sources are read, and it is told what would go.
#pragma once

#include <weir/client.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/loop/daemon_log.h"
#include "daemon/sources/delivery.h"

namespace weir::daemon {

struct SourceOutcome {
  std::string source = {};
  bool is_elsewhere = false;             // another process reads it
  std::optional<RowHandover> rows = {};  // what was read; empty: nothing was due, or it failed
  SendReport sent = {};
  std::int64_t waiting = 0;  // changes that were not sent, and those that delete a row
  std::int64_t waiting_deletes = 0;
  std::optional<Error> error = {};  // of the reading, else of the sending
  bool has_sending_failed = false;
};

struct PollOutcome {
  std::string poll = {};
  bool is_elsewhere = false;
  std::int64_t handed_over = 0;   // entries that the handler has taken
  std::int64_t waiting = 0;       // for another try, or for a poll of that name
  std::int64_t dead_letters = 0;  // of this run
  std::string problem = {};       // why the first that waits does
  bool is_left_behind = false;    // a queue whose poll is no more
  std::optional<Error> error = {};
};

struct OrgOutcome {
  std::string org = {};
  std::vector<SourceOutcome> sources = {};
  std::vector<PollOutcome> polls = {};
  std::optional<Usage> usage = {};
  std::optional<Error> error = {};  // nothing was done
};

struct OnceSeams {
  DaemonLog& log;
  std::shared_ptr<Clock> clock;
};

struct OnceOptions {
  Delivering delivering = Delivering::kOnce;
  // For a connection, another writer and a platform that fails, as that of a push.
  Milliseconds wait = std::chrono::seconds{30};
};

// The organizations are gone through side by side, and so are their sources and polls. A real one
// takes the state directory, kStoreBusy when a daemon has it; a dry one stands beside a daemon.
// What is under way when `stop` is requested ends as it does in the daemon.
Result<std::vector<OrgOutcome>> run_once(const DaemonConfig& config, const OnceOptions& options,
                                         const OnceSeams& seams, const std::stop_token& stop);

}  // namespace weir::daemon
