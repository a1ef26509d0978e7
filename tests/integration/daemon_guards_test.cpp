// What a table may not do without a person: what is held, and what looks cut off.
#include <algorithm>

#include "daemon_source_fixture.h"

namespace weir::daemon {
namespace {

using DaemonGuardsTest = DaemonFilesTest;

TEST_F(DaemonGuardsTest, ATableThatIsCutOffIsHeldUntilItIsReleased) {
  publish(40);
  replace("outages.csv", csv_of(4));
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_EQ(status().held_deletes, 36);
  EXPECT_THAT(status().what_to_do, HasSubstr("weir release OUTAGES"));
  EXPECT_EQ(waiting(), 0);
  ASSERT_TRUE(made_.task->release({}));
  turn();
  EXPECT_EQ(status().state, TaskState::kWell);
  EXPECT_EQ(waiting(), 36);
  send();
  EXPECT_EQ(rows().size(), 4U);
}

TEST_F(DaemonGuardsTest, WhatWasReleasedIsNotHeldAgainBeforeItIsSent) {
  publish(40);
  replace("outages.csv", csv_of(4));
  settle();
  ASSERT_TRUE(made_.task->release({}));
  turn();
  // Another start of the daemon reads the file again.
  make(csv());
  settle();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  // And so does a change of other rows.
  replace("outages.csv", csv_of(4, "other"));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_EQ(waiting(), 40);
}

// The next starts find an empty file, or a much shorter one: what was said of another is used up.
TEST_F(DaemonGuardsTest, AReleaseIsForOneTable) {
  for (const int rows_left : {0, 4}) {
    publish(40);
    for (int time = 1; time <= 2; ++time) {
      replace("outages.csv", csv_of(rows_left));
      settle();
      ASSERT_EQ(status().state, TaskState::kHeld) << rows_left << ", time " << time;
      ASSERT_TRUE(made_.task->release({}));
      turn();
      send();
      ASSERT_EQ(rows().size(), static_cast<std::size_t>(rows_left));
      replace("outages.csv", csv_of(40));
      settle();
      send();
      ASSERT_EQ(rows().size(), 40U);
      // Another start of the daemon, or none.
      if (time == 1) make(csv());
      settle();
    }
  }
}

TEST_F(DaemonGuardsTest, AReleaseIsUsedUpOnceItsDeletesAreAcknowledged) {
  publish(40);
  replace("outages.csv", csv_of(0));
  settle();
  ASSERT_TRUE(made_.task->release({}));
  turn();
  send();
  ASSERT_THAT(rows(), IsEmpty());
  // Another program fills the table through the same store.
  std::vector<Row> others;
  for (int i = 1; i <= 40; ++i) others.push_back({std::to_string(i), "theirs"});
  ASSERT_TRUE(client_->data_source("OUTAGES").publish(others));
  send();
  for (const Delivering delivering : {Delivering::kReal, Delivering::kOnce}) {
    make(csv(), delivering);
    settle();
    EXPECT_EQ(status().state, TaskState::kHeld);
  }
  EXPECT_EQ(rows().size(), 40U);
}

TEST_F(DaemonGuardsTest, AnotherTableBeforeTheReleasedOneIsSentEndsTheRelease) {
  publish(40);
  replace("outages.csv", csv_of(0));
  settle();
  ASSERT_TRUE(made_.task->release({}));
  turn();
  EXPECT_EQ(waiting(), 40);
  replace("outages.csv", csv_of(39));
  settle();
  EXPECT_EQ(waiting(), 1);
  make(csv());
  replace("outages.csv", csv_of(0));
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_EQ(waiting(), 1);
}

struct CutOff {
  const char* name;
  int rows;          // of 100, that are whole
  const char* rest;  // behind them
  bool is_refused;
};

class DaemonCutOffTest : public DaemonFilesTest, public ::testing::WithParamInterface<CutOff> {
 protected:
  std::string cut() const { return csv_of(GetParam().rows) + GetParam().rest; }

  bool says(const std::string& what) const {
    return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) {
      return line.find(what) != std::string::npos;
    });
  }
};

INSTANTIATE_TEST_SUITE_P(All, DaemonCutOffTest,
                         ::testing::Values(CutOff{"InACell", 77, "78,lab", true},
                                           CutOff{"BeforeACell", 70, "71,", true},
                                           CutOff{"BeforeTheLineBreak", 88, "89,label", true},
                                           CutOff{"ATenthLess", 89, "90,label", false},
                                           CutOff{"InTheEnd", 97, "98,l", false},
                                           CutOff{"InTheLastRow", 99, "100,la", false}),
                         [](const auto& cut) { return cut.param.name; });

TEST_P(DaemonCutOffTest, AFileThatLacksMoreThanATenthDeletesNothing) {
  publish(100);
  // Also at a start, which has read nothing before.
  make(csv());
  replace("outages.csv", cut());
  settle();
  EXPECT_EQ(status().state, GetParam().is_refused ? TaskState::kFailing : TaskState::kWell);
  EXPECT_TRUE(says("without a line break"));
  if (!GetParam().is_refused) return;
  EXPECT_EQ(waiting(), 0);
  EXPECT_THAT(status().error, HasSubstr("more than a tenth"));
  EXPECT_THAT(status().error,
              HasSubstr("outages.csv, line " + std::to_string(GetParam().rows + 2)));
}

TEST_P(DaemonCutOffTest, SoDoesACommandsOutput) {
  publish(100);
  folder_.write("cut", cut());
  SourceConfig config = csv();
  config.origin = CommandOrigin{.command = {"/bin/cat", folder_.file("cut")},
                                .kind = FileKind::kCsv,
                                .schedule = {.every = 10min},
                                .timeout = 20s};
  make(config);
  turn();
  EXPECT_EQ(status().state, GetParam().is_refused ? TaskState::kFailing : TaskState::kWell);
  EXPECT_TRUE(says("the output of /bin/cat"));
  if (GetParam().is_refused) {
    EXPECT_EQ(waiting(), 0);
  }
}

TEST_P(DaemonCutOffTest, SoDoesASnapshotInAFolder) {
  publish(100);
  std::filesystem::create_directory(folder_.file("drop"));
  folder_.write("drop/1.csv", cut());
  SourceConfig config = csv();
  config.origin = DirectoryOrigin{.path = folder_.file("drop"),
                                  .content = DirectoryOrigin::Content::kSnapshot,
                                  .move_to = folder_.file("done"),
                                  .failed = folder_.file("failed")};
  make(config);
  settle();
  EXPECT_EQ(std::filesystem::exists(folder_.file("failed/1.csv")), GetParam().is_refused);
  EXPECT_TRUE(says("without a line break"));
  if (GetParam().is_refused) {
    EXPECT_EQ(waiting(), 0);
  }
}

TEST_P(DaemonCutOffTest, SoDoesWhatIsServed) {
  SourceConfig config = csv();
  config.deliver = Deliver::kSync;
  replace("outages.csv", csv_of(100));
  make(config);
  settle();
  make(config);
  replace("outages.csv", cut());
  settle();
  EXPECT_EQ(status().state, GetParam().is_refused ? TaskState::kFailing : TaskState::kWell);
  int served = 0;
  EXPECT_TRUE(made_.served->read({}, [&](const Row&) -> Result<void> {
    ++served;
    return {};
  }));
  EXPECT_EQ(served, GetParam().is_refused ? 100 : GetParam().rows + 1);
}

TEST_F(DaemonGuardsTest, AGoodTableEndsTheHold) {
  publish(40);
  replace("outages.csv", csv_of(4));
  settle();
  ASSERT_EQ(status().state, TaskState::kHeld);
  replace("outages.csv", csv_of(39));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell);
  EXPECT_EQ(status().held_deletes, 0);
  EXPECT_EQ(waiting(), 1);
  EXPECT_FALSE(made_.task->release({}));
}

TEST_F(DaemonGuardsTest, ReleasesTheTableThatWasHeldAndNoOther) {
  publish(40);
  replace("outages.csv", csv_of(4));
  settle();
  folder_.write("outages.csv", "id,label\n1,a");
  ASSERT_TRUE(made_.task->release({}));
  turn();
  EXPECT_EQ(waiting(), 36);
}

TEST_F(DaemonGuardsTest, AReleaseTellsWhatBecameOfItOnceItHasBeenCarriedOut) {
  publish(40);
  replace("outages.csv", csv_of(4));
  settle();
  Result<Releasing> first = made_.task->release({});
  ASSERT_TRUE(first);
  EXPECT_NE(first->wait_for(std::chrono::seconds{0}), std::future_status::ready);
  // Another person says so as well, before the turn has come.
  Result<Releasing> second = made_.task->release({});
  ASSERT_TRUE(second);
  EXPECT_THROW(first->get(), std::future_error);
  turn();
  ASSERT_EQ(second->wait_for(std::chrono::seconds{0}), std::future_status::ready);
  EXPECT_EQ(second->get().value().deleted, 36);
}

TEST_F(DaemonGuardsTest, AReleaseThatFailsSaysWhyAndWhatIsHeldStaysSo) {
  replace("outages.csv", csv_of(4));
  make(csv({}));
  settle();
  Result<Releasing> releasing = made_.task->release(FirstPublish::kAdopt);
  ASSERT_TRUE(releasing);
  server_->faults().add({.kind = mock::FaultKind::kStatus, .count = 1, .status = 401});
  turn();
  EXPECT_EQ(releasing->get().error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(status().state, TaskState::kHeld);
}

TEST_F(DaemonGuardsTest, AReleaseWhoseTaskEndsBeforeItsTurnHasNoOutcome) {
  publish(40);
  replace("outages.csv", csv_of(4));
  settle();
  Result<Releasing> releasing = made_.task->release({});
  ASSERT_TRUE(releasing);
  made_ = {};
  EXPECT_THROW(releasing->get(), std::future_error);
}

TEST_F(DaemonGuardsTest, AnEmptyTableIsHeld) {
  publish(3);
  for (const std::string empty : {"id,label\n", ""}) {
    replace("outages.csv", empty);
    settle();
    EXPECT_EQ(status().state, TaskState::kHeld) << empty << status().error;
    EXPECT_EQ(waiting(), 0);
  }
}

TEST_F(DaemonGuardsTest, SmallTablesAreNotGuarded) {
  publish(19);
  replace("outages.csv", csv_of(1));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell);
  EXPECT_EQ(waiting(), 18);
}

TEST_F(DaemonGuardsTest, TheLimitThatIsSetCounts) {
  publish(40);
  for (const cli::DeletesLimit limit :
       {cli::DeletesLimit{.rows = 2}, cli::DeletesLimit{.percent = 5}}) {
    SourceConfig config = csv();
    config.guards.max_deletes = limit;
    replace("outages.csv", csv_of(37));
    make(config);
    settle();
    EXPECT_EQ(status().state, TaskState::kHeld) << status().error;
    replace("outages.csv", csv_of(38));
    settle();
    EXPECT_EQ(status().state, TaskState::kWell) << status().error;
    replace("outages.csv", csv_of(40));
    settle();
  }
}

}  // namespace
}  // namespace weir::daemon
