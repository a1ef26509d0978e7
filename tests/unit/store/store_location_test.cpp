// What a store may be, and what is told of a thing that is none.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "store/store.h"
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

std::vector<std::string> names_in(const TemporaryFolder& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("")))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

// SQLite would read these as a database in memory, which forgets calls and rows, or as a URI.
TEST(StoreLocation, RefusesWhatIsNoPathToSqlite) {
  for (const char* location :
       {":memory:", ":MEMORY:", ":", ":x.db", "file:weir.db", "file:weir.db?mode=memory",
        "file::memory:?cache=shared", "FILE:weir.db", "", "file:"}) {
    for (const StoreUse use : {StoreUse::kReal, StoreUse::kLook, StoreUse::kTrial}) {
      const Result<Store> store = open_store({.location = location, .use = use});
      ASSERT_FALSE(store) << location;
      EXPECT_EQ(store.error().code, ErrorCode::kInvalidConfig) << store.error().message;
      EXPECT_NE(store.error().message.find("is no path"), std::string::npos)
          << store.error().message;
    }
  }
  EXPECT_FALSE(open_store({.location = std::string("weir.db\0x", 9)}));
}

// The advice holds: such a name is a file like any other.
TEST(StoreLocation, KeepsAFileOfAStrangeNameOnDisk) {
  const TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.file(""));
  for (const char* location : {"./:memory:", "./file:weir.db?mode=memory", "plain.db"}) {
    ASSERT_TRUE(open_store({.location = location})) << location;
    EXPECT_GT(std::filesystem::file_size(folder.file(location)), 0U) << location;
    EXPECT_TRUE(open_store({.location = location, .use = StoreUse::kLook})) << location;
  }
  std::filesystem::current_path(before);
}

TEST(StoreLocation, LeavesAnotherKindOfFileAloneAndMakesNothingBesideIt) {
  const TemporaryFolder folder;
  folder.write("o.csv", "id,city,status\n1,Dinuba,a\n2,Visalia,b\n3,Orosi,c\n");
  folder.write("short", "x");
  run_elsewhere(folder.file("other.db"), "CREATE TABLE t (a)");
  ASSERT_EQ(::mkfifo(folder.file("fifo").c_str(), 0600), 0);
  const std::vector<std::string> before = names_in(folder);
  for (const char* name : {"o.csv", "short", "other.db", "fifo"}) {
    const Error error = refusal(folder.file(name));
    EXPECT_EQ(error.code, ErrorCode::kStoreUnusable) << name;
    EXPECT_NE(error.message.find("ive "), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("disk reports"), std::string::npos) << error.message;
    for (const StoreUse use : {StoreUse::kLook, StoreUse::kTrial})
      EXPECT_FALSE(open_store({.location = folder.file(name), .use = use})) << name;
  }
  EXPECT_EQ(names_in(folder), before);
}

TEST(StoreLocation, SaysThatATableWasLostOrIsThereAlready) {
  for (const char* damage :
       {"PRAGMA user_version = 0", "PRAGMA user_version = 1", "PRAGMA user_version = 20",
        "DROP TABLE facts; PRAGMA user_version = 23"}) {
    const TemporaryStore file;
    file.open();
    run_elsewhere(file.path(), damage);
    const Error error = refusal(file.path());
    EXPECT_EQ(error.code, ErrorCode::kStoreUnusable) << damage;
    EXPECT_NE(error.message.find("it is damaged; keep a copy"), std::string::npos)
        << damage << ": " << error.message;
  }
}

}  // namespace
}  // namespace weir::store
