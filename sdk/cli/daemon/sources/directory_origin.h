// A folder that files are dropped into: files of changes, each applied once and in the order of
// their names, or snapshots, of which the newest wins.
//
// That a file was applied is noted in the transaction that keeps its changes, and forgotten when it
// has left the folder: a process that is killed in between applies nothing twice.
#pragma once

#include <memory>

#include "daemon/loop/task.h"
#include "daemon/sources/folder_watch.h"
#include "daemon/sources/origin_reader.h"

namespace weir::daemon {

std::unique_ptr<OriginReader> make_directory_origin(const SourceConfig& config,
                                                    const DirectoryOrigin& directory,
                                                    std::shared_ptr<FolderWatch> watch,
                                                    Waker waker);

}  // namespace weir::daemon
