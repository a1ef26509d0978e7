// SIGHUP to `weir run`: however early it comes it ends nothing, and a broken file changes nothing
// but what is seen.
#include <gmock/gmock.h>
#include <httplib.h>

#include <cstdlib>
#include <random>

#include "daemon_run_fixture.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Microseconds = std::chrono::microseconds;

// ./dev soak asks for more.
int starts_wanted() {
  const char* wanted = std::getenv("WEIR_HANG_UPS");
  return wanted == nullptr ? 50 : std::atoi(wanted);
}

class ReloadTest : public testing::DaemonRunTest {
 protected:
  // "status http://127.0.0.1:PORT"
  std::string url() const {
    const std::string line = content("out").substr(0, content("out").find('\n'));
    return line.substr(line.find("http"));
  }
  std::string get(const std::string& path) const {
    httplib::Client client(url());
    const auto answer = client.Get(path);
    return answer ? answer->body : "";
  }
  void wait_for_gauge(int value) const {
    const std::string line = "\nweir_config_last_reload_successful " + std::to_string(value) + "\n";
    while (!testing::has(get("/metrics"), line)) ::sched_yield();
  }
  bool blocks_hang_up() const {
    std::ifstream status("/proc/" + std::to_string(daemon_) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("SigBlk:")) continue;
      return (std::stoull(line.substr(7), nullptr, 16) & (1ULL << (SIGHUP - 1))) != 0;
    }
    return false;
  }
  void wait_while_it_runs(Microseconds time) const {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) ::sched_yield();
  }
};

// From the moment on that the program itself runs, and not only the loader of its libraries.
TEST_F(ReloadTest, AHangUpInTheFirstMillisecondsEndsNothing) {
  settings("");
  std::mt19937 random(20261130);
  for (int start = 0; start < starts_wanted(); ++start) {
    std::filesystem::remove(folder_.file("out"));
    std::filesystem::remove(folder_.file("err"));
    daemon_ = testing::start(
        {std::string(WEIR_BINARIES) + "/weir", "run", "--config", folder_.file("weir.toml")},
        environment_, folder_.file("out"), folder_.file("err"));
    while (!blocks_hang_up()) ::sched_yield();
    for (int i = 0; i < 3; ++i) {
      wait_while_it_runs(Microseconds(random() % 2000));
      ::kill(daemon_, SIGHUP);
    }
    while (!testing::has(content("out"), "ready\n")) {
      int status = 0;
      ASSERT_EQ(::waitpid(daemon_, &status, WNOHANG), 0)
          << "start " << start << " ended with " << status << content("err");
      ::sched_yield();
    }
    ASSERT_EQ(end_daemon(SIGTERM), 0) << content("err");
  }
}

TEST_F(ReloadTest, ABrokenFileChangesNothingButWhatIsSeen) {
  put("outages.csv", testing::rows_up_to(3));
  settings_with_page(outages());
  run_daemon();
  wait_for_rows(3);
  wait_for_gauge(1);
  EXPECT_THAT(get("/"), Not(HasSubstr("settel")));
  settings_with_page(outages() + "settel = '1s'\n");
  ::kill(daemon_, SIGHUP);
  wait_for_gauge(0);
  EXPECT_THAT(get("/"), HasSubstr("weir.toml:12:1: settel in [source.OUTAGES] is not a setting"));
  EXPECT_THAT(get("/api/v1/status"), HasSubstr("\"ok\":false"));
  put("outages.csv", testing::rows_up_to(5));
  wait_for_rows(5);
  EXPECT_EQ(::waitpid(daemon_, nullptr, WNOHANG), 0) << "the same process goes on";
  settings_with_page(outages());
  ::kill(daemon_, SIGHUP);
  wait_for_gauge(1);
  EXPECT_THAT(get("/"), Not(HasSubstr("settel")));
  EXPECT_EQ(end_daemon(SIGTERM), 0);
}

// The fault of a part that cannot be built has its place, too.
TEST_F(ReloadTest, WhatCannotBeBuiltIsToldInItsPlaceAndAllOfIt) {
  settings_with_page("");
  run_daemon();
  settings_with_page(
      "[poll.P]\nform = 'F'\ndatabase = 'sqlite3://crm.db'\ninsert = 'INSERT OR IGNORE INTO t "
      "VALUES (:idd)'\n[poll.Q]\nform = 'G'\ndatabase = 'sqlite3://crm.db'\ninsert = 'INSERT OR "
      "IGNORE INTO t VALUES (:nothing)'\n");
  const testing::Finished refused = told({"reload"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.out, HasSubstr("weir.toml:8:1: poll P cannot be built: "));
  EXPECT_THAT(refused.out, HasSubstr("weir.toml:12:1: poll Q cannot be built: "));
  EXPECT_THAT(get("/"), HasSubstr("weir.toml:8:1: poll P cannot be built"));
}

}  // namespace
}  // namespace weir
