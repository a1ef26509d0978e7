#include <mutex>
#include <new>
#include <pqxx/pqxx>
#include <set>
#include <utility>

#include "store/database.h"
#include "store/name_hash.h"
#include "store/postgres_connection.h"
#include "store/postgres_store.h"
#include "store/pqxx_version.h"
#include "store/slot_locks.h"

namespace weir::store {
namespace {

// What the locks of one store share; outlives the last of them.
struct Sessions {
  Sessions(const StoreOptions& options, const std::string& schema)
      : connection(options.location, session_limits(options), schema) {}

  std::mutex mutex;
  PostgresConnection connection;
  // A session may take its own lock again, so threads of one process exclude each other here.
  std::set<std::string> held;
};

// Runs one statement on the lock session; the error when it fails.
template <class Fn>
auto on_session(Sessions& sessions, Fn&& fn)
    -> Result<std::invoke_result_t<Fn, pqxx::nontransaction&>> {
  try {
    const PostgresConnection::Answering answering(sessions.connection);
    pqxx::nontransaction work(sessions.connection.session());
    return fn(work);
  } catch (const StoreFailure& failure) {
    return failure.error();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& failure) {
    return sessions.connection.error_from(failure);
  }
}

// Locks are numbered per database, so the schema is part of the name.
std::int64_t number_of(pqxx::nontransaction& work, const std::string& name) {
  const auto schema = one_row(work, "SELECT current_schema()")[0].as<std::string>();
  return static_cast<std::int64_t>(name_hash("weir/" + schema + "/" + name));
}

class PostgresSlotLock final : public SlotLock {
 public:
  PostgresSlotLock(std::shared_ptr<Sessions> sessions, std::string name, std::int64_t number)
      : sessions_(std::move(sessions)),
        name_(std::move(name)),
        number_(number),
        generation_(sessions_->connection.generation()) {}
  PostgresSlotLock(const PostgresSlotLock&) = delete;
  PostgresSlotLock& operator=(const PostgresSlotLock&) = delete;

  ~PostgresSlotLock() override {
    const std::lock_guard guard(sessions_->mutex);
    sessions_->held.erase(name_);
    // A lost session took its locks along.
    if (generation_ != sessions_->connection.generation()) return;
    const Result<bool> unlocked = on_session(*sessions_, [&](pqxx::nontransaction& work) {
      return one_row(work, "SELECT pg_advisory_unlock('" + std::to_string(number_) + "')")[0]
          .as<bool>();
    });
    // When even that fails the session may not keep the lock for ever.
    if (!unlocked) sessions_->connection.close();
  }

 private:
  const std::shared_ptr<Sessions> sessions_;
  const std::string name_;
  const std::int64_t number_;
  const int generation_;
};

class PostgresSlotLocks final : public SlotLocks {
 public:
  PostgresSlotLocks(const StoreOptions& options, const std::string& schema)
      : sessions_(std::make_shared<Sessions>(options, schema)) {}

  Result<std::unique_ptr<SlotLock>> try_lock(const std::string& name) override {
    const std::lock_guard guard(sessions_->mutex);
    if (sessions_->held.contains(name)) return std::unique_ptr<SlotLock>();
    std::int64_t number = 0;
    const Result<bool> locked = on_session(*sessions_, [&](pqxx::nontransaction& work) {
      number = number_of(work, name);
      return one_row(work, "SELECT pg_try_advisory_lock('" + std::to_string(number) + "')")[0]
          .as<bool>();
    });
    if (!locked) return locked.error();
    if (!*locked) return std::unique_ptr<SlotLock>();
    sessions_->held.insert(name);
    return std::unique_ptr<SlotLock>(std::make_unique<PostgresSlotLock>(sessions_, name, number));
  }

  Result<bool> is_locked(const std::string& name) override {
    const std::lock_guard guard(sessions_->mutex);
    return on_session(*sessions_, [&](pqxx::nontransaction& work) {
      const auto number = static_cast<std::uint64_t>(number_of(work, name));
      return !work.exec(
                      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND "
                      "granted AND database = (SELECT oid FROM pg_database WHERE datname = "
                      "current_database()) AND classid::bigint = " +
                      std::to_string(number >> 32) +
                      " AND objid::bigint = " + std::to_string(number & 0xFFFFFFFF))
                  .empty();
    });
  }

  bool freed_only_by_death() const override { return false; }

 private:
  const std::shared_ptr<Sessions> sessions_;
};

}  // namespace

std::unique_ptr<SlotLocks> postgres_slot_locks(const StoreOptions& options,
                                               const std::string& schema) {
  return std::make_unique<PostgresSlotLocks>(options, schema);
}

}  // namespace weir::store
