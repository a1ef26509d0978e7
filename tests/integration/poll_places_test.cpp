// Where polls for form entries begin and go on, and entries that have no proper place.
#include <gtest/gtest.h>

#include "poll_fixture.h"

namespace weir {
namespace {

// A clock of the platform's that was wrong for one entry hides no other.
TEST_F(PollTest, AnEntryOfTheFutureIsHandedOverOnceAndHidesNoOther) {
  add("future", 24h * 365 * 4);
  add("before time", -Milliseconds(kStart.time_since_epoch()) - 24h * 365 * 1900);
  Client client = open();
  Result<Poll> poll = client.form_entries("F").poll(collect());
  ASSERT_TRUE(poll);
  look(client, *poll);
  EXPECT_EQ(ids_, (Ids{"before time", "future"}));
  for (int day = 1; day <= 3; ++day) {
    pass(24h);
    add("day " + std::to_string(day), 24h * day);
    look(client, *poll);
    EXPECT_EQ(ids_.back(), "day " + std::to_string(day));
  }
  EXPECT_EQ(ids_.size(), 5U);
}

// One that cannot be kept, placed or told apart holds up no other.
TEST_F(PollTest, AnOddEntryIsHandedOverOnceAndHoldsUpNoOther) {
  const std::string with_nul("n\0x", 3);
  add("1", 1ms);
  add(with_nul, 2ms);
  add(std::string("n\0y", 3), 2ms);
  add(std::string(5000, 'l'), 3ms);
  add("1970", TimePoint{} - kStart);
  add("2", 4ms);
  Client client = open();
  std::vector<FormEntry> entries;
  auto poll = client.form_entries("F").poll([&](const FormEntry& entry) -> Result<void> {
    ids_.push_back(entry.id);
    entries.push_back(entry);
    return {};
  });
  look(client, *poll);
  add("3", 5ms);
  look(client, *poll);
  ASSERT_EQ(ids_.size(), 7U);
  EXPECT_EQ(ids_[0], "1970");
  EXPECT_EQ(ids_[1], "1");
  EXPECT_NE(ids_[2], ids_[3]);
  for (const std::string& id : ids_) {
    EXPECT_EQ(id.find('\0'), std::string::npos);
    EXPECT_LE(id.size(), 1000U);
  }
  EXPECT_NE(entries[2].json.find(R"("Id":"n\u0000x")"), std::string::npos) << "as it was written";
  EXPECT_EQ((Ids{ids_[5], ids_[6]}), (Ids{"2", "3"}));
}

TEST_F(PollTest, LeavesOlderEntriesAloneWhenAskedTo) {
  add("old", -1h);
  add("new", 1ms);
  Client client = open();
  auto poll = client.form_entries("F").poll(collect(), {.since = kStart});
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"new"}));
}

TEST_F(PollTest, ATimeToBeginFromSkipsNothingOfAFormThatHasAPlace) {
  add("a", 0ms);
  {
    Client client = open();
    auto poll = client.form_entries("F").poll(collect());
    ASSERT_TRUE(client.poll_due());
  }
  pass(2h);
  add("b", 1h);
  add("c", 2h);
  Client client = open();
  auto poll = client.form_entries("F").poll(collect(), {.since = kStart + 90min});
  look(client, *poll);
  EXPECT_EQ(ids_, (Ids{"a", "b", "c"}));
}

TEST_F(PollTest, WhatWasLeftAloneIsSoForLaterProgramsToo) {
  add("old", -1h);
  add("just before", -1min);
  add("in the same second", -1ms);
  const FormPollOptions options = {.since = kStart};
  for (const int program : {1, 2, 3}) {
    Client client = open();
    auto poll =
        client.form_entries("F").poll(collect(), program == 3 ? FormPollOptions{} : options);
    look(client, *poll);
    pass(1min);
    add("new " + std::to_string(program), program * 1min);
    look(client, *poll);
  }
  EXPECT_EQ(ids_, (Ids{"new 1", "new 2", "new 3"}));
}

TEST_F(PollTest, ATimeToBeginFromMayBeYetToComeAndCostsNoMoreCalls) {
  Client client = open();
  auto poll = client.form_entries("F").poll(collect(), {.overlap = 0ms, .since = kStart + 2h});
  for (const Milliseconds at : {0ms, 3'600'000ms, 3 * 3'600'000ms}) {
    pass(kStart + at - clock_->now());
    add(std::to_string(at.count()), at);
    look(client, *poll);
  }
  EXPECT_EQ(ids_, (Ids{"10800000"}));
  EXPECT_EQ(calls(), 3);
}

}  // namespace
}  // namespace weir
