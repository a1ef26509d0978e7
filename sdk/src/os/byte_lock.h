// ByteLock: an exclusive lock on one byte of a file, which the kernel releases when its holder
// dies. A child of fork() does not hold it: neither beyond its release by the parent, nor beyond
// the parent's death.
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
#include <utility>

#include "os/held_descriptor.h"

namespace weir::os {

class ByteLock {
 public:
  // Empty when another holder has the byte. Creates the file, for its owner only, when it is not
  // there. kStoreUnusable: the file cannot be opened or locked.
  static Result<std::optional<ByteLock>> try_lock(const std::string& path, std::int64_t offset);

  // Whether somebody holds the byte now.
  static Result<bool> is_locked(const std::string& path, std::int64_t offset);

  ByteLock(ByteLock&& other) noexcept = default;
  ByteLock& operator=(ByteLock&& other) noexcept;
  ~ByteLock();

 private:
  explicit ByteLock(HeldDescriptor file) : file_(std::move(file)) {}
  void unlock() const;

  HeldDescriptor file_;
};

}  // namespace weir::os
