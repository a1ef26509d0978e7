// From what weir.toml says of a data source to what keeps it fresh.
#pragma once

#include <weir/result.h>
#include <weir/row_source.h>

#include <memory>

#include "daemon/config/source_config.h"
#include "daemon/loop/task.h"
#include "daemon/sources/folder_watch.h"
#include "daemon/sources/source_task.h"

namespace weir::daemon {

struct MadeSource {
  // Reads the origin and hands its rows over; none where there is no origin, or where the rows are
  // asked for user by user.
  std::unique_ptr<SourceTask> task = {};
  // What Platform Sync serves; none where the source is only pushed. Answers an error until its
  // task has read the origin once.
  std::shared_ptr<RowSource> served = {};
};

// What weir run serves of a data source whose rows it reads itself, as the state directory has it.
std::shared_ptr<ServedTable> served_table(const std::string& state_directory,
                                          const std::string& organization,
                                          const SourceConfig& config);

// Opens and reads nothing yet but what an earlier process has served. `waker` asks for a turn of
// the task, also before this returns. kInvalidConfig: what is told cannot be done.
Result<MadeSource> make_source(const OrgParts& parts, const SourceConfig& config,
                               const std::shared_ptr<FolderWatch>& watch, Waker waker,
                               Delivering delivering = Delivering::kReal);

}  // namespace weir::daemon
