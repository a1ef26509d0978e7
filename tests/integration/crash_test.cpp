// Processes that are killed while a call is under way.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <weir/client.h>

#include "mock_server/mock_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

class CrashTest : public ::testing::Test {
 protected:
  ClientOptions options() {
    return {.url = server_->url(),
            .company_id = 1,
            .integration_key = Secret::from_string("k", "the test"),
            .time_zone = "UTC",
            .store = folder_.file("weir.db"),
            .send_in_background = false,
            .lease_rest = 1ms};
  }

  // A weir command that keeps a change and is killed while the platform works on its call.
  void send_and_die(const Row& row) {
    server_->faults().add({.kind = mock::FaultKind::kDelay, .seconds = 60});
    const std::string changes =
        folder_.write("changes.csv", "op,id,text\nupsert," + row[0] + "," + row[1] + "\n");
    const pid_t child = testing::start(
        {std::string(WEIR_BINARIES) + "/weir", "apply", "--source", "S", "--changes", changes},
        {{"WEIR_URL", server_->url()},
         {"WEIR_COMPANY_ID", "1"},
         {"WEIR_INTEGRATION_KEY", "k"},
         {"WEIR_TIME_ZONE", "UTC"},
         {"WEIR_STORE", folder_.file("weir.db")}},
        folder_.file("out"), folder_.file("err"));
    while (server_->faults().delayed() == 0) ::sched_yield();
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    server_->faults().end_delays();
    while (server_->usage().connections != 0) ::sched_yield();
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<mock::MockServer> server_ = mock::MockServer::start(
      {.company_id = 1, .integration_key = "k", .data_sources = {{"S", {"id", "text"}}}});
};

TEST_F(CrashTest, SendsTheBatchOfAKilledProcessAgain) {
  send_and_die({"1", "a"});
  Result<Client> next = Client::open(options());
  ASSERT_TRUE(next);
  EXPECT_EQ(next->usage()->calls_today, 1) << "in doubt: spent";
  const Result<SendReport> sent = next->drain(30s);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->changes, 1);
  EXPECT_EQ(server_->rows("S"), (std::vector<Row>{{"1", "a"}}));
  EXPECT_EQ(next->usage()->calls_today, server_->usage().calls_today);
}

TEST_F(CrashTest, DeletesARowWhoseInsertMayHaveArrived) {
  {
    Result<Client> first = Client::open(options());
    ASSERT_TRUE(first->data_source("S").publish({{"0", "z"}}));
    ASSERT_TRUE(first->drain(30s));
  }
  send_and_die({"1", "a"});
  Result<Client> next = Client::open(options());
  ASSERT_TRUE(next->data_source("S").erase("1"));
  ASSERT_TRUE(next->drain(30s));
  EXPECT_EQ(server_->rows("S"), (std::vector<Row>{{"0", "z"}}));
}

TEST_F(CrashTest, FreesTheLeasesOfAKilledProcess) {
  for (int i = 0; i < 4; ++i) send_and_die({"1", std::to_string(i)});
  Result<Client> next = Client::open(options());
  EXPECT_EQ(next->usage()->open_connections, 0);
  EXPECT_TRUE(next->drain(30s));
  EXPECT_LE(server_->usage().peak_connections, 3);
}

}  // namespace
}  // namespace weir
