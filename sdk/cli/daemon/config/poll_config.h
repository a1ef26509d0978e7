// What weir.toml says of a poll: what is looked at, and who gets the news. Plain values, complete
// and checked; paths are absolute.
#pragma once

#include <weir/clock.h>
#include <weir/poll.h>
#include <weir/secret.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/config/source_config.h"

namespace weir::daemon {

struct CommandHandler {
  std::vector<std::string> command = {};  // the program, then its arguments
  std::int64_t batch = 1;                 // more than 1: so many entries as NDJSON
  Milliseconds timeout = std::chrono::seconds{60};
};

struct WebhookHandler {
  std::string url = {};
  Secret secret = {};  // whsec_…; empty: not signed
  std::string ca_file = {};
  Milliseconds timeout = std::chrono::seconds{15};
};

struct InsertHandler {
  DatabaseConfig database = {};
  std::string statement = {};
  std::int64_t batch = 1;  // entries in one transaction
  Milliseconds timeout = std::chrono::seconds{60};
};

struct AppendHandler {
  std::string path = {};
  std::optional<Milliseconds> rotate_after = {};
  std::optional<std::int64_t> rotate_bytes = {};
};

using Handler = std::variant<CommandHandler, WebhookHandler, InsertHandler, AppendHandler>;

struct PollConfig {
  std::string name = {};
  // One of the two is set.
  std::string form = {};
  std::string source = {};
  Handler handler = {};
  PollOptions pace = {};
  std::optional<TimePoint> since = {};  // of a form never polled before
  std::string answer_format = "Rich";
  std::int64_t attempts = 20;  // then an entry is a dead letter
  bool is_strict = false;      // a failing entry stops its form instead
  bool connector = false;      // also takes deliveries of the platform's form connector
  // As in SourceConfig.
  Place place = {};
  bool is_sound = true;
  std::string fingerprint = {};
};

}  // namespace weir::daemon
