#include "poll_memory.h"

#include <gtest/gtest.h>

#include "support/any_store.h"

namespace weir {
namespace {

using pacing::ChangesSeen;
using pacing::HoursSeen;

class PollMemoryTest : public testing::AnyStoreTest {
 protected:
  store::Store store_ = file_.open();
  PollMemory memory_{*store_.database};
};

TEST_P(PollMemoryTest, KnowsNothingAtFirst) {
  EXPECT_EQ(memory_.load("form F")->expected, 0);
  EXPECT_EQ(memory_.load_hours()->at(7).expected, 0);
}

TEST_P(PollMemoryTest, KeepsWhatPollsHaveLearnedForTheNextProgram) {
  HoursSeen hours = {};
  hours.at(7) = {.found = 30, .expected = 12.5};
  ASSERT_TRUE(memory_.keep("form F", {.found = 1, .expected = 1}, {}));
  ASSERT_TRUE(memory_.keep("form F", {.found = 2.25, .expected = 3600}, hours));
  ASSERT_TRUE(memory_.keep("data source F", {.found = 9, .expected = 10}, hours));
  store::Store reopened = file_.open();
  PollMemory later(*reopened.database);
  EXPECT_EQ(later.load("form F")->found, 2.25);
  EXPECT_EQ(later.load("form F")->expected, 3600);
  EXPECT_EQ(later.load("data source F")->found, 9);
  EXPECT_EQ(later.load_hours()->at(7).found, 30);
  EXPECT_EQ(later.load_hours()->at(7).expected, 12.5);
  EXPECT_EQ(later.load_hours()->at(8).found, 0);
}

WEIR_FOR_EVERY_STORE(PollMemoryTest);

}  // namespace
}  // namespace weir
