// What phones get of a data source: no table that cannot be served, none that takes their rows
// without a person, and none that stays behind what was taken.
#include <weir/foreign_words.h>

#include <algorithm>

#include "daemon_source_fixture.h"

namespace weir::daemon {
namespace {

using Content = DirectoryOrigin::Content;
using Done = DirectoryOrigin::Done;

class DaemonServedTest : public DaemonFilesTest {
 protected:
  // Each row is for the user in its label.
  SourceConfig of_users(Deliver deliver) {
    SourceConfig config = csv();
    config.deliver = deliver;
    config.served = ServedConfig{.rule = UserRule::column("label")};
    return config;
  }

  SourceConfig dropped(Deliver deliver, Done done = Done::kMove) {
    SourceConfig config = csv();
    config.deliver = deliver;
    config.served = ServedConfig{.rule = UserRule::same_rows_for_all()};
    config.origin = DirectoryOrigin{.path = folder_.file("drop"),
                                    .content = Content::kSnapshot,
                                    .done = done,
                                    .move_to = folder_.file("done"),
                                    .failed = folder_.file("failed")};
    std::filesystem::create_directory(folder_.file("drop"));
    return config;
  }

  void drop(const std::string& name, const std::string& content) {
    folder_.write("part", content);
    std::filesystem::rename(folder_.file("part"), folder_.file("drop/" + name));
  }

  void serve(const SourceConfig& config, const std::string& content) {
    replace("outages.csv", content);
    make(config);
    settle();
    if (config.deliver == Deliver::kBoth) send();
    ASSERT_EQ(status().state, TaskState::kWell) << status().error;
  }

  std::vector<Row> served() {
    std::vector<Row> found;
    EXPECT_TRUE(made_.served->read({}, [&](const Row& row) -> Result<void> {
      found.push_back(row);
      return {};
    }));
    return found;
  }

  // Nothing can be put there, as when a process ends right before it.
  void block(const std::string& name) {
    std::filesystem::remove(folder_.file("state/" + name));
    std::filesystem::create_directories(folder_.file("state/" + name + "/in the way"));
  }
  void unblock(const std::string& name) {
    std::filesystem::remove_all(folder_.file("state/" + name));
  }

  std::string log() const {
    std::string all;
    for (const std::string& line : lines_) all += without_foreign_words(line) + "\n";
    return all;
  }
};

const std::vector<Row> kBefore = {{"1", "ada@x"}, {"2", "bob@x"}};
constexpr const char* kGood = "id,label\n1,ada@x\n2,bob@x\n";

struct BadTable {
  const char* name;
  const char* text;
  const char* said;
};

class DaemonUnservableTest : public DaemonServedTest,
                             public ::testing::WithParamInterface<BadTable> {};

INSTANTIATE_TEST_SUITE_P(
    All, DaemonUnservableTest,
    ::testing::Values(BadTable{"AKeyTwice", "id,label\nK17,ada@x\n2,bob@x\nK17,eve@x\n", "row 1"},
                      BadTable{"AnEmptyKey", "id,label\n1,ada@x\n,bob@x\n", "is empty"},
                      BadTable{"AKeyOfBlanks", "id,label\n1,ada@x\n  ,bob@x\n", "only blanks"},
                      BadTable{"NoUserColumn", "id,crew\n1,ada@x\n2,bob@x\n", "column 'label'"},
                      BadTable{"NoHeader", "1,ada@x\n2,bob@x\n", "must name the columns"},
                      BadTable{"NothingAtAll", "", "no columns"}),
    [](const auto& table) { return table.param.name; });

TEST_P(DaemonUnservableTest, IsRefusedAndTheRowsOfBeforeAreServed) {
  for (const Deliver deliver : {Deliver::kSync, Deliver::kBoth}) {
    const SourceConfig config = of_users(deliver);
    serve(config, kGood);
    // Also after a start, which has read nothing before.
    for (int starts = 0; starts < 2; ++starts) {
      replace("outages.csv", GetParam().text);
      settle();
      EXPECT_EQ(status().state, TaskState::kFailing);
      EXPECT_THAT(status().error, HasSubstr(GetParam().said));
      EXPECT_EQ(served(), kBefore);
      EXPECT_EQ(waiting(), 0);
      make(config);
    }
  }
  EXPECT_THAT(log(), ::testing::Not(HasSubstr("K17")));
  EXPECT_THAT(log(), ::testing::Not(HasSubstr("ada@x")));
}

TEST_F(DaemonServedTest, ATableWithoutTheColumnsThatAreSentIsRefused) {
  for (const std::vector<std::string>& columns :
       {std::vector<std::string>{"id", "priority"}, std::vector<std::string>{"label", "id"}}) {
    SourceConfig config = of_users(Deliver::kBoth);
    config.served->columns = columns;
    replace("outages.csv", kGood);
    make(config);
    settle();
    EXPECT_EQ(status().state, TaskState::kFailing);
    EXPECT_THAT(status().error, HasSubstr("column"));
    EXPECT_EQ(waiting(), 0);
  }
}

// A table of `rows` rows, the first `others` of which are eve's.
std::string table_of(int rows, int others, const std::string& user = "ada@x") {
  std::string text = "id,label\n";
  for (int i = 1; i <= rows; ++i)
    text += std::to_string(i) + "," + (i <= others ? "eve@x" : user) + "\n";
  return text;
}

class DaemonUserGuardTest : public DaemonServedTest,
                            public ::testing::WithParamInterface<Deliver> {};

INSTANTIATE_TEST_SUITE_P(All, DaemonUserGuardTest,
                         ::testing::Values(Deliver::kSync, Deliver::kBoth),
                         [](const auto& deliver) {
                           return deliver.param == Deliver::kSync ? "Sync" : "Both";
                         });

TEST_P(DaemonUserGuardTest, ATableThatLeavesNobodyAnyRowIsHeldUntilItIsReleased) {
  serve(of_users(GetParam()), kGood);
  replace("outages.csv", "id,label\n1,\n2,\n");
  for (int starts = 0; starts < 2; ++starts) {
    settle();
    EXPECT_EQ(status().state, TaskState::kHeld) << status().error;
    EXPECT_EQ(status().held_deletes, 2);
    EXPECT_THAT(status().error, HasSubstr("no row has a user in label"));
    EXPECT_EQ(served(), kBefore);
    EXPECT_EQ(waiting(), 0);
    if (starts == 0) make(of_users(GetParam()));
  }
  ASSERT_TRUE(made_.task->release({}));
  turn();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_THAT(served(), ElementsAre(Row{"1", ""}, Row{"2", ""}));
  EXPECT_EQ(waiting(), GetParam() == Deliver::kBoth ? 2 : 0);
  // Which another start does not hold again.
  make(of_users(GetParam()));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
}

TEST_P(DaemonUserGuardTest, RowsThatGoToAnotherUserCountAsDeleted) {
  serve(of_users(GetParam()), table_of(30, 0));
  replace("outages.csv", table_of(30, 16));
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_EQ(status().held_deletes, 16);
  EXPECT_EQ(served().front(), (Row{"1", "ada@x"}));
  EXPECT_EQ(waiting(), 0);
  replace("outages.csv", table_of(30, 15));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  // Who counts as the same user sees the same rows.
  replace("outages.csv", table_of(30, 15, " ADA@x"));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
}

TEST_P(DaemonUserGuardTest, TheLimitThatIsSetCountsForUsersAsWell) {
  SourceConfig config = of_users(GetParam());
  config.guards.max_deletes = cli::DeletesLimit{.percent = 100};
  serve(config, table_of(30, 0));
  replace("outages.csv", table_of(30, 30));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  config.guards.max_deletes = cli::DeletesLimit{.rows = 2};
  serve(config, table_of(30, 30));
  replace("outages.csv", table_of(30, 27));
  settle();
  EXPECT_EQ(status().state, TaskState::kHeld);
}

TEST_P(DaemonUserGuardTest, RowsThatNobodyHadAreNotCounted) {
  serve(of_users(GetParam()), table_of(30, 2, ""));
  replace("outages.csv", table_of(30, 1, "bob@x"));
  settle();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
}

// The process ends after a snapshot was taken and before phones can get it, or the disk is full.
TEST_P(DaemonUserGuardTest, ASnapshotIsDoneWithOnceItIsServed) {
  const SourceConfig config = dropped(GetParam());
  make(config);
  drop("1.csv", "id,label\n1,one\n");
  settle();
  ASSERT_EQ(served(), (std::vector<Row>{{"1", "one"}})) << status().error;
  drop("2.csv", "id,label\n1,two\n");
  block("served.OUTAGES.rows");
  settle();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_EQ(served(), (std::vector<Row>{{"1", "one"}}));
  EXPECT_TRUE(std::filesystem::exists(folder_.file("drop/2.csv")));
  unblock("served.OUTAGES.rows");
  make(config);
  settle();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_EQ(served(), (std::vector<Row>{{"1", "two"}}));
  EXPECT_TRUE(std::filesystem::exists(folder_.file("done/2.csv")));
  EXPECT_EQ(waiting(), GetParam() == Deliver::kBoth ? 1 : 0);
}

TEST_P(DaemonUserGuardTest, ATableThatFindsNoRoomChangesNothing) {
  serve(of_users(GetParam()), kGood);
  block("served.OUTAGES.rows.next");
  replace("outages.csv", "id,label\n1,ada@x\n2,bob@x\n3,eve@x\n");
  settle();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_EQ(served(), kBefore);
  EXPECT_EQ(waiting(), 0);
  unblock("served.OUTAGES.rows.next");
  clock_->advance(61s);
  turn();
  EXPECT_EQ(served().size(), 3U);
}

TEST_P(DaemonUserGuardTest, AReleaseThatFindsNoRoomStaysHeld) {
  serve(of_users(GetParam()), kGood);
  replace("outages.csv", "id,label\n");
  settle();
  for (const std::string place : {"served.OUTAGES.rows.next", "served.OUTAGES.rows"}) {
    block(place);
    ASSERT_TRUE(made_.task->release({}));
    turn();
    EXPECT_EQ(status().state, TaskState::kHeld);
    EXPECT_EQ(served(), kBefore);
    unblock(place);
  }
  ASSERT_TRUE(made_.task->release({}));
  turn();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_THAT(served(), IsEmpty());
}

TEST_P(DaemonUserGuardTest, AKeptSnapshotThatWasPushedAloneIsServedAsSoonAsItIsToBe) {
  make(dropped(Deliver::kPush, Done::kKeep));
  drop("1.csv", "id,label\n1,one\n");
  settle();
  send();
  make(dropped(GetParam(), Done::kKeep));
  settle();
  EXPECT_EQ(served(), (std::vector<Row>{{"1", "one"}}));
  // For a while it is pushed alone again.
  make(dropped(Deliver::kPush, Done::kKeep));
  drop("2.csv", "id,label\n1,two\n");
  settle();
  make(dropped(GetParam(), Done::kKeep));
  settle();
  EXPECT_EQ(served(), (std::vector<Row>{{"1", "two"}}));
}

}  // namespace
}  // namespace weir::daemon
