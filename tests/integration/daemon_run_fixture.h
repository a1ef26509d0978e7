// DaemonRunTest: `weir run` in a process of its own, with a weir.toml of one organization, against
// the real mock server.
#pragma once

#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "cli_fixture.h"

namespace weir::testing {

class DaemonRunTest : public CliTest {
 protected:
  void SetUp() override {
    start();
    environment_.clear();
    folder_.write("key", std::string(kCanary) + "\n");
    ::chmod(folder_.file("key").c_str(), 0600);
  }
  void TearDown() override {
    if (daemon_ > 0) end_daemon(SIGKILL);
  }

  std::string organization() const {
    return "url = '" + server_->url() +
           "'\ncompany_id = 7\ntime_zone = 'America/Los_Angeles'\n"
           "integration_key_file = 'key'\nstore = 'weir.db'\n[daemon]\nlisten = ''\n";
  }
  static std::string outages() {
    return "[source.OUTAGES]\ncsv = 'outages.csv'\nfirst = 'replace'\ndeadline = '1s'\n";
  }
  // With a status page, whose address run_daemon() prints.
  void settings_with_page(const std::string& more) {
    std::string text = organization();
    text.replace(text.find("listen = ''"), 11, "listen = '127.0.0.1:0'");
    folder_.write("weir.toml", text + more);
  }
  void settings(const std::string& more) { folder_.write("weir.toml", organization() + more); }

  void run_daemon() {
    std::filesystem::remove(folder_.file("out"));
    std::filesystem::remove(folder_.file("err"));
    daemon_ = testing::start(
        {std::string(WEIR_BINARIES) + "/weir", "run", "--config", folder_.file("weir.toml")},
        environment_, folder_.file("out"), folder_.file("err"));
    while (!has(content("out"), "ready\n")) {
      ASSERT_EQ(::waitpid(daemon_, nullptr, WNOHANG), 0) << content("err");
      ::sched_yield();
    }
  }

  int end_daemon(int signal) {
    ::kill(daemon_, signal);
    int status = 0;
    ::waitpid(daemon_, &status, 0);
    daemon_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string content(const std::string& name) const {
    std::ifstream file(folder_.file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  Finished told(const std::vector<std::string>& words) {
    std::vector<std::string> all = words;
    all.insert(all.end(), {"--config", folder_.file("weir.toml")});
    return weir(all);
  }

  // As an export writes it: beside, and then moved in its place.
  void put(const std::string& name, const std::string& rows) {
    folder_.write("new", rows);
    std::filesystem::rename(folder_.file("new"), folder_.file(name));
  }

  void wait_for_rows(std::size_t count) const {
    while (server_->rows("OUTAGES").value().size() != count) ::sched_yield();
  }

  pid_t daemon_ = 0;
};

}  // namespace weir::testing
