// DroppedFiles: the files that others drop into a folder, in the order of their names: which are
// whole, and what becomes of one when it was taken or refused. Not thread-safe.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/source_config.h"
#include "daemon/sources/folder_events.h"
#include "daemon/sources/quiet_file.h"

namespace weir::daemon {

class DroppedFiles {
 public:
  DroppedFiles(const DirectoryOrigin& directory, std::shared_ptr<FolderWatch> watch, Waker waker)
      : directory_(directory), events_(std::move(watch), directory.path, "", std::move(waker)) {}

  // Looks at the folder. kInvalidArgument: it cannot be listed.
  Result<void> look(TimePoint now);

  // The names of the files that were found, in the order of their bytes.
  std::vector<std::string> names() const;
  bool has(const std::string& name) const { return files_.contains(name); }

  // When the file may be read, as of the last look.
  TimePoint readable_at(const std::string& name, TimePoint now) const;
  Milliseconds look_every() const { return events_.look_every(); }
  // Differs when the file was replaced or written.
  const std::string& version(const std::string& name) const { return files_.at(name).version(); }
  std::string path(const std::string& name) const { return directory_.path + "/" + name; }

  // Moves, deletes or keeps it. kUnavailable: the file stays where it is; the message says why.
  Result<void> finish(const std::string& name);

  // Moves it to the folder of refused files, with the reason in a file beside it.
  Result<void> refuse(const std::string& name, const std::string& reason);

 private:
  Result<std::string> move(const std::string& name, const std::string& folder);

  const DirectoryOrigin directory_;
  FolderEvents events_;
  std::map<std::string, QuietFile> files_;
};

}  // namespace weir::daemon
