// What the page, the metrics and `weir status` show of an organization: what its tasks say, its
// outbox and its budget, put together. Pure; costs no call.
#pragma once

#include <weir/health.h>
#include <weir/outbox.h>
#include <weir/usage.h>

#include <map>
#include <string>
#include <vector>

#include "daemon/config/daemon_config.h"
#include "daemon/loop/task.h"
#include "daemon/seeing/status.h"

namespace weir::daemon {

// What is known of it at one moment.
struct OrgView {
  const OrgConfig& config;
  const Usage& usage;
  const OutboxContents& outbox;
  const std::map<std::string, TaskStatus>& sources;  // by id
  const std::map<std::string, TaskStatus>& polls;    // by name
  const std::vector<CallsOfDay>& calls;              // of the last days
  // How each data source is sent, and since when that fails (failed_at).
  std::vector<HealthPart> sending = {};
};

OrgStatus org_status(const OrgView& view);

}  // namespace weir::daemon
