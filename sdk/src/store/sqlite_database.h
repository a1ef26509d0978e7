// SqliteDatabase: the Database of one host, in one SQLite file that all its processes share.
//
// Rollback journal TRUNCATE with synchronous FULL: a committed transaction survives power loss, and
// the shared WAL that SQLite before 3.51.3 can corrupt is not used (docs/adr/0002-store.md). Every
// writer also holds byte 0 of the lock file, which spreads the waiting evenly; reads do not. One
// connection, one mutex. On a full disk the ballast beside the file is given up (os/ballast.h).
//
// What was deleted is room for what comes. When a quarter of the file is free, each write gives
// some of it back to the disk.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "os/ballast.h"
#include "os/byte_lock.h"
#include "store/store.h"

namespace weir::store {

class SqliteDatabase final : public Database {
 public:
  // Creates the tables when the file is empty.
  static Result<std::unique_ptr<Database>> open(const StoreOptions& options);

 private:
  class Session;
  // Finds a string by a view of it.
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the library asks for it
  };

  explicit SqliteDatabase(const StoreOptions& options);

  Result<void> transact(Access access, const std::function<bool(Statements&)>& body) override;
  Result<void> run_transaction(Access access, const std::function<bool(Statements&)>& body);
  Result<os::ByteLock> take_write_lock();
  void configure();
  void copy_original();
  void let_shrink();
  void shrink();
  void give_memory_back();
  Result<void> create_or_check_schema();
  Error error_from(const std::exception& failure) const;

  const StoreOptions options_;
  // Locks are held by real processes, so waiting for one takes real time, also under a test's
  // clock.
  const std::shared_ptr<Clock> clock_ = system_clock();
  std::mutex mutex_;
  os::Ballast ballast_;
  SQLite::Database connection_;
  std::unordered_map<std::string, SQLite::Statement, TextHash, std::equal_to<>> prepared_;
  std::string last_sql_;  // of the transaction under way
};

}  // namespace weir::store
