// ScratchFolder: a folder of this process alone that goes with it, for stores that nobody is to
// keep: those of a dry run and of a check.
#pragma once

#include <weir/result.h>

#include <string>
#include <utility>

namespace weir::daemon {

class ScratchFolder {
 public:
  // In TMPDIR, else /tmp. kUnavailable: none can be made there.
  static Result<ScratchFolder> make();

  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace weir::daemon
