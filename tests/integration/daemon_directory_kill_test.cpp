// Taking the files of a folder, killed at every system call of a kind: strace delivers the kill at
// the K-th one, for every K. No file is applied twice, none is left out, and none is lost.
#include <gtest/gtest.h>
#include <weir/client.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "mock_server/mock_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr const char* kStrace = "/usr/bin/strace";
constexpr int kKilled = 128 + SIGKILL;
constexpr int kFiles = 3;

class DirectoryKillTest : public ::testing::TestWithParam<std::string> {
 protected:
  DirectoryKillTest() { std::filesystem::create_directory(folder_.file("drop")); }

  // Each file sets a row of its own, and all of them row 9.
  void drop(int round) {
    std::filesystem::remove_all(folder_.file("done"));
    for (int i = 1; i <= kFiles; ++i) {
      const std::string text = std::to_string(round) + "-" + std::to_string(i);
      folder_.write(
          "drop/" + std::to_string(i) + ".csv",
          "op,id,text\nupsert," + std::to_string(i) + "," + text + "\nupsert,9," + text + "\n");
    }
  }

  int take(std::vector<std::string> before = {}) {
    before.insert(before.end(), {std::string(WEIR_BINARIES) + "/source_runner",
                                 folder_.file("weir.db"), folder_.path().string(), "directory"});
    const testing::Finished done = testing::run(before, {});
    EXPECT_TRUE(done.exit_code == 0 || done.exit_code == kKilled) << done.exit_code << done.err;
    return done.exit_code;
  }

  bool take_and_die(const std::string& call, int at) {
    return take({kStrace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                 "inject=" + call + ":signal=SIGKILL:when=" + std::to_string(at)}) == kKilled;
  }

  Client open() {
    return std::move(*Client::open({.url = server_->url(),
                                    .company_id = 1,
                                    .integration_key = Secret::from_string("k", "the test"),
                                    .time_zone = "UTC",
                                    .store = folder_.file("weir.db"),
                                    .send_in_background = false,
                                    .lease_rest = 1ms}));
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<mock::MockServer> server_ = mock::MockServer::start(
      {.company_id = 1, .integration_key = "k", .data_sources = {{"S", {"id", "text"}}}});
};

TEST_P(DirectoryKillTest, AppliesEachFileOnceWhereverItIsKilled) {
  ASSERT_TRUE(std::filesystem::exists(kStrace)) << "the Debian package strace is missing";
  drop(0);
  ASSERT_EQ(take(), 0);
  int kills = 0;
  for (int round = 1;; ++round) {
    drop(round);
    if (!take_and_die(GetParam(), round)) break;
    ++kills;
    // The rows of files that were applied and not moved yet change again: who applied the file once
    // more would undo that.
    std::vector<Row> expected;
    {
      Client client = open();
      std::vector<std::string> applied;
      const Result<std::vector<Note>> notes = client.notes("source/S/files");
      for (const Note& note : notes.value()) applied.push_back(note.name);
      for (int i = 1; i <= kFiles; ++i) {
        const std::string name = std::to_string(i) + ".csv";
        const bool is_left = std::filesystem::exists(folder_.file("drop/" + name));
        const bool is_applied = std::find(applied.begin(), applied.end(), name) != applied.end();
        std::string text = std::to_string(round) + "-" + std::to_string(i);
        if (is_left && is_applied) {
          text = "newer";
          ASSERT_TRUE(client.data_source("S").apply({Upsert{{std::to_string(i), text}}}));
        }
        expected.push_back({std::to_string(i), text});
      }
      expected.push_back({"9", std::to_string(round) + "-" + std::to_string(kFiles)});
    }
    ASSERT_EQ(take(), 0);
    EXPECT_TRUE(std::filesystem::is_empty(folder_.file("drop")));
    ASSERT_TRUE(open().drain(30s));
    std::vector<Row> rows = server_->rows("S").value();
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(rows, expected) << "killed at " << round;
  }
  EXPECT_GT(kills, 0) << "it makes no such call";
  std::printf("%s: killed at each of %d calls\n", GetParam().c_str(), kills);
}

INSTANTIATE_TEST_SUITE_P(Calls, DirectoryKillTest,
                         ::testing::Values("renameat2", "fdatasync", "pwrite64", "ftruncate"),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace weir
