#include "store/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/temporary_store.h"

namespace weir::store {
namespace {

using namespace std::chrono_literals;
using testing::TemporaryFolder;
using testing::TemporaryStore;

void run_elsewhere(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

Error refusal(const std::string& path) {
  const Result<Store> store = open_store({.location = path});
  EXPECT_FALSE(store);
  return store ? Error{} : store.error();
}

TEST(Store, CreatesAFileThatOnlyItsOwnerMayRead) {
  const TemporaryStore file;
  file.open();
  struct stat found = {};
  ASSERT_EQ(::stat(file.path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  ASSERT_EQ(::stat((file.path() + ".lock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
}

TEST(Store, UsesTheRollbackJournalAndSyncsFully) {
  const TemporaryStore file;
  Store store = file.open();
  const auto modes = store.database->read([](Statements& sql) -> Result<std::vector<std::string>> {
    const auto sync = sql.run("PRAGMA synchronous").at(0).integer(0);
    return std::vector<std::string>{sql.run("PRAGMA journal_mode").at(0).text(0),
                                    std::to_string(sync)};
  });
  EXPECT_EQ(modes.value(), (std::vector<std::string>{"truncate", "2"}));
}

TEST(Store, RollsBackWhenTheFunctionReturnsAnError) {
  const TemporaryStore file;
  Store store = file.open();
  const Result<void> written = store.database->write([](Statements& sql) -> Result<void> {
    sql.run("INSERT INTO org_days (org_day, used) VALUES ($1, $2)",
            {"2024-02-05", std::int64_t{7}});
    return Error{.message = "changed my mind"};
  });
  EXPECT_EQ(written.error().message, "changed my mind");
  const auto days = store.database->read([](Statements& sql) -> Result<std::size_t> {
    return sql.run("SELECT * FROM org_days").size();
  });
  EXPECT_EQ(days.value(), 0U);
}

TEST(Store, KeepsEveryKindOfValue) {
  const TemporaryStore file;
  Store store = file.open();
  const auto row = store.database->write([](Statements& sql) -> Result<SqlRow> {
    return sql
        .run("SELECT $1, $2, $3, $4",
             {std::int64_t{-5}, "text", Blob{std::string("\0b", 2)}, std::monostate{}})
        .at(0);
  });
  EXPECT_EQ(row->integer(0), -5);
  EXPECT_EQ(row->text(1), "text");
  EXPECT_EQ(row->bytes(2), std::string("\0b", 2));
  EXPECT_TRUE(row->is_null(3));
}

// What version 1 of the tables had is kept; what version 2 has more of is taken away first.
TEST(Store, BringsTheTablesOfAnOlderVersionUpToDate) {
  const TemporaryStore file;
  const std::string path = file.path();
  file.open();
  run_elsewhere(
      path,
      "ALTER TABLE org_days DROP COLUMN accepted; ALTER TABLE org_days DROP COLUMN outside;"
      "ALTER TABLE org_days DROP COLUMN probe_at_ms; ALTER TABLE leases DROP COLUMN holder;"
      "ALTER TABLE org_days DROP COLUMN teaches; ALTER TABLE org_days DROP COLUMN told_outside;"
      "ALTER TABLE data_sources DROP COLUMN body_bytes; DROP TABLE request_faults;"
      "ALTER TABLE leases DROP COLUMN call_time_ms; ALTER TABLE calls DROP COLUMN host;"
      "DROP TABLE server_clocks; DROP TABLE connection_limit; DROP TABLE call_totals;"
      "DROP TABLE counters; DROP TABLE facts;"
      "DROP TABLE form_polls; DROP TABLE handled_entries; DROP TABLE delivered_entries;"
      "DROP TABLE sync_editions; DROP TABLE sync_sources; DROP "
      "TABLE sync_contents;"
      "DROP TABLE sync_rows; DROP TABLE sync_user_scopes;"
      "DROP TABLE source_polls; DROP TABLE polled_rows;"
      "DROP TABLE pacing_calls; DROP TABLE pacing_totals; DROP TABLE pacing_prices;"
      "DROP TABLE pacing_arrivals;"
      "ALTER TABLE data_sources DROP COLUMN revision; ALTER TABLE data_sources DROP COLUMN digest;"
      "ALTER TABLE data_sources DROP COLUMN digest_rows;"
      "ALTER TABLE data_sources DROP COLUMN digest_revision;"
      "ALTER TABLE data_sources DROP COLUMN updates_refused;"
      "ALTER TABLE outbox DROP COLUMN suspect; ALTER TABLE dead_letters DROP COLUMN dropped;"
      "DROP INDEX dead_letters_by_key; ALTER TABLE data_sources DROP COLUMN doubtful;"
      "ALTER TABLE data_sources DROP COLUMN columns_of_apply;"
      "DROP TABLE poll_rates; DROP TABLE poll_hours; DROP TABLE poll_common;"
      "DROP TABLE sync_newest_second; DROP TABLE sync_secret; DROP TABLE row_secret; DROP TABLE "
      "history; DROP TABLE history_size;"
      "DROP TABLE halts; DROP TABLE dead_letter_ids; DROP TABLE notes;"
      "DROP TABLE queued_entries; DROP TABLE queued_entry_numbers;"
      "ALTER TABLE data_sources DROP COLUMN digest_raw;"
      "ALTER TABLE data_sources DROP COLUMN digest_set_aside;"
      "INSERT INTO org_days (org_day, used) VALUES ('2024-02-05', 7); PRAGMA user_version = 1");
  const Result<Store> upgraded = open_store({.location = path});
  ASSERT_TRUE(upgraded) << upgraded.error().message;
  const auto used = upgraded->database->read([](Statements& sql) -> Result<std::int64_t> {
    return sql.run("SELECT used + outside FROM org_days").at(0).integer(0);
  });
  EXPECT_EQ(*used, 7);
}

// Rows of 20 MB, in a table that is there.
void fill(Database& database) {
  ASSERT_TRUE(database.write([](Statements& sql) -> Result<void> {
    for (int i = 0; i < 5'000; ++i) {
      sql.run("INSERT INTO mirror (source, row_key, hash) VALUES ('S', $1, $2)",
              {std::to_string(i), Blob{std::string(4'000, 'x')}});
    }
    return {};
  }));
}

void write_little(Database& database) {
  ASSERT_TRUE(database.write([](Statements& sql) -> Result<void> {
    sql.run(
        "INSERT INTO counters (name, value) VALUES ('n', 1) ON CONFLICT (name) DO UPDATE SET "
        "value = counters.value + 1");
    return {};
  }));
}

void empty(Database& database, const std::string& condition) {
  ASSERT_TRUE(database.write([&](Statements& sql) -> Result<void> {
    sql.run("DELETE FROM mirror WHERE " + condition);
    return {};
  }));
}

TEST(Store, GivesRoomBackToTheDiskAFewPagesPerWrite) {
  const TemporaryStore file;
  const Store store = file.open();
  fill(*store.database);
  const auto full = std::filesystem::file_size(file.path());
  ASSERT_GT(full, 20'000'000U);
  empty(*store.database, "CAST(row_key AS INTEGER) >= 1000");
  const auto once = std::filesystem::file_size(file.path());
  EXPECT_GT(once, full - 2'000'000U) << "no write takes long";
  for (int i = 0; i < 200; ++i) write_little(*store.database);
  const auto later = std::filesystem::file_size(file.path());
  EXPECT_LT(later, full / 5 * 3 / 2);
  EXPECT_GT(later, full / 5) << "what is there stays";
  for (int i = 0; i < 10; ++i) write_little(*store.database);
  EXPECT_EQ(std::filesystem::file_size(file.path()), later) << "some room is kept for what comes";
}

TEST(Store, KeepsTheRoomOfLittleThatWasDeleted) {
  const TemporaryStore file;
  const Store store = file.open();
  fill(*store.database);
  const auto full = std::filesystem::file_size(file.path());
  empty(*store.database, "CAST(row_key AS INTEGER) >= 4000");
  for (int i = 0; i < 10; ++i) write_little(*store.database);
  EXPECT_EQ(std::filesystem::file_size(file.path()), full);
}

TEST(Store, OfBeforeShrinksTooOnceItIsOpened) {
  const TemporaryStore file;
  {
    const Store store = file.open();
    fill(*store.database);
    run_elsewhere(file.path(), "PRAGMA auto_vacuum = NONE; VACUUM");
  }
  const auto full = std::filesystem::file_size(file.path());
  {
    const Store store = file.open();
    EXPECT_EQ(std::filesystem::file_size(file.path()), full) << "nothing is free";
    empty(*store.database, "1 = 1");
    write_little(*store.database);
    EXPECT_EQ(std::filesystem::file_size(file.path()), full);
  }
  const Store store = file.open();
  EXPECT_LT(std::filesystem::file_size(file.path()), full / 10);
  write_little(*store.database);
  fill(*store.database);
  empty(*store.database, "1 = 1");
  for (int i = 0; i < 300; ++i) write_little(*store.database);
  EXPECT_LT(std::filesystem::file_size(file.path()), full / 10) << "and from then on by itself";
}

TEST(Store, OfBeforeIsOpenedAlsoWhileAnotherReadsIt) {
  const TemporaryStore file;
  file.open();
  run_elsewhere(file.path(), "PRAGMA auto_vacuum = NONE; VACUUM");
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &reader), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM mirror", nullptr, nullptr, nullptr),
            SQLITE_OK);
  EXPECT_TRUE(open_store({.location = file.path(), .busy_timeout = std::chrono::milliseconds{50}}));
  sqlite3_close(reader);
}

TEST(Store, OfAnotherProgramKeepsTheWayInWhichItShrinks) {
  const TemporaryStore file;
  run_elsewhere(file.path(), "PRAGMA auto_vacuum = FULL; CREATE TABLE theirs (x)");
  const auto bytes = [&] {
    std::ifstream in(file.path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string before = bytes();
  refusal(file.path());
  EXPECT_TRUE(bytes() == before);
}

TEST(Store, RefusesAFileOfANewerVersionAndLeavesItAlone) {
  const TemporaryStore file;
  file.open();
  run_elsewhere(file.path(), "PRAGMA user_version = 99");
  const Error error = refusal(file.path());
  EXPECT_EQ(error.code, ErrorCode::kStoreUnusable);
  EXPECT_NE(error.message.find("newer version"), std::string::npos) << error.message;
}

TEST(Store, RefusesAVersionThatNobodyHasWritten) {
  const TemporaryStore file;
  { const Store store = file.open(); }
  run_elsewhere(file.path(), "PRAGMA user_version = -1");
  const Error error = refusal(file.path());
  EXPECT_EQ(error.code, ErrorCode::kStoreUnusable);
  EXPECT_NE(error.message.find("damaged"), std::string::npos) << error.message;
}

// A bit that fell over on the disk, or somebody with an editor.
TEST(Store, NamesTheCellThatIsOfAnotherKindThanWeirWrites) {
  const TemporaryStore file;
  Store store = file.open();
  ASSERT_TRUE(store.database->write([](Statements& sql) -> Result<void> {
    sql.run("INSERT INTO org_days (org_day, used, outside) VALUES ('2024-02-05', 'x', 0)");
    return {};
  }));
  const auto read = [&](const std::string& sql, bool by_row) {
    return store.database->read([&](Statements& statements) -> Result<std::int64_t> {
      if (!by_row) return statements.run(sql).at(0).integer(1);
      std::int64_t found = 0;
      statements.for_each(sql, {}, [&](const SqlRow& row) { found = row.integer(1); });
      return found;
    });
  };
  for (const bool by_row : {false, true}) {
    const Result<std::int64_t> damaged =
        read("SELECT org_day, coalesce(used, 0) FROM org_days", by_row);
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code, ErrorCode::kStoreUnusable);
    EXPECT_NE(damaged.error().message.find("table org_days, column coalesce(used, 0)"),
              std::string::npos)
        << damaged.error().message;
  }
  EXPECT_TRUE(read("SELECT org_day, outside FROM org_days", false)) << "the store goes on";
}

TEST(Store, MakesAnErrorOfWhateverIsThrownInATransaction) {
  const TemporaryStore file;
  Store store = file.open();
  const auto write = [&](const auto& work) {
    return store.database->write([&](Statements&) -> Result<void> {
      work();
      return {};
    });
  };
  EXPECT_FALSE(write([] { throw std::out_of_range("no such"); }));
  EXPECT_FALSE(write([] { throw std::runtime_error("odd"); }));
  EXPECT_THROW(static_cast<void>(write([] { throw std::bad_alloc(); })), std::bad_alloc);
  EXPECT_TRUE(write([] {}));
}

TEST(Store, RefusesAnotherProgramsDatabase) {
  const TemporaryFolder folder;
  run_elsewhere(folder.file("other.db"), "CREATE TABLE customers (id INTEGER)");
  EXPECT_NE(refusal(folder.file("other.db")).message.find("another program's database"),
            std::string::npos);
}

TEST(Store, RefusesAFileThatIsNoDatabase) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("notes.txt")) << std::string(5000, 'x');
  const Error error = refusal(folder.file("notes.txt"));
  EXPECT_EQ(error.code, ErrorCode::kStoreUnusable);
  EXPECT_NE(error.message.find("not a store of Weir"), std::string::npos) << error.message;
}

TEST(Store, RefusesAFileThatIsMarkedReadOnly) {
  const TemporaryStore file;
  file.open();
  ASSERT_EQ(::chmod(file.path().c_str(), 0444), 0);
  EXPECT_NE(refusal(file.path()).message.find("read-only"), std::string::npos);
}

// Hosts that are to share a budget would have a file each.
TEST(Store, RefusesTheWordsOfAConnectionAsAPath) {
  const testing::TemporaryFolder folder;
  for (const std::string words :
       {"host=db password=s3cr3t", "host = db", "dbname=w", "service=weir",
        "Driver={PostgreSQL};Server=db;Pwd=s3cr3t", "mysql://weir:s3cr3t@db/w",
        "jdbc:postgresql://weir:s3cr3t@db/w", "postgresql:weir:s3cr3t@db",
        "postgresql:/weir:s3cr3t@db/w", "POSTGRES//weir:s3cr3t@db"}) {
    const Result<Store> opened = open_store({.location = words});
    ASSERT_FALSE(opened) << words;
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidConfig);
    EXPECT_NE(opened.error().message.find("postgresql://"), std::string::npos);
    EXPECT_EQ(opened.error().message.find("s3cr3t"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(words));
  }
  EXPECT_TRUE(open_store({.location = folder.file("year=2026.db")}));
}

TEST(Store, NamesAFolderThatDoesNotExist) {
  const TemporaryFolder folder;
  EXPECT_NE(refusal(folder.file("missing/weir.db")).message.find("folder does not exist"),
            std::string::npos);
  EXPECT_NE(refusal(folder.path().string()).message.find("it is a folder"), std::string::npos);
}

TEST(Store, SaysThatAnotherProgramHoldsItsLock) {
  const TemporaryStore file;
  Store store = file.open(0ms);
  sqlite3* holder = nullptr;
  ASSERT_EQ(sqlite3_open(file.path().c_str(), &holder), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(holder, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  const Result<void> written =
      store.database->write([](Statements&) -> Result<void> { return {}; });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kStoreBusy);
  EXPECT_NE(written.error().message.find("another program holds its lock"), std::string::npos);
  sqlite3_close(holder);
}

TEST(SlotLocks, ExcludeEachOtherByName) {
  const TemporaryStore file;
  Store first = file.open();
  Store second = file.open();
  auto held = first.locks->try_lock("connection-0");
  ASSERT_NE(*held, nullptr);
  EXPECT_EQ(second.locks->try_lock("connection-0").value(), nullptr);
  EXPECT_TRUE(second.locks->is_locked("connection-0").value());
  EXPECT_NE(second.locks->try_lock("connection-1").value(), nullptr);
  held->reset();
  EXPECT_NE(second.locks->try_lock("connection-0").value(), nullptr);
}

}  // namespace
}  // namespace weir::store
