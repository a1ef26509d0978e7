// The polling daemon as it is deployed: killed, stopped, and fed by the connector.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>

#include <fstream>
#include <set>

#include "mock_server/mock_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

class PollingDaemonTest : public ::testing::Test {
 protected:
  void run_daemon() {
    daemon_ = testing::start({std::string(WEIR_BINARIES) + "/polling-daemon"},
                             {{"WEIR_URL", server_->url()},
                              {"WEIR_COMPANY_ID", "1"},
                              {"WEIR_INTEGRATION_KEY", "k"},
                              {"WEIR_TIME_ZONE", "UTC"},
                              {"WEIR_STORE", folder_.file("weir.db")},
                              {"FORMS", "F"},
                              {"OUTPUT", folder_.file("entries")},
                              {"RECEIVER_PORT", "0"}},
                             folder_.file("out"), folder_.file("err"));
  }

  int end_daemon(int signal) const {
    ::kill(daemon_, signal);
    int status = 0;
    ::waitpid(daemon_, &status, 0);
    return status;
  }

  std::vector<std::string> lines(const std::string& name) const {
    std::ifstream file(folder_.file(name));
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  std::size_t different(const std::string& name) const {
    const auto all = lines(name);
    return std::set<std::string>(all.begin(), all.end()).size();
  }

  std::string receiver_url() const {
    for (const std::string& line : lines("err")) {
      const std::size_t at = line.find("http://127.0.0.1:");
      if (line.rfind("polling", 0) == 0 && at != std::string::npos) return line.substr(at);
    }
    return "";
  }

  void add(int first, int count) {
    const mock::Instant now = server_->clock().now();
    for (int i = first; i < first + count; ++i)
      server_->receive({{.id = "e" + std::to_string(i), .form = "F", .received = now}});
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<mock::MockServer> server_ =
      mock::MockServer::start({.company_id = 1, .integration_key = "k"});
  pid_t daemon_ = 0;
};

TEST_F(PollingDaemonTest, GoesOnAfterAKillAndLosesNothing) {
  add(0, 300);
  run_daemon();
  while (lines("entries").size() < 20) ::sched_yield();
  end_daemon(SIGKILL);
  run_daemon();
  while (different("entries") < 300) ::sched_yield();
  EXPECT_EQ(WEXITSTATUS(end_daemon(SIGTERM)), 0);
  EXPECT_LE(lines("entries").size(), 301U) << "at most the entry under way came twice";
  EXPECT_EQ(different("entries"), 300U);
}

TEST_F(PollingDaemonTest, TakesDeliveriesOfTheConnectorWithoutACall) {
  run_daemon();
  while (receiver_url().empty() || server_->usage().calls_today < 1) ::sched_yield();
  ASSERT_TRUE(server_->form_connector().set_url(receiver_url() + "/F"));
  add(0, 5);
  // The first look may still find some of them, so that their lines do not wait for the connector.
  while (server_->form_connector().state().delivered < 5 || different("entries") < 5)
    ::sched_yield();
  EXPECT_EQ(WEXITSTATUS(end_daemon(SIGINT)), 0);
  EXPECT_EQ(server_->form_connector().state().failed, 0);
  EXPECT_EQ(server_->usage().calls_today, 1) << "the first look";
}

}  // namespace
}  // namespace weir
