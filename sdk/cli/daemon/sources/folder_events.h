// FolderEvents: a folder that an origin watches and looks at from time to time: begins the watch
// anew when the folder was replaced, keeps what was told until it is taken, and wakes the origin's
// task. For one thread at a time, but for what the watching thread tells.
#pragma once

#include <weir/clock.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/loop/task.h"
#include "daemon/sources/folder_watch.h"

namespace weir::daemon {

class FolderEvents {
 public:
  // Files of other names than `only` are of no interest; empty: all are.
  FolderEvents(std::shared_ptr<FolderWatch> watch, std::string folder, std::string only,
               Waker waker)
      : watch_(std::move(watch)),
        folder_(std::move(folder)),
        inbox_(std::make_shared<Inbox>()),
        waker_(std::move(waker)) {
    inbox_->only = std::move(only);
  }

  // What has happened to a file since it was last taken.
  struct Told {
    bool was_moved_in = false;
    bool is_being_written = false;  // somebody has written to it and not closed it
  };

  // Begins to watch, again if need be, and takes what was told.
  std::map<std::string, Told> take();

  // How long the folder may be left alone: hints of the system may be missing.
  Milliseconds look_every() const;

 private:
  struct Inbox {
    // Returns whether it is of interest.
    bool put(FileEvent event, std::string_view name);

    std::string only;
    std::mutex mutex;
    std::map<std::string, Told> told;  // guarded by mutex, as what follows
    bool has_lost = false;
  };

  const std::shared_ptr<FolderWatch> watch_;
  const std::string folder_;
  const std::shared_ptr<Inbox> inbox_;
  const Waker waker_;
  bool is_remote_ = false;
  bool has_lost_ = false;
  std::unique_ptr<FolderWatch::Watched> watched_;  // ends before what its sink uses
};

}  // namespace weir::daemon
