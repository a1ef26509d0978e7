// Phones against the real `weir serve`: thousands of random edits of a CSV file and of a database,
// rows that change hands between users, answers that get lost, services that are killed, a wall
// clock that is set forth and back under them. At each quiet point every phone has exactly the rows
// that its user may see.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "mock_server/device.h"
#include "support/sync_service.h"

namespace weir {
namespace {

using testing::SyncService;
using Rows = std::set<mock::Row>;

const std::vector<std::string> kUsers = {"ada@example.com", "bob@example.com", "cyd@example.com"};
const std::vector<std::string> kIds = {"FROM_FILE", "FOR_ALL", "BY_COLUMN", "BY_QUERY"};

constexpr const char* kSources = R"(
[[source]]
id = "FROM_FILE"
key = "id"
csv = "rows.csv"
user_column = "crew"
columns = ["id", "label"]

[[source]]
id = "FOR_ALL"
csv = "rows.csv"
same_rows_for_all = true

[[source]]
id = "BY_COLUMN"
database = "sqlite3://rows.db"
query = "SELECT id, label, crew FROM tasks"
user_column = "crew"
read_again_after_seconds = 0

[[source]]
id = "BY_QUERY"
database = "sqlite3://rows.db"
query = "SELECT id, label FROM tasks WHERE crew = :email"
read_again_after_seconds = 0
)";

struct Cells {
  std::string label;
  std::string crew;
};
using Table = std::map<std::string, Cells>;

// The rows as they are, kept apart from everything that is tested.
class Truth {
 public:
  explicit Truth(std::string database, unsigned seed) : random_(seed) {
    sqlite3_open(database.c_str(), &database_);
    run("CREATE TABLE tasks (id TEXT PRIMARY KEY, label TEXT, crew TEXT)");
  }
  ~Truth() { sqlite3_close(database_); }
  Truth(const Truth&) = delete;
  Truth& operator=(const Truth&) = delete;

  unsigned below(unsigned limit) {
    return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_);
  }

  void edit_file() { edit(file_); }
  void edit_database() {
    const std::string key = edit(tasks_);
    const auto found = tasks_.find(key);
    if (found == tasks_.end()) {
      run("DELETE FROM tasks WHERE id = " + quoted(key));
    } else {
      run("INSERT OR REPLACE INTO tasks VALUES (" + quoted(key) + ", " +
          quoted(found->second.label) + ", " + quoted(found->second.crew) + ")");
    }
  }

  // A new file in the old one's place.
  void write_file(const std::string& path) const {
    std::ofstream file(path + ".new", std::ios::binary);
    file << "label,id,crew\n";
    for (const auto& [key, cells] : file_)
      file << in_quotes(cells.label) << ',' << key << ',' << cells.crew << '\n';
    file.close();
    std::filesystem::rename(path + ".new", path);
  }

  void begin() { run("BEGIN"); }
  void commit() { run("COMMIT"); }

  Rows of(const std::string& id, const std::string& user) const {
    Rows rows;
    for (const auto& [key, cells] : id == "FROM_FILE" || id == "FOR_ALL" ? file_ : tasks_) {
      if (id == "FOR_ALL") {
        rows.insert({cells.label, key, cells.crew});
      } else if (cells.crew == user) {
        if (id == "BY_COLUMN") rows.insert({key, cells.label, cells.crew});
        if (id != "BY_COLUMN") rows.insert({key, cells.label});
      }
    }
    return rows;
  }

 private:
  // Changes, inserts or deletes one row; or gives it to another user. Returns its key.
  std::string edit(Table& table) {
    const std::string key = "k" + std::to_string(below(200));
    const auto found = table.find(key);
    if (found == table.end()) {
      table[key] = {.label = label(key), .crew = crew()};
    } else if (below(4) == 0) {
      table.erase(found);
    } else if (below(2) == 0) {
      found->second.crew = crew();
    } else {
      found->second.label = label(key);
    }
    return key;
  }

  // Unique, since it is the key of FOR_ALL, whose first column it is.
  std::string label(const std::string& key) {
    const std::vector<std::string> oddities = {"\"quoted\"", "two\nlines", "a,b",
                                               "ä ö €",      "",           "\t"};
    return key + "/" + std::to_string(below(1'000'000)) + oddities[below(6)];
  }

  // Now and then nobody's.
  std::string crew() { return below(5) == 0 ? "" : kUsers[below(3)]; }

  static std::string doubled(const std::string& text, char quote) {
    std::string all(1, quote);
    for (const char c : text) all += c == quote ? std::string(2, quote) : std::string(1, c);
    return all + quote;
  }
  static std::string quoted(const std::string& text) { return doubled(text, '\''); }
  static std::string in_quotes(const std::string& text) { return doubled(text, '"'); }

  void run(const std::string& statement) {
    if (sqlite3_exec(database_, statement.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(statement + ": " + sqlite3_errmsg(database_));
  }

  std::mt19937 random_;
  sqlite3* database_ = nullptr;
  Table file_;
  Table tasks_;
};

// A user has two phones, which sync at different times.
struct Phone {
  std::string user;
  std::unique_ptr<mock::Device> device = {};
};

class SyncDevicesTest : public ::testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    for (int i = 0; i < 40; ++i) edit();
    publish();
    set_clock(0);
#ifdef WEIR_SHIFTED_CLOCK
    service_.more_environment = {{"LD_PRELOAD", WEIR_SHIFTED_CLOCK},
                                 {"WEIR_TEST_CLOCK", service_.folder().file("clock")}};
#endif
    service_.start();
    for (const std::string& user : kUsers) {
      for (int i = 0; i < 2; ++i) phones_.push_back({.user = user});
    }
    connect();
  }

  // A restarted service is at another port; the phones keep what they have.
  void connect() {
    for (Phone& phone : phones_) {
      const mock::DeviceState state =
          phone.device == nullptr ? mock::DeviceState{} : phone.device->state();
      phone.device =
          std::make_unique<mock::Device>(mock::DeviceOptions{.url = service_.url(),
                                                             .company_id = 7,
                                                             .ids = kIds,
                                                             .email = phone.user,
                                                             .private_token = SyncService::kToken},
                                         state);
    }
  }

  void edit() {
    truth_.edit_file();
    truth_.edit_database();
    edits_ += 2;
  }

  void publish() { truth_.write_file(service_.folder().file("rows.csv")); }

  void sync(Phone& phone) {
    for (const mock::SyncProblem& problem : phone.device->sync())
      ADD_FAILURE() << phone.user << ": " << problem.message;
  }

  void lose_an_answer(Phone& phone) {
    const mock::DeviceState before = phone.device->state();
    sync(phone);
    phone.device->restore(before);
  }

  // The service's clock is so many seconds ahead of the right one from now on.
  void set_clock(std::int64_t ahead) const {
    std::fstream file(service_.folder().file("clock"),
                      std::ios::binary | std::ios::out | std::ios::in);
    if (!file) file.open(service_.folder().file("clock"), std::ios::binary | std::ios::out);
    file.write(reinterpret_cast<const char*>(&ahead), sizeof ahead);
  }

  void crash() {
    service_.kill(SIGKILL);
    service_.start();
    connect();
  }

  void expect_the_truth(Phone& phone) {
    sync(phone);
    for (const std::string& id : kIds) {
      const std::vector<mock::Row> rows = phone.device->rows(id);
      EXPECT_EQ(Rows(rows.begin(), rows.end()), truth_.of(id, phone.user))
          << id << " " << phone.user;
    }
  }

  SyncService service_{WEIR_BINARIES, kSources};
  Truth truth_{service_.folder().file("rows.db"), GetParam()};
  std::vector<Phone> phones_;
  int edits_ = 0;
};

TEST_P(SyncDevicesTest, HaveTheTruthAtEveryQuietPoint) {
  for (int round = 0; round < 15 && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    for (int burst = 0; burst < 3; ++burst) {
      truth_.begin();
      for (unsigned i = truth_.below(80); i > 0; --i) edit();
      truth_.commit();
      publish();
      Phone& phone = phones_[truth_.below(6)];
      if (truth_.below(3) == 0) {
        lose_an_answer(phone);
      } else {
        sync(phone);
      }
    }
    if (truth_.below(3) == 0) set_clock(std::int64_t{truth_.below(241)} - 120);
    if (truth_.below(6) == 0) crash();
    for (Phone& phone : phones_) expect_the_truth(phone);
  }
  EXPECT_GT(edits_, 2000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SyncDevicesTest, ::testing::Values(1U, 2U));

}  // namespace
}  // namespace weir
