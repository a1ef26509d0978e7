// The whole of `weir run`, killed with kill -9 at random moments, with a file, a followed query, a
// folder of changes and two polls under way: nothing is lost, nothing goes back, no change file is
// applied twice, every entry is handed over at least once and in order, and each call is booked.
#include <poll.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "daemon_run_fixture.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using Microseconds = std::chrono::microseconds;
using Table = std::map<std::string, std::string>;

constexpr int kKeys = 6;

// The bounded tier; ./dev soak asks for more.
int kills_wanted() {
  const char* wanted = std::getenv("WEIR_DAEMON_KILLS");
  return wanted == nullptr ? 60 : std::atoi(wanted);
}

// Texts that sort in the order of their numbers.
std::string text_of(int number) {
  std::string digits = std::to_string(number);
  return std::string(8 - digits.size(), '0') + digits;
}

class DaemonKillTest : public testing::DaemonRunTest {
 protected:
  void SetUp() override {
    // So that kills hit calls under way.
    start({.calls_per_day = 1'000'000, .latency_ms = 20});
    environment_ = {{"TZ", "UTC"}, {"PATH", "/usr/bin:/bin"}};
    folder_.write("key", std::string(testing::kCanary) + "\n");
    ::chmod(folder_.file("key").c_str(), 0600);
    std::filesystem::create_directory(folder_.file("drop"));
    ASSERT_EQ(sqlite3_open(folder_.file("crm.db").c_str(), &database_), SQLITE_OK);
    sql("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
        "CREATE TABLE crews (id TEXT PRIMARY KEY, text TEXT, version INTEGER, gone INTEGER)");
    folder_.write("weir.toml", "calls_per_day = 1000000\n" + organization() + kParts);
  }
  void TearDown() override {
    DaemonRunTest::TearDown();
    sqlite3_close(database_);
  }
  std::vector<mock::DataSourceOptions> data_sources() const override {
    return {{"FILE", {"id", "text"}}, {"QUERY", {"id", "text"}}, {"DROPPED", {"id", "text"}}};
  }

  void sql(const std::string& text) {
    ASSERT_EQ(sqlite3_exec(database_, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database_);
  }

  // Something happens in the customer's systems and in the field.
  void change() {
    const int number = ++changes_;
    const std::string key = std::to_string(random_() % kKeys);
    switch (random_() % 5) {
      case 0:
        if (random_() % 4 == 0 && file_.size() > 1) {
          file_.erase(file_.begin());
        } else {
          file_[key] = text_of(number);
        }
        write_file();
        break;
      case 1:
        change_query(key, number);
        break;
      case 2:
        drop(key, number);
        break;
      default:
        receive(random_() % 2 == 0 ? "APPENDED" : "COMMANDED");
    }
  }

  void write_file() {
    std::string csv = "id,text\n";
    for (const auto& [id, text] : file_) csv += id + "," + text + "\n";
    put("file.csv", csv);
  }

  void change_query(const std::string& key, int number) {
    const bool is_gone = random_() % 4 == 0;
    const std::string version = std::to_string(number);
    sql("INSERT INTO crews VALUES ('" + key + "', '" + text_of(number) + "', " + version + ", " +
        (is_gone ? "1" : "0") +
        ") ON CONFLICT (id) DO UPDATE SET text = excluded.text, version = excluded.version, gone = "
        "excluded.gone");
    if (is_gone) {
      query_.erase(key);
    } else {
      query_[key] = text_of(number);
    }
  }

  // Applied once more after a later one, it would set its row back.
  void drop(const std::string& key, int number) {
    put("drop/" + text_of(number) + ".csv",
        "op,id,text\nupsert," + key + "," + text_of(number) + "\n");
    dropped_[key] = text_of(number);
  }

  void receive(const std::string& form) {
    std::vector<std::string>& ids = entries_[form];
    const std::chrono::sys_seconds begin = std::chrono::sys_days{std::chrono::year{2026} / 11 / 1};
    ids.push_back(form + text_of(static_cast<int>(ids.size())));
    server_->receive(
        {{.id = ids.back(), .form = form, .received = begin + std::chrono::seconds{ids.size()}}});
  }

  // Lets a daemon live for a random while, from nothing at all to some hundred milliseconds.
  void live_and_die() {
    std::filesystem::remove(folder_.file("out"));
    std::filesystem::remove(folder_.file("err"));
    daemon_ = testing::start(
        {std::string(WEIR_BINARIES) + "/weir", "run", "--config", folder_.file("weir.toml")},
        environment_, folder_.file("out"), folder_.file("err"));
    const int ended = static_cast<int>(::syscall(SYS_pidfd_open, daemon_, 0));
    const bool dies_early = random_() % 5 == 0;
    while (!dies_early && !testing::has(content("out"), "ready\n") && !let_run(ended, 500us)) {
    }
    // Now and then long enough for leases of the dead to come free.
    const std::uint32_t longest = dies_early ? 30'000 : random_() % 8 == 0 ? 3'000'000 : 250'000;
    EXPECT_FALSE(let_run(ended, Microseconds(random_() % longest))) << content("err");
    end_daemon(SIGKILL);
    ::close(ended);
  }

  // True: it has ended by itself.
  static bool let_run(int ended, Microseconds time) {
    pollfd process = {.fd = ended, .events = POLLIN, .revents = 0};
    const timespec most = {.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(time).count()};
    return ::ppoll(&process, 1, &most, nullptr) > 0;
  }

  Table table(const std::string& source) const {
    Table found;
    const auto rows = server_->rows(source).value();
    for (const auto& row : rows)
      EXPECT_TRUE(found.emplace(row[0], row[1]).second) << "twice: " << row[0];
    return found;
  }

  // What is seen of a row on the platform never goes back.
  void look_at_rows() {
    for (const char* source : {"FILE", "QUERY", "DROPPED"}) {
      for (const auto& [key, text] : table(source)) {
        std::string& last = last_seen_[source + (" " + key)];
        EXPECT_GE(text, last) << source << " " << key;
        last = std::max(last, text);
      }
    }
  }

  // The ids in a file of lines of JSON, each line whole.
  std::vector<std::string> handed_over(const std::string& name) const {
    std::vector<std::string> ids;
    std::istringstream lines(content(name));
    for (std::string line; std::getline(lines, line);)
      ids.push_back(nlohmann::json::parse(line).at("Id"));
    return ids;
  }

  // Some may come again after a kill, and none before those that came before it.
  void expect_in_order(const std::string& file, const std::vector<std::string>& expected) const {
    std::vector<std::string> first_times;
    for (const std::string& id : handed_over(file)) {
      if (std::find(first_times.begin(), first_times.end(), id) == first_times.end())
        first_times.push_back(id);
    }
    EXPECT_EQ(first_times, expected) << file;
  }

  static constexpr const char* kParts =
      "[source.FILE]\ncsv = 'file.csv'\nsettle = '0s'\nfirst = 'replace'\nmax_deletes = '100%'\n"
      "[source.QUERY]\ndatabase = 'sqlite3://crm.db'\nfirst = 'replace'\nevery = '1s'\n"
      "max_deletes = '100%'\ncolumns = ['id', 'text']\nquery = 'SELECT id, text, version, gone "
      "FROM "
      "crews WHERE version > :since'\nfollow = { column = 'version', deleted = 'gone' }\n"
      "[source.DROPPED]\ndirectory = 'drop'\nsettle = '0s'\n"
      "[poll.APPENDED]\nform = 'APPENDED'\nappend = 'appended'\nshortest = '0s'\n"
      "[poll.COMMANDED]\nform = 'COMMANDED'\nshortest = '0s'\n"
      "command = ['/bin/sh', '-c', 'read -r line && echo \"$line\" >> \"$0\"', 'commanded']\n";

  sqlite3* database_ = nullptr;
  std::mt19937 random_{20261130};
  int changes_ = 0;
  Table file_ = {{"0", text_of(0)}};
  Table query_;
  Table dropped_;
  std::map<std::string, std::vector<std::string>> entries_;
  Table last_seen_;
};

TEST_F(DaemonKillTest, LosesNothingAndAppliesNothingTwice) {
  std::string text = content("weir.toml");
  text.replace(text.find("'commanded'"), 11, "'" + folder_.file("commanded") + "'");
  folder_.write("weir.toml", text);
  write_file();
  const int kills = kills_wanted();
  for (int kill = 0; kill < kills; ++kill) {
    for (int i = 0; i < 3; ++i) change();
    live_and_die();
    look_at_rows();
  }
  const testing::Finished last = told({"run", "--once"});
  EXPECT_EQ(last.exit_code, 0) << last.out << last.err;
  look_at_rows();
  EXPECT_EQ(table("FILE"), file_);
  EXPECT_EQ(table("QUERY"), query_);
  EXPECT_EQ(table("DROPPED"), dropped_);
  for (const auto& left : std::filesystem::directory_iterator(folder_.file("drop")))
    EXPECT_TRUE(left.is_directory()) << left.path();
  expect_in_order("appended", entries_["APPENDED"]);
  expect_in_order("commanded", entries_["COMMANDED"]);
  const mock::Usage seen = server_->usage();
  const auto booked = nlohmann::json::parse(told({"usage", "--json"}).out).at("calls_today");
  std::printf("%d kills: %d changes as wanted, %lld calls seen by the platform, %lld booked\n",
              kills, changes_, static_cast<long long>(seen.calls_today),
              static_cast<long long>(booked.get<std::int64_t>()));
  EXPECT_GE(booked, seen.calls_today);
  // Each kill cuts off as many calls as there are connections at most.
  EXPECT_LE(booked, seen.calls_today + 3 * kills);
  EXPECT_EQ(seen.refused, 0) << "a fourth connection at once";
}

}  // namespace
}  // namespace weir
