// FolderWatch: told by the system when something happens to files of a folder. One thread and one
// inotify descriptor for the whole daemon.
//
// What is told is a hint: a network file system tells nothing of other hosts, the system's queue
// may overflow, and a folder may be replaced. Whoever watches also looks from time to time. Safe to
// use from several threads at once.
#pragma once

#include <weir/result.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace weir::daemon {

enum class FileEvent {
  kMovedIn,  // renamed into its place, so it is whole
  kWriting,  // bytes were written by somebody who has not closed it yet
  kClosed,   // whoever wrote to it has closed it
  kOther,    // deleted, moved away, its permissions changed
  kLost,     // events were lost, or the folder is not watched any more
};

// The name of the file within the folder; empty for kLost. Called by the watching thread, or by the
// one that begins or ends a watch; must return soon, and begin or end no watch.
using FileEventSink = std::function<void(FileEvent event, std::string_view name)>;

class FolderWatch {
 public:
  // Watched until destroyed; no call of the sink is under way after that.
  class Watched {
   public:
    virtual ~Watched() = default;
    // False once the folder has gone, or was never there: begin anew.
    virtual bool is_alive() const = 0;
  };

  // kUnavailable: the system gives no more descriptors for this.
  static Result<std::shared_ptr<FolderWatch>> start();

  virtual ~FolderWatch() = default;

  // May take long where the folder's file system does not answer. Whoever cannot watch gets one
  // that is not alive.
  virtual std::unique_ptr<Watched> watch(const std::string& folder, FileEventSink sink) = 0;
};

// Whether changes that other hosts make in a folder may go untold: NFS, CIFS, FUSE and the like.
// May take long where the file system does not answer.
bool may_be_remote(const std::string& folder);

}  // namespace weir::daemon
