// Snapshots of 50,000 rows whose pushes are killed with kill -9 at random moments, while answers
// are lost: the rows of the last one are there in the end, and nothing was sent that the budget
// does not know of.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <weir/client.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include "mock_server/mock_server.h"
#include "support/process.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr int kRows = 50'000;

// Of the kills that ./dev soak asks for, those that are worth a snapshot.
int kills_wanted() {
  const char* wanted = std::getenv("WEIR_KILLS");
  return wanted == nullptr ? 6 : std::max(6, std::atoi(wanted) / 200);
}

class SnapshotKillTest : public ::testing::Test {
 protected:
  testing::Environment environment() const {
    return {{"WEIR_URL", server_->url()},
            {"WEIR_COMPANY_ID", "1"},
            {"WEIR_INTEGRATION_KEY", "k"},
            {"WEIR_TIME_ZONE", "UTC"},
            {"WEIR_STORE", folder_.file("weir.db")},
            {"WEIR_CALLS_PER_DAY", "1000000"}};
  }

  std::vector<std::string> push() const {
    return {std::string(WEIR_BINARIES) + "/weir",
            "push",
            "--source",
            "S",
            "--csv",
            folder_.file("rows.csv")};
  }

  // Some rows change, some go, some come.
  void write_next_snapshot() {
    for (int i = 0; i < 2'000; ++i) {
      const std::string key = std::to_string(random_() % (kRows + 500));
      if (random_() % 10 == 0) {
        wanted_.erase(key);
      } else if (wanted_.contains(key) || wanted_.size() < kRows) {
        wanted_[key] = std::to_string(random_());
      }
    }
    std::string csv = "id,text\n";
    for (const auto& [key, text] : wanted_) csv += key + "," + text + "\n";
    folder_.write("rows.csv", csv);
  }

  // Whether it was killed before it had ended.
  bool push_and_kill(std::chrono::microseconds after) {
    const pid_t child =
        testing::start(push(), environment(), folder_.file("out"), folder_.file("err"));
    const auto until = std::chrono::steady_clock::now() + after;
    while (std::chrono::steady_clock::now() < until) ::sched_yield();
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status);
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<mock::MockServer> server_ =
      mock::MockServer::start({.company_id = 1,
                               .integration_key = "k",
                               .calls_per_day = 1'000'000,
                               .data_sources = {{"S", {"id", "text"}}}});
  std::mt19937 random_{20261126};
  std::map<std::string, std::string> wanted_;
};

TEST_F(SnapshotKillTest, BringsTheLastSnapshotAcross) {
  for (int i = 0; i < kRows; ++i) wanted_[std::to_string(i)] = "first";
  write_next_snapshot();
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(testing::run(push(), environment()).exit_code, 0);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  int killed = 0;
  for (int kill = 0; kill < kills_wanted(); ++kill) {
    write_next_snapshot();
    if (random_() % 2 == 0) server_->faults().add({.kind = mock::FaultKind::kResetAfter});
    killed += push_and_kill(std::chrono::microseconds(random_() % whole.count())) ? 1 : 0;
  }
  server_->faults().clear();
  const testing::Finished last = testing::run(push(), environment());
  ASSERT_EQ(last.exit_code, 0) << last.err;
  std::map<std::string, std::string> found;
  const auto rows = server_->rows("S").value();
  for (const Row& row : rows) EXPECT_TRUE(found.emplace(row[0], row[1]).second) << row[0];
  EXPECT_EQ(found, wanted_);
  const mock::Usage seen = server_->usage();
  std::printf("%d of %d pushes killed, %lld calls\n", killed, kills_wanted(),
              static_cast<long long>(seen.calls_today));
  EXPECT_EQ(seen.refused, 0);
  EXPECT_LE(seen.peak_connections, 3);
}

}  // namespace
}  // namespace weir
