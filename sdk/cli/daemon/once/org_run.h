// run_org(): everything that is due of one organization, for run_once() alone.
#pragma once

#include "daemon/entries/handler_slots.h"
#include "daemon/loop/task_pool.h"
#include "daemon/once/run_once.h"
#include "daemon/sources/folder_watch.h"

namespace weir::daemon {

// What the organizations of a run share.
struct OnceShared {
  const DaemonSettings& daemon;
  const OnceOptions& options;
  const OnceSeams& seams;
  TaskPool& pool;
  std::shared_ptr<FolderWatch> folders;
  std::shared_ptr<HandlerSlots> slots;
};

OrgOutcome run_org(const OrgConfig& config, const OnceShared& shared, const std::stop_token& stop);

}  // namespace weir::daemon
