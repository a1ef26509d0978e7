// The proof of the budget: many processes on one ledger, killed at random, against the real mock
// server; the day's calls are granted exactly, and never a fourth connection is opened.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>

#include <filesystem>
#include <random>

#include "budget/ledger.h"
#include "mock_server/mock_server.h"
#include "os/process.h"
#include "support/any_store.h"
#include "support/isolated_network.h"

namespace weir::budget {
namespace {

using testing::StoreKind;

constexpr std::int64_t kCap = 2500;
constexpr int kProcesses = 32;
constexpr int kKills = 150;

// A zone in which it is about noon now: a midnight on the way would begin another day's calls.
std::string zone_at_noon() {
  const auto now = std::chrono::system_clock::now();
  const auto hour =
      std::chrono::floor<std::chrono::hours>(now - std::chrono::floor<std::chrono::days>(now));
  const auto ahead = 12 - hour.count();
  // The signs of these names are those of POSIX: west is positive.
  return "Etc/GMT" + std::string(ahead >= 0 ? "-" : "+") + std::to_string(std::abs(ahead));
}

class BudgetProof : public testing::AnyStoreTest {
 protected:
  pid_t start_spender() {
    std::vector<std::string> command = {std::string(WEIR_BINARIES) + "/budget_spender",
                                        file_.location(),
                                        std::to_string(kCap),
                                        folder_.file("answers"),
                                        zone_,
                                        server_->url()};
    return testing::start(command, {{"TZ", "UTC"}}, folder_.file("out"), folder_.file("err"));
  }

  std::int64_t answers() const {
    std::error_code none_yet;
    const auto size = std::filesystem::file_size(folder_.file("answers"), none_yet);
    return none_yet ? 0 : static_cast<std::int64_t>(size);
  }

  void wait_for_answers(std::int64_t many) const {
    while (answers() < many) ::sched_yield();
  }

  // Kills one of them after every few answers and starts another in its place.
  void kill_at_random(std::vector<pid_t>& spenders) {
    std::mt19937 random(20240205);
    for (int kill = 0; kill < kKills; ++kill) {
      wait_for_answers((kill + 1) * (kCap - 400) / kKills);
      pid_t& victim = spenders[random() % spenders.size()];
      ASSERT_EQ(::kill(victim, SIGKILL), 0);
      ASSERT_EQ(::waitpid(victim, nullptr, 0), victim);
      victim = start_spender();
    }
  }

  static void expect_all_finish(const std::vector<pid_t>& spenders) {
    for (const pid_t spender : spenders) {
      int status = 0;
      ASSERT_EQ(::waitpid(spender, &status, 0), spender);
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    }
  }

  testing::TemporaryFolder folder_;
  const std::string zone_ = zone_at_noon();
  std::unique_ptr<mock::MockServer> server_ =
      mock::MockServer::start({.company_id = 1,
                               .integration_key = "k",
                               .time_zone = zone_,
                               .data_sources = {{"S", {"id", "text"}}}});
};

TEST_P(BudgetProof, GrantsExactlyTheDaysCallsToManyProcessesThatAreKilledAtRandom) {
  std::vector<pid_t> spenders;
  for (int i = 0; i < kProcesses; ++i) spenders.push_back(start_spender());
  kill_at_random(spenders);
  expect_all_finish(spenders);

  store::Store store = file_.open();
  Ledger ledger(store, system_clock(), OrgCalendar::open(zone_).value(),
                {.calls_per_day = kCap, .host = os::host_id()});
  const std::int64_t granted = ledger.usage()->calls_today;
  const mock::Usage seen = server_->usage();
  std::printf(
      "%d processes, %d killed: %lld calls granted of %lld, %lld seen by the platform, %lld "
      "refused, at most %d connections\n",
      kProcesses, kKills, static_cast<long long>(granted), static_cast<long long>(kCap),
      static_cast<long long>(seen.calls_today), static_cast<long long>(seen.refused),
      seen.peak_connections);
  EXPECT_EQ(granted, kCap);
  EXPECT_LE(seen.calls_today, kCap);
  EXPECT_GE(seen.calls_today, kCap - kKills) << "a killed process may have spent a call unsent";
  EXPECT_EQ(seen.refused, 0);
  EXPECT_LE(seen.peak_connections, 3);
}

WEIR_FOR_EVERY_STORE(BudgetProof);

TEST(BudgetProofOverHosts, GrantsExactlyTheDaysCallsWhileTheDatabaseServerIsKilledAndRestarted) {
  constexpr int kProcessesPerHost = 8;
  constexpr int kCrashes = 8;
  constexpr int kHosts = 2;
  const testing::IsolatedNetwork network(kHosts);
  if (!network.problem().empty())
    GTEST_SKIP() << "no networks of its own here: " << network.problem();
  const testing::TemporaryFolder folder;
  const std::string zone = zone_at_noon();
  testing::PostgresServer postgres;
  postgres.open_to(testing::IsolatedNetwork::addresses());
  std::vector<pid_t> spenders;
  for (int host = 0; host < kHosts; ++host) {
    const std::string url = "postgresql://weir@" + testing::IsolatedNetwork::seen_from(host) + ":" +
                            postgres.port() + "/postgres";
    const std::vector<std::string> command =
        network.on_host(host, {std::string(WEIR_BINARIES) + "/budget_spender", url,
                               std::to_string(kCap), folder.file("answers"), zone});
    for (int i = 0; i < kProcessesPerHost; ++i)
      spenders.push_back(testing::start(command, {}, folder.file("out"), folder.file("err")));
  }
  const auto answers = [&] {
    std::error_code none_yet;
    const auto size = std::filesystem::file_size(folder.file("answers"), none_yet);
    return none_yet ? 0 : static_cast<std::int64_t>(size);
  };
  for (int crash = 1; crash <= kCrashes; ++crash) {
    while (answers() < crash * (kCap - 300) / kCrashes) ::sched_yield();
    postgres.stop("immediate");
    postgres.start();
  }
  for (const pid_t spender : spenders) {
    int status = 0;
    ASSERT_EQ(::waitpid(spender, &status, 0), spender);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  store::Store store = store::open_store({.location = postgres.url()}).value();
  Ledger ledger(store, system_clock(), OrgCalendar::open(zone).value(),
                {.calls_per_day = kCap, .host = os::host_id()});
  const std::int64_t granted = ledger.usage()->calls_today;
  std::printf(
      "2 hosts of %d processes, %d crashes of the server: %lld calls granted of %lld, %lld "
      "made\n",
      kProcessesPerHost, kCrashes, static_cast<long long>(granted), static_cast<long long>(kCap),
      static_cast<long long>(answers()));
  EXPECT_EQ(granted, kCap);
  EXPECT_LE(answers(), kCap);
  EXPECT_GE(answers(), kCap - kCrashes * 3) << "a crash may lose the answer to a commit";
}

}  // namespace
}  // namespace weir::budget
