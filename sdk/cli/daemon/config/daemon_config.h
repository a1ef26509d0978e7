// DaemonConfig: everything that weir.toml says, for `weir run` and the verbs around it. Made by
// read_daemon_config() (daemon/config/read_config.h). Plain values, complete and checked; paths are
// absolute.
#pragma once

#include <weir/client_options.h>
#include <weir/clock.h>
#include <weir/secret.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/poll_config.h"
#include "daemon/config/source_config.h"

namespace weir::daemon {

struct DaemonSettings {
  std::string listen = "127.0.0.1:9464";  // or unix:/path; empty: no status page
  std::string receive = {};               // empty: no deliveries of form connectors
  std::string state_directory = {};       // default: the folder of weir.toml
  std::int64_t handlers = 8;              // that run at once
  Milliseconds stop_within = std::chrono::seconds{60};
  bool logs_json = false;
  Milliseconds history = std::chrono::hours{24 * 8};  // 0: none is kept
  std::int64_t history_bytes = 64LL * 1024 * 1024;
  // Of the settings with these names.
  Place listen_place = {};
  Place receive_place = {};
  Place state_directory_place = {};
};

// One of webhook and command, or neither.
struct NotifySettings {
  std::string webhook = {};
  Secret secret = {};
  std::vector<std::string> command = {};
  double budget_percent = 80;
  Milliseconds failing_after = std::chrono::hours{1};
  Place place = {};
  bool is_sound = true;
};

// Platform Sync of an organization.
struct SyncConfig {
  std::string listen = "127.0.0.1:8088";
  std::vector<Secret> private_tokens = {};
  Milliseconds retention = std::chrono::hours{24 * 30};
  std::int64_t cache_bytes = 128LL * 1024 * 1024;
  Place place = {};
  bool is_sound = true;
  std::string fingerprint = {};
};

struct OrgConfig {
  std::string name = {};  // empty: the file is of one organization
  ClientOptions client = {};
  std::vector<SourceConfig> sources = {};
  std::vector<PollConfig> polls = {};
  std::optional<SyncConfig> sync = {};
  Place place = {};
  Place store_place = {};
  // Of the organization's own keys, the key included.
  std::string fingerprint = {};
};

struct DaemonConfig {
  std::string file = {};  // absolute path of weir.toml
  DaemonSettings daemon = {};
  NotifySettings notify = {};
  std::vector<OrgConfig> orgs = {};
};

}  // namespace weir::daemon
