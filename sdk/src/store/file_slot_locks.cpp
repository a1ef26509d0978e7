#include <cstdint>
#include <string_view>
#include <utility>

#include "os/byte_lock.h"
#include "store/name_hash.h"
#include "store/slot_locks.h"

namespace weir::store {
namespace {

// The byte of a name must be the same in every build. Byte 0 is the store's write lock.
std::int64_t byte_of(std::string_view name) {
  return static_cast<std::int64_t>(name_hash(name) >> 2) + 1;
}

class FileSlotLock final : public SlotLock {
 public:
  explicit FileSlotLock(os::ByteLock lock) : lock_(std::move(lock)) {}

 private:
  os::ByteLock lock_;
};

class FileSlotLocks final : public SlotLocks {
 public:
  explicit FileSlotLocks(std::string path) : path_(std::move(path)) {}

  Result<std::unique_ptr<SlotLock>> try_lock(const std::string& name) override {
    Result<std::optional<os::ByteLock>> lock = os::ByteLock::try_lock(path_, byte_of(name));
    if (!lock) return lock.error();
    if (!lock->has_value()) return std::unique_ptr<SlotLock>();
    return std::unique_ptr<SlotLock>(std::make_unique<FileSlotLock>(std::move(**lock)));
  }

  Result<bool> is_locked(const std::string& name) override {
    return os::ByteLock::is_locked(path_, byte_of(name));
  }

  bool freed_only_by_death() const override { return true; }

 private:
  const std::string path_;
};

}  // namespace

std::unique_ptr<SlotLocks> file_slot_locks(std::string lock_file) {
  return std::make_unique<FileSlotLocks>(std::move(lock_file));
}

}  // namespace weir::store
