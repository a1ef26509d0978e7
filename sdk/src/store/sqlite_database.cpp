#include "store/sqlite_database.h"

#include <SQLiteCpp/Backup.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "store/damaged_cell.h"
#include "store/schema.h"
#include "store/sqlite_failure.h"
#include "store/sqlite_look.h"

namespace weir::store {
namespace {

constexpr std::int64_t kWriteLockByte = 0;
constexpr Milliseconds kLockPoll{1};

// What a write gives back when a quarter of the file is free, in pages: it takes about as long as
// the write itself.
constexpr int kPagesGivenBack = 64;
// Small enough for a file of before to be written anew in passing, so that it can shrink: of its
// content, and of a file that has nothing to give back yet.
constexpr std::int64_t kMostRewritten = 64LL * 1024 * 1024;
constexpr std::int64_t kMostRewrittenEarly = 1024LL * 1024;
// What a connection may keep of the file in memory once it has written. A daemon of 200
// organizations has as many connections, and most of them idle.
constexpr int kMostMemoryKept = 64 * 1024;
// PRAGMA auto_vacuum.
constexpr std::int64_t kIncremental = 2;

// To SQLite a file without a name, in the folder for temporary files; it goes with the connection.
constexpr const char* kFileThatGoes = "";

int flags_of(StoreUse use) {
  switch (use) {
    case StoreUse::kLook:
    case StoreUse::kCheck:
      return SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX;
    case StoreUse::kTrial:
      return SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX;
    case StoreUse::kReal:
      break;
  }
  return SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX;
}

// $1, as PostgreSQL has it, is just a name to SQLite; ?1 is a number, by which binding is quicker.
std::string with_numbers(std::string_view sql) {
  std::string text(sql);
  std::replace(text.begin(), text.end(), '$', '?');
  return text;
}

// Nothing is copied: the values outlive the step, and each step is bound anew.
void bind_value(SQLite::Statement& statement, int name, const SqlValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    statement.bind(name, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    statement.bindNoCopy(name, *text);
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    statement.bindNoCopy(name, blob->bytes.data(), static_cast<int>(blob->bytes.size()));
  } else {
    statement.bind(name);
  }
}

std::string_view bytes_of(const SQLite::Column& column) {
  const void* bytes = column.getBlob();
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(column.getBytes())};
}

// A text of before keeps its room.
void put(SqlValue& value, const SQLite::Column& column) {
  switch (column.getType()) {
    case SQLITE_NULL:
      value = std::monostate{};
      return;
    case SQLITE_INTEGER:
      value = column.getInt64();
      return;
    case SQLITE_BLOB:
      if (!std::holds_alternative<Blob>(value)) value = Blob{};
      std::get<Blob>(value).bytes.assign(bytes_of(column));
      return;
    default:
      if (!std::holds_alternative<std::string>(value)) value = std::string();
      std::get<std::string>(value).assign(bytes_of(column));
  }
}

void put_row(SqlRow& row, SQLite::Statement& statement) {
  row.values().resize(static_cast<std::size_t>(statement.getColumnCount()));
  for (int i = 0; i < statement.getColumnCount(); ++i)
    put(row.values()[static_cast<std::size_t>(i)], statement.getColumn(i));
}

Error nearly_full(const std::string& location) {
  return {
      .code = ErrorCode::kStoreFull,
      .message = "cannot keep more in the store " + location +
                 ": its disk is nearly full; free some space. Waiting changes can still be sent; "
                 "nothing that was kept is lost, and nothing was changed."};
}

// A statement left in the middle of its rows would keep the transaction open.
struct ResetOnExit {
  SQLite::Statement& statement;
  ~ResetOnExit() { statement.tryReset(); }
};

}  // namespace

// The SQL of one transaction, on statements that are prepared once per connection.
class SqliteDatabase::Session final : public Statements {
 public:
  explicit Session(SqliteDatabase& database) : database_(database) {}

  std::vector<SqlRow> run(std::string_view sql, const std::vector<SqlValue>& parameters) override {
    std::vector<SqlRow> rows;
    step(sql, parameters,
         [&](SQLite::Statement& statement) { put_row(rows.emplace_back(), statement); });
    return rows;
  }

  void for_each(std::string_view sql, const std::vector<SqlValue>& parameters,
                const std::function<void(const SqlRow&)>& row) override {
    SqlRow current;
    step(sql, parameters, [&](SQLite::Statement& statement) {
      put_row(current, statement);
      row(current);
    });
  }

  std::int64_t change(std::string_view sql, const std::vector<SqlValue>& parameters) override {
    step(sql, parameters, [](const SQLite::Statement&) {});
    return database_.connection_.getChanges();
  }

  // A quarter of the file is free.
  bool has_much_room() {
    const std::int64_t free = run("PRAGMA freelist_count", {}).at(0).integer(0);
    return free > 0 && free * 4 > run("PRAGMA page_count", {}).at(0).integer(0);
  }

 private:
  template <class TakeRow>
  void step(std::string_view sql, const std::vector<SqlValue>& parameters,
            const TakeRow& take) try {
    database_.last_sql_.assign(sql);
    SQLite::Statement& statement = prepared(sql);
    const ResetOnExit reset{statement};
    for (std::size_t i = 0; i < parameters.size(); ++i)
      bind_value(statement, static_cast<int>(i + 1), parameters[i]);
    while (statement.executeStep()) take(statement);
  } catch (const SQLite::Exception& failure) {
    throw StoreFailure(database_.error_from(failure));
  }

  SQLite::Statement& prepared(std::string_view sql) {
    const auto found = database_.prepared_.find(sql);
    if (found != database_.prepared_.end()) return found->second;
    SQLite::Statement statement(database_.connection_, with_numbers(sql));
    return database_.prepared_.emplace(std::string(sql), std::move(statement)).first->second;
  }

  SqliteDatabase& database_;
};

Result<std::unique_ptr<Database>> SqliteDatabase::open(const StoreOptions& options) try {
  if (Result<void> ours = look_first(options.location); !ours) return ours.error();
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(options));
  std::optional<os::ByteLock> alone;
  const bool is_real = options.use == StoreUse::kReal;
  if (is_real) {
    Result<os::ByteLock> lock = database->take_write_lock();
    if (!lock) return lock.error();
    alone.emplace(std::move(*lock));
  }
  try {
    if (is_real) database->configure();
    if (options.use == StoreUse::kTrial) database->copy_original();
    if (Result<void> ready = database->create_or_check_schema(); !ready) return ready.error();
    if (is_real) {
      database->let_shrink();
      static_cast<void>(database->ballast_.ensure());
    }
    database->give_memory_back();
  } catch (const StoreFailure& failure) {
    return failure.error();
  } catch (const DamagedCell& cell) {
    return damaged_cell(options.location, database->last_sql_, cell.column());
  } catch (const SQLite::Exception& failure) {
    return database->error_from(failure);
  }
  return std::unique_ptr<Database>(std::move(database));
} catch (const SQLite::Exception& failure) {
  return Error{.code = sqlite_error_code(failure.getErrorCode()),
               .message = "cannot use the store " + options.location + ": " +
                          sqlite_advice(failure.getErrorCode()) + " (" + failure.what() + ")"};
}

SqliteDatabase::SqliteDatabase(const StoreOptions& options)
    : options_(options),
      ballast_(options.location),
      // Used under mutex_ alone, so SQLite need not lock it again.
      connection_(
          options.use == StoreUse::kTrial ? kFileThatGoes : sqlite_path_of(options.location),
          flags_of(options.use), static_cast<int>(options.busy_timeout.count())) {}

// The journal mode is set with every start: it is a property of the connection, not of the file.
void SqliteDatabase::configure() {
  connection_.exec("PRAGMA journal_mode = TRUNCATE");
  connection_.exec("PRAGMA synchronous = FULL");
}

// Opened for writing, since what a writer that was killed has left behind has to be mended before
// it can be read.
void SqliteDatabase::copy_original() {
  SQLite::Database original(sqlite_path_of(options_.location),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                            static_cast<int>(options_.busy_timeout.count()));
  SQLite::Backup copying(connection_, original);
  if (const int code = copying.executeStep(); code != SQLITE_DONE)
    throw SQLite::Exception(original.getHandle(), code);
  connection_.exec("PRAGMA synchronous = OFF");
}

// A file of before has to be written anew once. What fails, as for want of room or while another
// process reads, is tried by the next who opens it.
void SqliteDatabase::let_shrink() try {
  const auto number = [&](const char* pragma) {
    return connection_.execAndGet(std::string("PRAGMA ") + pragma).getInt64();
  };
  if (number("auto_vacuum") == kIncremental) return;
  const std::int64_t pages = number("page_count");
  const std::int64_t free = number("freelist_count");
  const std::int64_t page_size = number("page_size");
  const bool is_small = pages * page_size <= kMostRewrittenEarly;
  const bool is_worthwhile = free * 4 > pages && (pages - free) * page_size <= kMostRewritten;
  if (!is_small && !is_worthwhile) return;
  connection_.exec("PRAGMA auto_vacuum = INCREMENTAL");
  connection_.exec("VACUUM");
} catch (const SQLite::Exception&) {
}

// By a transaction of its own, which may fail: what was written stays written.
void SqliteDatabase::shrink() try {
  connection_.exec("PRAGMA incremental_vacuum(" + std::to_string(kPagesGivenBack) + ")");
} catch (const SQLite::Exception&) {
}

void SqliteDatabase::give_memory_back() {
  int used = 0;
  int most = 0;
  sqlite3_db_status(connection_.getHandle(), SQLITE_DBSTATUS_CACHE_USED, &used, &most, 0);
  if (used > kMostMemoryKept) sqlite3_db_release_memory(connection_.getHandle());
}

Result<void> SqliteDatabase::create_or_check_schema() {
  const std::int64_t application = connection_.execAndGet("PRAGMA application_id").getInt64();
  const std::int64_t version = connection_.execAndGet("PRAGMA user_version").getInt64();
  const std::int64_t tables =
      connection_.execAndGet("SELECT count(*) FROM sqlite_master").getInt64();
  if (application == kApplicationId && version > schema_version())
    return newer_schema(options_.location, version);
  if (version < 0) {
    return Error{.code = ErrorCode::kStoreUnusable,
                 .message = "the store " + options_.location +
                            " is damaged: the version of its tables is " + std::to_string(version) +
                            ". Keep a copy, start with another path and publish the rows again; "
                            "nothing was changed."};
  }
  if (application != kApplicationId && (tables != 0 || application != 0)) {
    return others_database(options_.location);
  }
  if (application == kApplicationId && version == schema_version()) return {};
  if (options_.use == StoreUse::kLook) return older_schema(options_.location);
  if (tables == 0) connection_.exec("PRAGMA auto_vacuum = INCREMENTAL");
  SQLite::Transaction transaction(connection_, SQLite::TransactionBehavior::IMMEDIATE);
  Session session(*this);
  upgrade_schema(session, version);
  connection_.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  connection_.exec("PRAGMA user_version = " + std::to_string(schema_version()));
  transaction.commit();
  return {};
}

Result<os::ByteLock> SqliteDatabase::take_write_lock() {
  const Milliseconds give_up = clock_->steady_now() + options_.busy_timeout;
  while (true) {
    Result<std::optional<os::ByteLock>> lock =
        os::ByteLock::try_lock(options_.location + ".lock", kWriteLockByte);
    if (!lock) return lock.error();
    if (lock->has_value()) return std::move(**lock);
    if (clock_->steady_now() >= give_up) break;
    clock_->wait(kLockPoll, {});
  }
  return Error{
      .code = ErrorCode::kStoreBusy,
      .message = "cannot use the store " + options_.location + ": " + sqlite_advice(SQLITE_BUSY)};
}

Result<void> SqliteDatabase::transact(Access access, const std::function<bool(Statements&)>& body) {
  std::lock_guard guard(mutex_);
  if (options_.use == StoreUse::kTrial) return run_transaction(access, body);
  if (access == Access::kAdd && !ballast_.ensure()) return nearly_full(options_.location);
  Result<void> done = run_transaction(access, body);
  if (!done && done.error().code == ErrorCode::kStoreFull) ballast_.release();
  return done;
}

Result<void> SqliteDatabase::run_transaction(Access access,
                                             const std::function<bool(Statements&)>& body) {
  std::optional<os::ByteLock> write_lock;
  if (access != Access::kRead && options_.use != StoreUse::kTrial) {
    Result<os::ByteLock> taken = take_write_lock();
    if (!taken) return taken.error();
    write_lock.emplace(std::move(*taken));
  }
  try {
    const auto behaviour = access != Access::kRead ? SQLite::TransactionBehavior::IMMEDIATE
                                                   : SQLite::TransactionBehavior::DEFERRED;
    SQLite::Transaction transaction(connection_, behaviour);
    Session session(*this);
    if (!body(session)) return {};
    const bool may_shrink = access != Access::kRead && session.has_much_room();
    transaction.commit();
    if (may_shrink) shrink();
    if (access != Access::kRead) give_memory_back();
    return {};
  } catch (const StoreFailure& failure) {
    return failure.error();
  } catch (const DamagedCell& cell) {
    return damaged_cell(options_.location, last_sql_, cell.column());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& failure) {
    return error_from(failure);
  }
}

Error SqliteDatabase::error_from(const std::exception& failure) const {
  const auto* sqlite = dynamic_cast<const SQLite::Exception*>(&failure);
  int code = sqlite != nullptr ? sqlite->getErrorCode() : SQLITE_ERROR;
  // SQLite knows a full disk alone; a limit of the user or of the process is no broken disk either.
  const int reason = sqlite3_system_errno(connection_.getHandle());
  if (code == SQLITE_IOERR && (reason == EFBIG || reason == EDQUOT)) code = SQLITE_FULL;
  if (sqlite != nullptr && sqlite->getExtendedErrorCode() == SQLITE_READONLY_DBMOVED)
    return {.code = ErrorCode::kStoreUnusable,
            .message = "cannot use the store " + options_.location + ": " +
                       sqlite_advice(SQLITE_READONLY_DBMOVED)};
  // What a writer that was killed has left behind only a writer can mend.
  if (options_.use == StoreUse::kLook && code == SQLITE_READONLY)
    return {.code = ErrorCode::kStoreUnusable,
            .message = "the store " + options_.location +
                       " was left in the middle of a change and is only looked at here. Start weir "
                       "run, or run weir usage, which mends it; nothing was changed."};
  return {.code = sqlite_error_code(code),
          .message = "cannot use the store " + options_.location + ": " +
                     sqlite_advice(code, failure.what()) + " (" + failure.what() + ")"};
}

}  // namespace weir::store
