// ByteLock: an exclusive lock on one byte of a file, which the kernel releases when its holder
// dies.
//
// Built on Linux open file description locks: they hold between processes and between threads of
// one process, and are not lost when another part of the program opens or closes the file, unlike
// POSIX record locks. The file's content does not matter. Used by the store for its write lock and
// for leases. A ByteLock is move-only and may be released from any thread.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::os {

class ByteLock {
 public:
  // Empty when another holder has the byte. Creates the file, for its owner only, when it is not
  // there. kStoreUnusable: the file cannot be opened or locked.
  static Result<std::optional<ByteLock>> try_lock(const std::string& path, std::int64_t offset);

  // Whether somebody holds the byte now.
  static Result<bool> is_locked(const std::string& path, std::int64_t offset);

  ByteLock(ByteLock&& other) noexcept;
  ByteLock& operator=(ByteLock&& other) noexcept;
  ~ByteLock();

 private:
  explicit ByteLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace weir::os
