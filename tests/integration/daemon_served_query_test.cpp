// What phones get of a query that is followed and served as well.
#include "daemon_query_fixture.h"

namespace weir::daemon {
namespace {

class DaemonServedQueryTest : public DaemonQueriesTest {
 protected:
  SourceConfig both() {
    SourceConfig config = followed();
    config.deliver = Deliver::kBoth;
    return config;
  }

  std::vector<Row> served() {
    std::vector<Row> found;
    EXPECT_TRUE(made_.served->read({}, [&](const Row& row) -> Result<void> {
      found.push_back(row);
      return {};
    }));
    return found;
  }

  std::string version() { return made_.served->version()->value(); }
};

TEST_F(DaemonServedQueryTest, ServesAFollowedTableWhole) {
  put(1, "a");
  make(both());
  turn();
  put(2, "b");
  next_turn();
  EXPECT_THAT(served(), UnorderedElementsAre(Row{"1", "a"}, Row{"2", "b"}));
  send();
  // What is read again within the overlap is no reason to read all again.
  const std::string before = version();
  next_turn();
  next_turn();
  EXPECT_EQ(version(), before);
}

// The changes are kept before all is read for the phones; that fails, and may be tried by another
// process.
TEST_F(DaemonServedQueryTest, WhatPhonesHaveNotGotIsReadUntilTheyHave) {
  for (const bool restarts : {false, true}) {
    postgres().sql("DELETE FROM t; ALTER TABLE t DROP CONSTRAINT IF EXISTS t_pkey");
    postgres().sql("INSERT INTO t VALUES (1, 'a', now(), false), (2, 'b', now(), false)");
    make(both());
    turn();
    send();
    postgres().sql("INSERT INTO t VALUES (2, 'twice', now() - interval '1 day', false)");
    const std::string label = restarts ? "newer" : "new";
    postgres().sql("UPDATE t SET label = '" + label + "', updated_at = now() WHERE id = 1");
    lines_.clear();
    next_turn();
    EXPECT_EQ(status().state, TaskState::kFailing);
    EXPECT_THAT(status().error, HasSubstr("the newest changes are taken"));
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_THAT(lines_.front(), ::testing::Not(HasSubstr("othing was changed")));
    EXPECT_EQ(waiting(), 1);
    send();
    EXPECT_THAT(served(), UnorderedElementsAre(Row{"1", "a"}, Row{"2", "b"}));
    if (restarts) make(both());
    next_turn();
    EXPECT_EQ(status().state, TaskState::kFailing) << "nothing new, and still behind";
    postgres().sql("DELETE FROM t WHERE label = 'twice'");
    next_turn();
    EXPECT_EQ(status().state, TaskState::kWell) << status().error;
    EXPECT_THAT(served(), UnorderedElementsAre(Row{"1", label}, Row{"2", "b"}));
    postgres().sql("UPDATE t SET label = 'a', updated_at = now() WHERE id = 1");
    next_turn();
    send();
  }
}

TEST_F(DaemonServedQueryTest, IsReadWholeWhereAnotherHostHasTakenItOrItWasPushedAlone) {
  put(1, "a");
  make(both());
  turn();
  std::filesystem::remove(folder_.file("state/served.OUTAGES.rows"));
  make(both());
  turn();
  EXPECT_THAT(served(), ElementsAre(Row{"1", "a"}));
  make(followed());
  put(1, "b");
  next_turn();
  make(both());
  turn();
  EXPECT_THAT(served(), ElementsAre(Row{"1", "b"}));
}

TEST_F(DaemonServedQueryTest, OneThatIsHeldIsNotReadAgainBeforeSomethingHasChanged) {
  postgres().sql("INSERT INTO t SELECT i, 'a', now(), false FROM generate_series(1, 30) i");
  SourceConfig config = both();
  config.served = ServedConfig{.rule = UserRule::column("label")};
  make(config);
  turn();
  send();
  postgres().sql("UPDATE t SET label = 'b', updated_at = now()");
  next_turn();
  EXPECT_EQ(status().state, TaskState::kHeld) << status().error;
  next_turn();
  EXPECT_EQ(status().state, TaskState::kHeld) << status().error;
  EXPECT_EQ(served().front().back(), "a");
  ASSERT_TRUE(made_.task->release({}));
  turn();
  next_turn();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_EQ(served().front().back(), "b");
}

}  // namespace
}  // namespace weir::daemon
