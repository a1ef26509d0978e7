#include "pricing/pacing_memory.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "pacing/seconds.h"
#include "support/any_store.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using pacing::Learned;

const TimePoint kNow{24h * 1000};
const std::int64_t kSlot = pacing::slot_of(kNow) - 1;

Learned learned(std::int64_t slot, float calls, double stale = 0) {
  Learned learned;
  learned.slots[slot][3] = calls;
  learned.totals.calls[3] = calls;
  learned.totals.stale_row_seconds[5] = stale;
  return learned;
}

class PacingMemoryTest : public testing::AnyStoreTest {
 protected:
  store::Store store_ = file_.open();
  PacingMemory memory_{*store_.database};
};

TEST_P(PacingMemoryTest, KnowsNothingAtFirst) {
  EXPECT_TRUE(memory_.load(kNow).value().empty());
  EXPECT_FALSE(memory_.price().value());
}

TEST_P(PacingMemoryTest, KeepsWhatWasLearnedForTheNextProcess) {
  ASSERT_TRUE(memory_.exchange(learned(kSlot, 300, 12345), 60, kNow));
  store::Store reopened = file_.open();
  const Learned known = PacingMemory(*reopened.database).load(kNow).value();
  EXPECT_EQ(known.slots.at(kSlot)[3], 300);
  EXPECT_EQ(known.slots.at(kSlot)[4], 0);
  EXPECT_NEAR(known.totals.calls[3], 300, 0.01);
  EXPECT_NEAR(known.totals.stale_row_seconds[5], 12345, 1);
}

TEST_P(PacingMemoryTest, AddsUpWhatProcessesLearnInTheSameMinutes) {
  ASSERT_TRUE(memory_.exchange(learned(kSlot, 2), 60, kNow));
  const Learned known = memory_.exchange(learned(kSlot, 5), 60, kNow).value();
  EXPECT_EQ(known.slots.at(kSlot)[3], 7);
  EXPECT_NEAR(known.totals.calls[3], 7, 0.01);
}

TEST_P(PacingMemoryTest, KeepsPartsOfACall) {
  ASSERT_TRUE(memory_.exchange(learned(kSlot, 2.125F), 60, kNow));
  EXPECT_EQ(memory_.load(kNow).value().slots.at(kSlot)[3], 2.125F);
}

TEST_P(PacingMemoryTest, TellsOneProcessWhatAnotherHasLearned) {
  ASSERT_TRUE(memory_.exchange(learned(kSlot, 2), 60, kNow));
  EXPECT_EQ(memory_.exchange({}, 60, kNow).value().slots.at(kSlot)[3], 2);
}

TEST_P(PacingMemoryTest, ForgetsWhatIsOlderThanNineDays) {
  ASSERT_TRUE(memory_.exchange(learned(kSlot, 2), 60, kNow));
  ASSERT_TRUE(memory_.exchange({}, 60, kNow + 9 * 24h + 1h));
  EXPECT_TRUE(memory_.load(kNow).value().empty());
}

TEST_P(PacingMemoryTest, TrustsOldTotalsLess) {
  ASSERT_TRUE(memory_.exchange(learned(kSlot, 100), 60, kNow));
  EXPECT_NEAR(memory_.load(kNow + 60 * 24h).value().totals.calls[3], 100 / std::exp(1), 0.1);
}

// Ten changes of a data source, the last one now.
Learned arrivals(const std::string& source) {
  const pacing::Arrivals ten{
      .recent = {1, 8, 2}, .just_now = 4, .changes = 10, .last = pacing::seconds(kNow)};
  Learned learned;
  learned.arrivals.sources[source] = ten;
  learned.arrivals.all = ten;
  learned.arrivals.weights.came[1] = 7;
  learned.arrivals.weights.passed[4][1] = 5;
  learned.arrivals.clustering[2] = {.came = 6, .expected = 1.5};
  return learned;
}

TEST_P(PacingMemoryTest, KeepsHowTheChangesCame) {
  ASSERT_TRUE(memory_.exchange(arrivals("A"), 60, kNow));
  const pacing::LearnedArrivals known = memory_.load(kNow).value().arrivals;
  ASSERT_EQ(known.sources.size(), 1);
  const std::array<double, pacing::kChangeKinds> recent = {1, 8, 2};
  for (std::size_t kind = 0; kind < recent.size(); ++kind)
    EXPECT_NEAR(known.sources.at("A").recent.at(kind), recent.at(kind), 0.001);
  EXPECT_NEAR(known.sources.at("A").just_now, 4, 0.001);
  EXPECT_NEAR(known.sources.at("A").changes, 10, 0.001);
  EXPECT_EQ(known.sources.at("A").last, pacing::seconds(kNow));
  EXPECT_NEAR(known.all.changes, 10, 0.001);
  EXPECT_NEAR(known.weights.came[1], 7, 0.01);
  EXPECT_NEAR(known.weights.passed[4][1], 5, 0.01);
  EXPECT_NEAR(known.clustering[2].came, 6, 0.01);
  EXPECT_NEAR(known.clustering[2].expected, 1.5, 0.01);
}

TEST_P(PacingMemoryTest, KeepsManyDataSourcesWhateverTheyAreCalled) {
  Learned many = arrivals("it's; \"this\" \\ $1 -- ?");
  for (int i = 0; i < 100; ++i) many.arrivals.sources["S" + std::to_string(i)] = many.arrivals.all;
  ASSERT_TRUE(memory_.exchange(many, 60, kNow));
  const auto known = memory_.exchange(many, 60, kNow).value().arrivals.sources;
  EXPECT_EQ(known.size(), 101U);
  EXPECT_EQ(memory_.load(kNow).value().arrivals.sources.size(), 101U);
  for (const auto& [source, arrivals] : known) EXPECT_NEAR(arrivals.changes, 20, 0.001) << source;
}

TEST_P(PacingMemoryTest, AddsUpHowTheChangesCameToAllProcesses) {
  ASSERT_TRUE(memory_.exchange(arrivals("A"), 60, kNow));
  ASSERT_TRUE(memory_.exchange(arrivals("B"), 60, kNow));
  const pacing::LearnedArrivals told = memory_.exchange(arrivals("A"), 60, kNow).value().arrivals;
  EXPECT_NEAR(told.sources.at("A").changes, 20, 0.001);
  EXPECT_FALSE(told.sources.contains("B"));
  ASSERT_EQ(told.others.size(), 1U);
  EXPECT_NEAR(told.others.at("B").changes, 10, 0.001);
  EXPECT_NEAR(told.all.changes, 30, 0.001);
  EXPECT_NEAR(told.weights.came[1], 21, 0.01);
  EXPECT_NEAR(told.weights.passed[4][1], 15, 0.01);
  EXPECT_NEAR(told.clustering[2].came, 18, 0.01);
}

TEST_P(PacingMemoryTest, RecentChangesFadeUntilMoreCome) {
  ASSERT_TRUE(memory_.exchange(arrivals("A"), 60, kNow));
  Learned later = arrivals("A");
  later.arrivals.sources["A"].last += 2700;
  const auto known = memory_.exchange(later, 60, kNow + 45min).value().arrivals.sources.at("A");
  EXPECT_NEAR(known.recent[1], 8 / std::exp(1) + 8, 0.01);
  EXPECT_NEAR(known.just_now, 4 / std::exp(6) + 4, 0.01);
  EXPECT_NEAR(known.changes, 20, 0.02);
}

TEST_P(PacingMemoryTest, ForgetsADataSourceThatIsSilentForMonths) {
  ASSERT_TRUE(memory_.exchange(arrivals("A"), 60, kNow));
  ASSERT_TRUE(memory_.exchange({}, 60, kNow + 200 * 24h));
  EXPECT_TRUE(memory_.load(kNow + 200 * 24h).value().arrivals.sources.empty());
}

TEST_P(PacingMemoryTest, KeepsTheLastPriceAlsoWhenNothingMayBeSpent) {
  ASSERT_TRUE(memory_.exchange({}, 61.5, kNow));
  EXPECT_EQ(memory_.price().value()->row_seconds, 61.5);
  EXPECT_EQ(memory_.price().value()->solved_at, kNow);
  ASSERT_TRUE(memory_.exchange({}, std::numeric_limits<double>::infinity(), kNow));
  EXPECT_TRUE(std::isinf(memory_.price().value()->row_seconds));
}

TEST_P(PacingMemoryTest, KeepsAPriceThatIsDearerThanCanBeKeptAsTheDearest) {
  ASSERT_TRUE(memory_.exchange({}, 1e27, kNow));
  EXPECT_EQ(memory_.price().value()->row_seconds, 1e15);
}

WEIR_FOR_EVERY_STORE(PacingMemoryTest);

}  // namespace
}  // namespace weir
