#include "polling/poll_memory.h"

#include <gtest/gtest.h>

#include "support/any_store.h"

namespace weir {
namespace {

using pacing::CommonHabits;
using pacing::SourceHabits;
using store::Statements;

class PollMemoryTest : public testing::AnyStoreTest {
 protected:
  void run(const std::string& statement) {
    ASSERT_TRUE(store_.database->write([&](Statements& sql) -> Result<void> {
      sql.run(statement);
      return {};
    }));
  }

  store::Store store_ = file_.open();
  PollMemory memory_{*store_.database};
};

SourceHabits nightly_list() {
  SourceHabits habits = {
      .usual = {.found = 2.25, .expected = 3600},
      .events = {.surprise = 9e6, .rows = 3000, .last = {.found = 3, .width = 60.5}},
      .burst = {.found = 0.1, .expected = 1.0 / 3},
      .rest = 0.7,
      .evidence = {.hours = 5.5, .burst = -6, .rest = 0.25}};
  habits.hours.since = 1'707'120'000.125;
  habits.hours.busy.fill(0.5);
  habits.hours.busy.at(47) = 24.5;
  habits.hours.seen.at(47) = {.found = 8, .expected = 0.2};
  return habits;
}

TEST_P(PollMemoryTest, KnowsNothingAtFirst) {
  EXPECT_EQ(memory_.load("form F")->usual.expected, 0);
  EXPECT_FALSE(memory_.load("form F")->hours.is_known());
  EXPECT_EQ(memory_.load_common()->hours.at(7).expected, 0);
}

TEST_P(PollMemoryTest, KeepsWhatPollsHaveLearnedForTheNextProgram) {
  CommonHabits common = {};
  common.hours.at(7) = {.found = 30, .expected = 12.5};
  common.this_hour = {.found = 4.75, .expected = 5.5};
  common.this_hour_at = 1'707'120'000.125;
  common.evidence.rest = -3;
  ASSERT_TRUE(memory_.keep("form F", {}, {}));
  ASSERT_TRUE(memory_.keep("form F", nightly_list(), common));
  ASSERT_TRUE(memory_.keep("data source F", {.usual = {.found = 9, .expected = 10}}, common));
  store::Store reopened = file_.open();
  PollMemory later(*reopened.database);
  EXPECT_EQ(later.load("data source F")->usual.found, 9);
  EXPECT_EQ(later.load_common()->hours.at(7).found, 30);
  EXPECT_EQ(later.load_common()->hours.at(7).expected, 12.5);
  EXPECT_EQ(later.load_common()->hours.at(8).found, 0);
  EXPECT_EQ(later.load_common()->this_hour.found, 4.75);
  EXPECT_EQ(later.load_common()->this_hour.expected, 5.5);
  EXPECT_EQ(later.load_common()->this_hour_at, 1'707'120'000.125);
  EXPECT_EQ(later.load_common()->evidence.rest, -3);
}

TEST_P(PollMemoryTest, KeepsEachNumberOfAPollAsItIs) {
  ASSERT_TRUE(memory_.keep("form F", nightly_list(), {}));
  const SourceHabits kept = *memory_.load("form F");
  EXPECT_EQ(kept.usual.found, 2.25);
  EXPECT_EQ(kept.usual.expected, 3600);
  EXPECT_EQ(kept.events.surprise, 9e6);
  EXPECT_EQ(kept.events.rows, 3000);
  EXPECT_EQ(kept.events.before_last.width, 0);
  EXPECT_EQ(kept.events.last.found, 3);
  EXPECT_EQ(kept.events.last.width, 60.5);
  EXPECT_EQ(kept.burst.found, 0.1);
  EXPECT_EQ(kept.burst.expected, 1.0 / 3);
  EXPECT_EQ(kept.rest, 0.7);
  EXPECT_EQ(kept.evidence.hours, 5.5);
  EXPECT_EQ(kept.evidence.burst, -6);
  EXPECT_EQ(kept.evidence.rest, 0.25);
  EXPECT_EQ(kept.hours.since, 1'707'120'000.125);
  EXPECT_EQ(kept.hours.busy, nightly_list().hours.busy);
  EXPECT_EQ(kept.hours.seen.at(47).found, 8);
  EXPECT_EQ(kept.hours.seen.at(47).expected, 0.2);
}

TEST_P(PollMemoryTest, GoesOnFromWhatAnOlderProgramHasKept) {
  run("INSERT INTO poll_rates (poll, found_milli, expected_milli) VALUES ('form F', 2250, "
      "3600000)");
  run("INSERT INTO poll_hours (hour, found_milli, expected_milli) VALUES (7, 30000, 12000)");
  EXPECT_EQ(memory_.load("form F")->usual.found, 2.25);
  EXPECT_EQ(memory_.load("form F")->usual.expected, 3600);
  EXPECT_FALSE(memory_.load("form F")->hours.is_known());
  for (const std::size_t half_hour : {14U, 15U}) {
    EXPECT_EQ(memory_.load_common()->hours.at(half_hour).found, 15);
    EXPECT_EQ(memory_.load_common()->hours.at(half_hour).expected, 6);
  }
  EXPECT_EQ(memory_.load_common()->hours.at(13).found, 0);
}

TEST_P(PollMemoryTest, BelievesTheHoursOfAnOlderProgramWhichCountedRowsOnlySoMuch) {
  run("INSERT INTO poll_hours (hour, found_milli, expected_milli) VALUES (1, 30000000, 3000000)");
  EXPECT_EQ(memory_.load_common()->hours.at(2).expected, 150);
  EXPECT_EQ(memory_.load_common()->hours.at(2).found, 1500);
}

TEST_P(PollMemoryTest, LearnsNothingFromAMessageThatIsNotWhole) {
  ASSERT_TRUE(memory_.keep("form F", nightly_list(), {}));
  run("UPDATE poll_rates SET habits = substr(habits, 1, 800)");
  run("UPDATE poll_common SET habits = substr(habits, 1, 7)");
  EXPECT_EQ(memory_.load("form F")->usual.found, 2.25) << "it has columns of its own";
  EXPECT_EQ(memory_.load("form F")->events.rows, 0);
  EXPECT_FALSE(memory_.load("form F")->hours.is_known());
  EXPECT_EQ(memory_.load_common()->hours.at(0).found, 0);
}

WEIR_FOR_EVERY_STORE(PollMemoryTest);

}  // namespace
}  // namespace weir
