// A CSV or NDJSON file that is watched: read when it was replaced by a rename, or when a write in
// place has been quiet for a while.
#pragma once

#include <memory>

#include "daemon/loop/task.h"
#include "daemon/sources/folder_watch.h"
#include "daemon/sources/origin_reader.h"

namespace weir::daemon {

std::unique_ptr<OriginReader> make_file_origin(const SourceConfig& config, const FileOrigin& file,
                                               std::shared_ptr<FolderWatch> watch, Waker waker);

}  // namespace weir::daemon
