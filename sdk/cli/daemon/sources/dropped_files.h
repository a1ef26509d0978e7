// DroppedFiles: the files that others drop into a folder, in the order of their names: which are
// whole, and what becomes of one when it was taken or refused. Not thread-safe.
//
// Whoever may drop files may do anything else in the folder, at any moment, and has fewer rights
// than this process. So no link in it is followed, and a file is known by more than its name.
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/config/source_config.h"
#include "daemon/process/child.h"
#include "daemon/sources/folder_events.h"
#include "daemon/sources/quiet_file.h"
#include "input/input_bytes.h"

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

  // What has a name of a file to be taken and is none, such as a link or a pipe.
  const std::set<std::string>& others() const { return others_; }

  // For reading. Empty: it has gone, or is not what the last look has found. kInvalidArgument: it
  // may not be read.
  Result<std::optional<cli::PinnedFile>> pin(const std::string& name) const;

  // When the file may be read, as of the last look.
  TimePoint readable_at(const std::string& name, TimePoint now) const;
  Milliseconds look_every() const { return events_.look_every(); }
  // Differs when the file was replaced or written.
  const std::string& version(const std::string& name) const { return files_.at(name).version(); }
  std::string path(const std::string& name) const { return directory_.path + "/" + name; }

  // Moves, deletes or keeps it. One that has come by this name since the last look stays, to be
  // taken as well. kUnavailable: the file stays where it is; the message says why.
  Result<void> finish(const std::string& name);

  // Moves it to the folder of refused files, with the reason in a file beside it. The same holds.
  Result<void> refuse(const std::string& name, const std::string& reason);

 private:
  // The name it has there; empty: it was left where it is.
  Result<std::string> move(const std::string& name, const daemon::Descriptor& folder,
                           const std::string& shown);
  Result<daemon::Descriptor> open_folder(const std::string& folder) const;
  bool is_as_found(const std::string& name) const;

  const DirectoryOrigin directory_;
  FolderEvents events_;
  std::map<std::string, QuietFile> files_;
  std::set<std::string> others_;
};

}  // namespace weir::daemon
