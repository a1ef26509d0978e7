// StoreView: the shared store as one simulated process sees it: its transactions take a little
// time, may fail, and end with its life. SimulatedLocks: the locks by name of all processes.
//
// A transaction of a process that is killed is either whole or absent, as a kill before or after
// the commit leaves it. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "simulation/life.h"
#include "store/database.h"
#include "store/slot_locks.h"

namespace weir::simulation {

struct World;

// How likely a store misbehaves at each transaction.
struct StoreFaults {
  double busy = 0;         // another program holds its lock: nothing was written
  double full = 0;         // the disk is full: nothing was written
  double unknown_end = 0;  // a server: committed, but the answer was lost
};

class StoreView final : public store::Database {
 public:
  StoreView(World& world, Life& life) : world_(world), life_(life) {}

 private:
  Result<void> transact(Access access,
                        const std::function<bool(store::Statements&)>& body) override;
  std::optional<Error> misfortune(Access access);
  Result<bool> pass_on(Access access, const std::function<bool(store::Statements&)>& body);

  World& world_;
  Life& life_;
};

// Who holds which lock.
class LockTable {
 public:
  bool try_take(const std::string& name, const Life* holder);
  void release(const std::string& name, const Life* holder);
  bool is_taken(const std::string& name) const { return holders_.contains(name); }
  // The holder died, or its session with the server was lost.
  void release_all(const Life* holder);

 private:
  std::map<std::string, const Life*> holders_;
};

// The locks as one process sees them. `by_sessions`: locks of a database server, which may be lost
// while their holder works on.
std::unique_ptr<store::SlotLocks> simulated_locks(World& world, Life& life, bool by_sessions);

}  // namespace weir::simulation
