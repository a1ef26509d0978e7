// The bounded tier of the simulation; ./dev simulate plays any other number of seeds.
#include <gtest/gtest.h>

#include "simulation/many_seeds.h"

namespace weir::simulation {
namespace {

constexpr std::uint64_t kSeeds = 500;

// On GoogleTest's failure this is all that a reader needs.
void expect_none_broken(const Summary& summary) {
  std::printf("%s\n", in_words(summary).c_str());
  EXPECT_TRUE(summary.broken.empty()) << in_words(summary);
}

TEST(SimulationTest, BreaksNoRuleInFiveHundredOrgWeeks) {
  const Summary summary = simulate_many(
      1, kSeeds, [] { return false; }, [](const Progress&) {});
  EXPECT_EQ(summary.played, static_cast<std::int64_t>(kSeeds));
  expect_none_broken(summary);
}

TEST(SimulationTest, PlaysTheSameSeedTheSameWayEveryTime) {
  constexpr std::uint64_t kTwice = 40;
  std::uint64_t equal = 0;
  for (std::uint64_t seed = 1; seed <= kTwice; ++seed) {
    if (simulate(seed).hash == simulate(seed).hash) {
      ++equal;
    } else {
      ADD_FAILURE() << "seed " << seed;
    }
  }
  std::printf("%llu of %llu seeds played twice left the same trace\n",
              static_cast<unsigned long long>(equal), static_cast<unsigned long long>(kTwice));
}

TEST(SimulationTest, PlaysOtherSeedsOtherwise) { EXPECT_NE(simulate(1).hash, simulate(2).hash); }

// A bug that the simulation cannot see would be a hole in it.
class SeededBugTest : public ::testing::TestWithParam<int> {};

TEST_P(SeededBugTest, IsCaughtWithinThreeHundredSeeds) {
  const auto bug = static_cast<SeededBug>(GetParam());
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Outcome outcome = simulate(seed, false, bug);
    if (!outcome.violation) continue;
    EXPECT_FALSE(simulate(seed).violation) << "seed " << seed << " is broken without the bug too";
    std::printf("%s: caught by seed %llu, %s: %s\n", seeded_bug_name(bug),
                static_cast<unsigned long long>(seed), outcome.violation->rule.c_str(),
                outcome.violation->what.c_str());
    return;
  }
  ADD_FAILURE() << seeded_bug_name(bug) << " was not caught";
}

INSTANTIATE_TEST_SUITE_P(Every, SeededBugTest, ::testing::Range(1, kSeededBugs));

}  // namespace
}  // namespace weir::simulation
