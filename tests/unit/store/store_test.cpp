#include "store/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>

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
      "ALTER TABLE leases DROP COLUMN call_time_ms; ALTER TABLE calls DROP COLUMN host;"
      "DROP TABLE server_clocks; DROP TABLE connection_limit; DROP TABLE call_totals;"
      "DROP TABLE counters; DROP TABLE facts;"
      "DROP TABLE form_polls; DROP TABLE handled_entries; DROP TABLE delivered_entries;"
      "DROP TABLE sync_editions; DROP TABLE sync_sources; DROP TABLE sync_contents;"
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
      "DROP TABLE poll_rates; DROP TABLE poll_hours;"
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

TEST(Store, RefusesAFileOfANewerVersionAndLeavesItAlone) {
  const TemporaryStore file;
  file.open();
  run_elsewhere(file.path(), "PRAGMA user_version = 99");
  const Error error = refusal(file.path());
  EXPECT_EQ(error.code, ErrorCode::kStoreUnusable);
  EXPECT_NE(error.message.find("newer version"), std::string::npos) << error.message;
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
