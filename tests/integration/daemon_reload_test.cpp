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

// Where the daemon is, says the file; what is wrong with it is no daemon that is away.
TEST_F(ReloadTest, AFileThatDoesNotSayWhereTheDaemonIsIsToldByItsFault) {
  settings("state_directory = 'state'\n");
  run_daemon();
  const auto all_say = [&](const std::string& words) {
    for (const std::vector<std::string>& verb :
         {std::vector<std::string>{"reload"}, {"status"}, {"release", "A"}, {"why", "A"}}) {
      const testing::Finished refused = told(verb);
      EXPECT_EQ(refused.exit_code, 3) << verb.front() << refused.err;
      EXPECT_THAT(refused.err, HasSubstr(words)) << verb.front();
    }
  };
  settings("state_directory = 'state'\n[source.B\n");
  all_say("weir.toml:9:");
  settings("state_directory = 5\n");
  all_say("weir.toml:8:19: state_directory in [daemon] must be a text");
  settings("state_directory = '${WEIR_NO_SUCH_VARIABLE}'\n");
  all_say("weir.toml:8:19: state_directory names the environment variable");
  settings("state_directory = 'state'\n[source.B]\ncsv = 5\n");
  const testing::Finished refused = told({"reload"});
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_THAT(refused.out, HasSubstr("weir.toml:10:7: csv in [source.B] must be a text"));
  std::filesystem::remove(folder_.file("weir.toml"));
  all_say("does not exist");
  EXPECT_EQ(end_daemon(SIGTERM), 0);
}

// A program that prints the key and hangs from some time on.
class HangingSecretTest : public ReloadTest {
 protected:
  void SetUp() override {
    ReloadTest::SetUp();
    const std::string program =
        folder_.write("vault", "#!/bin/sh\nif [ -e " + folder_.file("hangs") + " ]; then touch " +
                                   folder_.file("hung") + "; exec sleep 1000; fi\ncat " +
                                   folder_.file("key") + "\n");
    ::chmod(program.c_str(), 0700);
    std::string text = organization();
    text.replace(text.find("'key'"), 5, "'exec:vault'");
    folder_.write("weir.toml", text);
  }

  pid_t begin(std::vector<std::string> words) {
    std::filesystem::remove(folder_.file("hung"));
    words.insert(words.begin(), std::string(WEIR_BINARIES) + "/weir");
    words.insert(words.end(), {"--config", folder_.file("weir.toml")});
    return testing::start(words, environment_, folder_.file("begun"), folder_.file("begun.err"));
  }
  void wait_until_it_hangs() const {
    while (!std::filesystem::exists(folder_.file("hung"))) ::sched_yield();
  }
  static int end_of(pid_t process) {
    int status = 0;
    ::waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

TEST_F(HangingSecretTest, KeepsNeitherTheStatusNorTheEndWaitingForAReload) {
  run_daemon();
  folder_.write("hangs", "");
  const pid_t reload = begin({"reload"});
  wait_until_it_hangs();
  EXPECT_EQ(told({"status"}).exit_code, 0);
  EXPECT_EQ(end_daemon(SIGTERM), 0);
  EXPECT_NE(end_of(reload), 0);
}

TEST_F(HangingSecretTest, KeepsTheEndWaitingForNoHangUp) {
  run_daemon();
  folder_.write("hangs", "");
  std::filesystem::remove(folder_.file("hung"));
  ::kill(daemon_, SIGHUP);
  wait_until_it_hangs();
  EXPECT_EQ(told({"status"}).exit_code, 0);
  EXPECT_EQ(end_daemon(SIGTERM), 0);
}

TEST_F(HangingSecretTest, EndsWithACommandThatASignalStops) {
  folder_.write("hangs", "");
  const std::string rows = folder_.write("rows.csv", testing::rows_up_to(3));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"run"}, {"check"}, {"push", "--source", "A", "--csv", rows}}) {
    const pid_t command = begin(words);
    wait_until_it_hangs();
    ::kill(command, SIGTERM);
    EXPECT_EQ(end_of(command), 128 + SIGTERM) << words.front() << content("begun.err");
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
  EXPECT_THAT(refused.out, HasSubstr("weir.toml:11:10: insert in [poll.P] cannot be used: "));
  EXPECT_THAT(refused.out, HasSubstr("weir.toml:15:10: insert in [poll.Q] cannot be used: "));
  EXPECT_THAT(get("/"), HasSubstr("weir.toml:11:10: insert in [poll.P] cannot be used"));
}

}  // namespace
}  // namespace weir
