// Store: the one durable place of an organization: its database (ledger, outbox, mirror) and its
// locks.
//
// open_store() is the only way in; the rest of Weir sees the seams. A path is an SQLite file,
// shared by the processes of one host; postgresql://… is a PostgreSQL database, shared by many
// hosts. See docs/architecture.md, "The store".
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "store/database.h"
#include "store/slot_locks.h"

namespace weir::store {

struct Store {
  std::unique_ptr<Database> database;
  std::unique_ptr<SlotLocks> locks;
  // A clock that all hosts of the store share, asked within a transaction, in milliseconds since
  // an unspecified moment. Empty when the store serves one host only, whose own steady time does.
  std::function<Milliseconds(Statements&)> shared_time = {};
  // What the store is, to be known again (store/identity.h). Empty: nobody can tell.
  std::function<std::string(Statements&)> identity = {};
  // Of a database, where its tables are; empty for a file.
  std::string schema = {};
  // What is written goes nowhere: see StoreUse::kTrial.
  bool is_trial = false;
};

enum class StoreUse {
  kReal,
  // Only to be looked at: nothing is created, upgraded or written. kStoreUnusable: it is not there,
  // or its tables are older.
  kLook,
  // What is written goes into a copy of the file that ends with the Store. A database is not
  // copied: nothing is created or upgraded there, and kStoreUnusable is as for kLook.
  kTrial,
  // Only to see whether kReal would open it: nothing is created, upgraded or written. For a
  // database.
  kCheck,
};

struct StoreOptions {
  // A path, or postgresql://….
  std::string location = {};
  // How long to wait for another process's transaction.
  Milliseconds busy_timeout = std::chrono::seconds{5};
  // Whose store it is to be: in PostgreSQL a second one of the same organization is not begun. 0:
  // not known.
  std::int64_t company_id = 0;
  StoreUse use = StoreUse::kReal;
  // How long the server of a database may leave a statement without an answer before its session is
  // given up: longer than one that is well takes for any.
  Milliseconds longest_silence = std::chrono::seconds{35};
  // Once this is requested, such a server is waited for only some seconds more, and not again.
  std::stop_token stop = {};
};

// Opens the store, creating its tables when they are not there; a file is created with mode 0600,
// with its lock file beside it (".lock"). kStoreUnusable: not a store of Weir, damaged, read-only,
// written by a newer version, on a network file system, or in a PostgreSQL that does not keep what
// it acknowledges. kStoreBusy: locked. kStoreUnreachable: the database server does not answer.
Result<Store> open_store(const StoreOptions& options);

// What is wrong with the location as such, after its name; empty when it can be tried. Nothing is
// opened.
std::optional<std::string> objection_to_location(const std::string& location);

// The location as it may be shown and logged: without a password.
std::string shown_location(const std::string& location);

}  // namespace weir::store
