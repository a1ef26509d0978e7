// A store in which one value is of another kind than Weir writes: whatever a program asks, it gets
// an Error or an answer, never an exception and never its end.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <weir/client.h>
#include <weir/testing/fake_transport.h>
#include <weir/testing/manual_clock.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::FakeTransport;
using testing::ManualClock;
using testing::TemporaryFolder;

class Sqlite {
 public:
  explicit Sqlite(const std::string& path) {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) throw std::runtime_error(path);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  ~Sqlite() { sqlite3_close(database_); }

  std::vector<std::string> texts(const std::string& sql) {
    std::vector<std::string> found;
    const auto add = [](void* target, int, char** values, char**) {
      static_cast<std::vector<std::string>*>(target)->emplace_back(values[0]);
      return 0;
    };
    sqlite3_exec(database_, sql.c_str(), add, &found, nullptr);
    return found;
  }
  int changes(const std::string& sql) {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return 0;
    return sqlite3_changes(database_);
  }

 private:
  sqlite3* database_ = nullptr;
};

class DamagedStoreTest : public ::testing::Test {
 protected:
  // With every kind of thing in it that a client keeps.
  DamagedStoreTest() {
    Client client = open(whole_).value();
    DataSource rows = client.data_source("ROWS");
    EXPECT_TRUE(rows.publish({{"1", "a"}, {"2", "b"}}, {.columns = {"id", "name"}}));
    EXPECT_TRUE(client.drain(10s));
    EXPECT_TRUE(rows.upsert({"bad", "x"}));
    wire_->answer(400, R"({"ResponseStatus":{"ErrorCode":"E","Message":"row 'bad' is bad"}})");
    EXPECT_TRUE(client.drain(10s));
    EXPECT_TRUE(rows.upsert({"3", "c"}));
    EXPECT_TRUE(rows.erase("2"));
    EXPECT_TRUE(rows.set_cells("1", {{"name", "z"}}));
    EXPECT_TRUE(client.send_due());
  }

  Result<Client> open(const std::string& path) {
    return Client::open({.url = "https://forms.example.com",
                         .company_id = 1,
                         .integration_key = Secret::from_string("key", "a test"),
                         .time_zone = "UTC",
                         .store = path,
                         .send_in_background = false,
                         .wait = 1ms,
                         .clock = clock_,
                         .transport = wire_});
  }

  // What programs do, each whether or not the others succeed.
  void use(const std::string& path) {
    Result<Client> client = open(path);
    if (!client) return;
    static_cast<void>(client->usage());
    static_cast<void>(client->outbox());
    static_cast<void>(client->advise());
    DataSource rows = client->data_source("ROWS");
    static_cast<void>(rows.upsert({"4", "d"}));
    static_cast<void>(rows.publish({{"1", "a"}, {"5", "e"}}, {.columns = {"id", "name"}}));
    static_cast<void>(client->send_due());
    static_cast<void>(client->drain(1ms));
    static_cast<void>(client->retry({}));
    static_cast<void>(client->drop({}));
    static_cast<void>(client->calibrate(5));
  }

  TemporaryFolder folder_;
  const std::string whole_ = folder_.file("whole.db");
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(TimePoint{24h * 19758 + 12h});
  std::shared_ptr<FakeTransport> wire_ = std::make_shared<FakeTransport>();
};

TEST_F(DamagedStoreTest, EndsNoProgramWhateverColumnIsDamaged) {
  std::vector<std::pair<std::string, std::string>> columns;
  {
    Sqlite whole(whole_);
    for (const std::string& table :
         whole.texts("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
      for (const std::string& column :
           whole.texts("SELECT name FROM pragma_table_info('" + table + "')"))
        columns.emplace_back(table, column);
  }
  ASSERT_GT(columns.size(), 50U);
  int damaged = 0;
  for (const auto& [table, column] : columns) {
    for (const char* value : {"'x'", "x'00ff'", "1.5", "-1", "NULL"}) {
      const std::string path = folder_.file("damaged.db");
      std::filesystem::copy_file(whole_, path, std::filesystem::copy_options::overwrite_existing);
      const int changed = Sqlite(path).changes("UPDATE OR IGNORE " + table + " SET " + column +
                                               " = " + std::string(value));
      if (changed == 0) continue;
      ++damaged;
      EXPECT_NO_THROW(use(path)) << table << "." << column << " = " << value;
    }
  }
  EXPECT_GT(damaged, 100);
}

TEST_F(DamagedStoreTest, NamesTheTableAndTheColumn) {
  ASSERT_GT(Sqlite(whole_).changes("UPDATE outbox SET kind = 'x'"), 0);
  Client client = open(whole_).value();
  const Result<SendReport> sent = client.drain(1s);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kStoreUnusable);
  EXPECT_NE(sent.error().message.find("table outbox"), std::string::npos) << sent.error().message;
  EXPECT_NE(sent.error().message.find("kind"), std::string::npos) << sent.error().message;
}

}  // namespace
}  // namespace weir
