// DaemonLock: one daemon for one state directory. A file with the number of the process that has
// it; the kernel frees the lock when that process ends, however it does.
#pragma once

#include <weir/result.h>

#include <optional>
#include <string>
#include <utility>

namespace weir::daemon {

class DaemonLock {
 public:
  // Makes the folder when it is not there. kStoreBusy names the process that has it;
  // kStoreUnusable: the folder cannot be written.
  static Result<DaemonLock> take(const std::string& state_directory);

  // Whether a daemon has it now; makes and changes nothing.
  static bool is_taken(const std::string& state_directory);

  // Why it cannot be taken here; empty: nothing is in the way.
  static std::optional<std::string> problem(const std::string& state_directory);

  DaemonLock(DaemonLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  DaemonLock& operator=(DaemonLock&&) = delete;
  ~DaemonLock();

 private:
  explicit DaemonLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

// A file that root makes in a folder of another user belongs to that user, who could not use it
// else.
void give_to_owner_of_folder(const std::string& path);

}  // namespace weir::daemon
