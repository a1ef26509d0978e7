// SlotLocks: exclusive locks by name over all processes that share a store, freed when their holder
// dies.
//
// They tell whether a holder is alive; what a lease means, its deadline and its rest, is the
// budget's concern (budget/leases.h). Two names may, very rarely, share a lock: then they exclude
// each other, which is safe. Safe to use from several threads at once.
#pragma once

#include <weir/result.h>

#include <memory>
#include <optional>
#include <string>

namespace weir::store {

// Holds the lock until it is destroyed.
class SlotLock {
 public:
  virtual ~SlotLock() = default;
};

class SlotLocks {
 public:
  virtual ~SlotLocks() = default;

  // Null when somebody else holds it.
  virtual Result<std::unique_ptr<SlotLock>> try_lock(const std::string& name) = 0;

  virtual Result<bool> is_locked(const std::string& name) = 0;

  // Whether a lock is only freed by its holder or its holder's death. A lock over a network is also
  // freed when its session is lost while the holder works on.
  virtual bool freed_only_by_death() const = 0;
};

// Locks in a file beside the store.
std::unique_ptr<SlotLocks> file_slot_locks(std::string lock_file);

}  // namespace weir::store
