#include "simulation/store_view.h"

#include <utility>

#include "simulation/world.h"

namespace weir::simulation {
namespace {

constexpr Milliseconds kLongestTransaction{4};
constexpr double kTakesTime = 0.25;

class SimulatedLock final : public store::SlotLock {
 public:
  SimulatedLock(LockTable& table, const Life& life, std::string name)
      : table_(table), life_(life), name_(std::move(name)) {}
  ~SimulatedLock() override {
    if (!life_.is_dead) table_.release(name_, &life_);
  }
  SimulatedLock(const SimulatedLock&) = delete;
  SimulatedLock& operator=(const SimulatedLock&) = delete;

 private:
  LockTable& table_;
  const Life& life_;
  const std::string name_;
};

class SimulatedLocks final : public store::SlotLocks {
 public:
  SimulatedLocks(World& world, Life& life, bool by_sessions)
      : bug_(world.bug), table_(world.locks), life_(life), by_sessions_(by_sessions) {}

  Result<std::unique_ptr<store::SlotLock>> try_lock(const std::string& name) override {
    if (life_.passes_seam()) throw Killed{};
    if (!table_.try_take(name, &life_) && !ignores_lock(bug_, name))
      return std::unique_ptr<store::SlotLock>();
    return std::unique_ptr<store::SlotLock>(std::make_unique<SimulatedLock>(table_, life_, name));
  }

  Result<bool> is_locked(const std::string& name) override { return table_.is_taken(name); }

  bool freed_only_by_death() const override { return !by_sessions_; }

 private:
  const SeededBug bug_;
  LockTable& table_;
  Life& life_;
  const bool by_sessions_;
};

}  // namespace

bool LockTable::try_take(const std::string& name, const Life* holder) {
  return holders_.emplace(name, holder).second;
}

// After a lost session the lock may be another's by now.
void LockTable::release(const std::string& name, const Life* holder) {
  const auto found = holders_.find(name);
  if (found != holders_.end() && found->second == holder) holders_.erase(found);
}

void LockTable::release_all(const Life* holder) {
  std::erase_if(holders_, [&](const auto& entry) { return entry.second == holder; });
}

std::unique_ptr<store::SlotLocks> simulated_locks(World& world, Life& life, bool by_sessions) {
  return std::make_unique<SimulatedLocks>(world, life, by_sessions);
}

Result<void> StoreView::transact(Access access,
                                 const std::function<bool(store::Statements&)>& body) {
  if (life_.passes_seam()) return dead_error();
  if (world_.random.chance(kTakesTime))
    world_.scheduler.sleep_until(world_.scheduler.now() +
                                 world_.random.between(Milliseconds{1}, kLongestTransaction));
  if (life_.passes_seam()) return dead_error();
  if (auto error = misfortune(access)) return *error;
  ++world_.counts.transactions;
  const Result<bool> committed = pass_on(access, body);
  if (!committed) return committed.error();
  if (access == Access::kRead || !*committed) return {};
  ++life_.commits;
  // Killed after the commit, before the process could learn of it.
  if (life_.passes_seam()) return dead_error();
  if (world_.random.chance(world_.store_faults.unknown_end))
    return Error{.code = ErrorCode::kStoreUnreachable, .message = "the connection was lost"};
  return {};
}

std::optional<Error> StoreView::misfortune(Access access) {
  if (access == Access::kRead) return std::nullopt;
  if (world_.random.chance(world_.store_faults.busy))
    return Error{.code = ErrorCode::kStoreBusy, .message = "another program holds the lock"};
  if (world_.random.chance(world_.store_faults.full))
    return Error{.code = ErrorCode::kStoreFull, .message = "the disk is full"};
  return std::nullopt;
}

// Whether it was committed: the body says whether to keep what it did.
Result<bool> StoreView::pass_on(Access access,
                                const std::function<bool(store::Statements&)>& body) {
  bool wants_rollback = false;
  const auto run = [&](store::Statements& sql) -> Result<void> {
    const auto buggy = with_bug(world_.bug, sql);
    if (body(*buggy)) return {};
    wants_rollback = true;
    return Error{.message = "rolled back"};
  };
  const Result<void> done =
      access != Access::kRead ? world_.database.write(run) : world_.database.read(run);
  if (!done && !wants_rollback) return done.error();
  return !wants_rollback;
}

}  // namespace weir::simulation
