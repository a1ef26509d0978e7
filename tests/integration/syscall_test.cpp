// The weir command killed at every system call of one delivery that writes, syncs, locks or sends:
// strace delivers the kill at the K-th of each kind, for every K.
#include <gtest/gtest.h>
#include <weir/client.h>

#include <filesystem>

#include "mock_server/mock_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr const char* kStrace = "/usr/bin/strace";
constexpr int kKilled = 128 + SIGKILL;

class SyscallTest : public ::testing::TestWithParam<std::string> {
 protected:
  // weir apply of two changes, killed at the K-th call of this kind. Whether it was killed.
  bool apply_and_die(const std::string& call, int at, int version) {
    const std::string text = std::to_string(version);
    const std::string second =
        version % 2 == 0 ? "upsert,2," + text + "\n" : std::string("delete,2,\n");
    const std::string changes =
        folder_.write("changes.csv", "op,id,text\nupsert,1," + text + "\n" + second);
    const testing::Finished done = testing::run(
        {kStrace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
         "inject=" + call + ":signal=SIGKILL:when=" + std::to_string(at),
         std::string(WEIR_BINARIES) + "/weir", "apply", "--source", "S", "--changes", changes},
        {{"WEIR_URL", server_->url()},
         {"WEIR_COMPANY_ID", "1"},
         {"WEIR_INTEGRATION_KEY", "k"},
         {"WEIR_TIME_ZONE", "UTC"},
         {"WEIR_STORE", folder_.file("weir.db")}});
    EXPECT_TRUE(done.exit_code == 0 || done.exit_code == kKilled) << done.exit_code << done.err;
    return done.exit_code == kKilled;
  }

  static std::vector<Row> rows_of(int version) {
    const std::string text = std::to_string(version);
    std::vector<Row> rows = {{"1", text}};
    if (version % 2 == 0) rows.push_back({"2", text});
    return rows;
  }

  // What was left is sent; the platform then has all of the new version or all of the old one.
  bool settles_as(int version, int before) {
    Result<Client> client = Client::open({.url = server_->url(),
                                          .company_id = 1,
                                          .integration_key = Secret::from_string("k", "the test"),
                                          .time_zone = "UTC",
                                          .store = folder_.file("weir.db"),
                                          .send_in_background = false,
                                          .lease_rest = 1ms});
    EXPECT_TRUE(client) << client.error().message;
    if (!client) return false;
    const Result<SendReport> sent = client->drain(30s);
    EXPECT_TRUE(sent) << sent.error().message;
    EXPECT_GE(client->usage()->calls_today, server_->usage().calls_today);
    const auto rows = server_->rows("S").value();
    EXPECT_TRUE(rows == rows_of(version) || rows == rows_of(before)) << "version " << version;
    return rows == rows_of(version);
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<mock::MockServer> server_ = mock::MockServer::start(
      {.company_id = 1, .integration_key = "k", .data_sources = {{"S", {"id", "text"}}}});
};

TEST_P(SyscallTest, IsWholeOrAbsentWhereverItIsKilled) {
  ASSERT_TRUE(std::filesystem::exists(kStrace)) << "the Debian package strace is missing";
  int before = 2;
  ASSERT_FALSE(apply_and_die(GetParam(), 60'000, before));
  int kills = 0;
  for (int version = 3;; ++version) {
    if (!apply_and_die(GetParam(), version - 2, version)) break;
    ++kills;
    if (settles_as(version, before)) before = version;
  }
  EXPECT_GT(kills, 0) << "the command makes no such call";
  std::printf("%s: killed at each of %d calls\n", GetParam().c_str(), kills);
}

INSTANTIATE_TEST_SUITE_P(Calls, SyscallTest,
                         ::testing::Values("openat", "pwrite64", "fdatasync", "fcntl", "ftruncate",
                                           "sendto"),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace weir
