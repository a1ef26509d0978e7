#include "outbox/planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace weir::outbox {
namespace {

TEST(Planner, LetsAllListsRideTogether) {
  EXPECT_EQ(plan_calls({}, {}).calls, 0);
  EXPECT_EQ(plan_calls({.upserts = 1500, .deletes = 500, .cell_updates = 1500}, {}).calls, 1);
  EXPECT_EQ(plan_calls({.upserts = 1501, .deletes = 500}, {}).calls, 2);
  EXPECT_EQ(plan_calls({.upserts = 1, .deletes = 501}, {}).calls, 2);
}

TEST(Planner, CarriesTheFirstRowsOfAReplaceInACallOfTheirOwn) {
  EXPECT_EQ(plan_calls({.upserts = 10000, .replace = true}, {}).calls, 1);
  EXPECT_EQ(plan_calls({.upserts = 50000, .replace = true}, {}).calls, 28);
  EXPECT_EQ(plan_calls({.upserts = 0, .replace = true}, {}).calls, 1);
}

TEST(Planner, SendsKnownRowsAsUpdatesOnlyWhereThatSavesACall) {
  EXPECT_EQ(plan_calls({.upserts = 1500, .updatable = 1500}, {}).as_updates, 0);
  const CallPlan plan = plan_calls({.upserts = 3000, .updatable = 3000}, {});
  EXPECT_EQ(plan.calls, 1);
  EXPECT_EQ(plan.as_updates, 1500);
  const CallPlan useless = plan_calls({.upserts = 3000, .updatable = 3000, .deletes = 1000}, {});
  EXPECT_EQ(useless.calls, 2);
  EXPECT_EQ(useless.as_updates, 0);
}

TEST(Planner, ReplacesWhenThatIsOneCallForMany) {
  EXPECT_TRUE(replace_is_cheaper({.deletes = 49997}, 3, {}));
  EXPECT_FALSE(replace_is_cheaper({.deletes = 500}, 3, {})) << "one call either way";
  EXPECT_FALSE(replace_is_cheaper({.deletes = 5000}, 10001, {})) << "incomplete for a while";
  EXPECT_FALSE(replace_is_cheaper({.deletes = 5000}, 0, {})) << "nothing would be left";
}

// Every way to fill the lists of every call, for small limits.
class BruteForce {
 public:
  explicit BruteForce(const CallLimits& limits) : limits_(limits) {}

  std::int64_t calls(std::int64_t fresh, std::int64_t known, std::int64_t deletes,
                     std::int64_t updates) {
    if (fresh + known + deletes + updates == 0) return 0;
    const auto state = std::tuple(fresh, known, deletes, updates);
    if (const auto found = known_.find(state); found != known_.end()) return found->second;
    std::int64_t best = 1 << 20;
    for (std::int64_t f = 0; f <= std::min(fresh, limits_.upserts); ++f) {
      for (std::int64_t k = 0; k <= std::min(known, limits_.upserts - f); ++k) {
        for (std::int64_t u = 0; u <= std::min(updates, limits_.cell_updates); ++u) {
          for (std::int64_t ku = 0; ku <= std::min(known - k, limits_.cell_updates - u); ++ku) {
            const std::int64_t d = std::min(deletes, limits_.deletes);
            if (f + k + u + ku + d == 0) continue;
            best = std::min(best, 1 + calls(fresh - f, known - k - ku, deletes - d, updates - u));
          }
        }
      }
    }
    return known_[state] = best;
  }

 private:
  const CallLimits limits_;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>, std::int64_t> known_;
};

TEST(Planner, CountsTheRowsThatFollowALongReplace) {
  const CallLimits limits{.upserts = 2, .deletes = 1, .cell_updates = 2, .replace_rows = 4};
  EXPECT_TRUE(long_replace_is_cheaper({.deletes = 4}, 8, limits)) << "1 + 1 instead of 4";
  EXPECT_FALSE(long_replace_is_cheaper({.deletes = 2}, 8, limits)) << "2 calls either way";
  EXPECT_FALSE(long_replace_is_cheaper({.deletes = 9}, 0, limits)) << "never to delete all";
}

TEST(Planner, NeedsNoMoreCallsThanTheBestOfAllWays) {
  for (const CallLimits& limits : {CallLimits{.upserts = 2, .deletes = 1, .cell_updates = 2},
                                   CallLimits{.upserts = 1, .deletes = 2, .cell_updates = 3},
                                   CallLimits{.upserts = 3, .deletes = 2, .cell_updates = 1}}) {
    BruteForce brute_force(limits);
    for (std::int64_t code = 0; code < 6 * 6 * 4 * 5; ++code) {
      const std::int64_t fresh = code % 6;
      const std::int64_t known = code / 6 % 6;
      const std::int64_t deletes = code / 36 % 4;
      const std::int64_t updates = code / 144;
      const CallPlan plan = plan_calls({.upserts = fresh + known,
                                        .updatable = known,
                                        .deletes = deletes,
                                        .cell_updates = updates},
                                       limits);
      ASSERT_EQ(plan.calls, brute_force.calls(fresh, known, deletes, updates))
          << fresh << " new, " << known << " known, " << deletes << " deletes, " << updates;
    }
  }
}

}  // namespace
}  // namespace weir::outbox
