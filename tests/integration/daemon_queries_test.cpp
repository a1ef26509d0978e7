// Queries of a real PostgreSQL: whole and followed, with commits that come late.
#include <atomic>
#include <thread>

#include "daemon/once/store_place.h"
#include "daemon_query_fixture.h"

namespace weir::daemon {
namespace {

TEST_F(DaemonQueriesTest, AStoreThatIsNotThereIsNotMadeByALook) {
  const std::string store = postgres().url("kept");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(store_is_there(store).value(), false);
  ClientOptions options = client_options();
  options.store = store;
  options.clock = {};
  ASSERT_TRUE(Client::open(std::move(options)));
  EXPECT_EQ(store_is_there(store).value(), true);
  EXPECT_FALSE(store_is_there("postgresql://weir@127.0.0.1:1/none"));
}

TEST_F(DaemonQueriesTest, AWholeQueryIsReadAtTheStartAndEachMinute) {
  put(1, "a");
  make(whole());
  EXPECT_EQ(turn(), clock_->now() + 1min);
  send();
  EXPECT_THAT(rows(), ElementsAre(Row{"1", "a"}));
  put(2, "b");
  turn();
  EXPECT_EQ(waiting(), 0);
  next_turn();
  EXPECT_EQ(waiting(), 1);
}

TEST_F(DaemonQueriesTest, AQueryThatFailsInMidStreamChangesNothing) {
  put(1, "a");
  put(2, "b");
  make(whole());
  turn();
  send();
  make(whole("SELECT id, label || 1 / (2 - id) AS label FROM t ORDER BY id"));
  turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("division by zero"));
  EXPECT_EQ(waiting(), 0);
}

TEST_F(DaemonQueriesTest, ATimeoutEndsTheQueryInTheServer) {
  make(whole("SELECT 1 AS id, pg_sleep(600)::text AS label", 300ms));
  turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_THAT(status().error, HasSubstr("timeout of the [source.ID]"));
  EXPECT_EQ(postgres().sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query "
                           "LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"),
            "0\n");
}

TEST_F(DaemonQueriesTest, AStopEndsTheQueryAndIsNoFailure) {
  make(whole("SELECT 1 AS id, pg_sleep(600)::text AS label", 600s));
  std::stop_source stop;
  std::thread turn([&] { made_.task->run(stop.get_token()); });
  while (postgres().sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query "
                        "LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()") == "0\n")
    std::this_thread::yield();
  stop.request_stop();
  turn.join();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
}

TEST_F(DaemonQueriesTest, APasswordOfItsOwnFileShowsNowhere) {
  SourceConfig config = whole();
  std::get<QueryOrigin>(*config.origin).database = {
      .address = "postgresql://reader@127.0.0.1:1/crm",
      .password = Secret::from_string("CANARY%?@'}\\", "the test")};
  make(config);
  turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  EXPECT_EQ(status().error.find("CANARY"), std::string::npos) << status().error;
}

TEST_F(DaemonQueriesTest, AFollowedQueryPublishesWholeAndThenAppliesWhatIsNew) {
  put(1, "a", 100'000);
  put(2, "b", 50);
  put(3, "gone", 50, true);
  make(followed());
  turn();
  send();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_THAT(rows(), UnorderedElementsAre(Row{"1", "a"}, Row{"2", "b"}));
  put(2, "b2");
  put(4, "d");
  put(1, "a", 0, true);
  next_turn();
  EXPECT_EQ(waiting(), 3);
  send();
  EXPECT_THAT(rows(), UnorderedElementsAre(Row{"2", "b2"}, Row{"4", "d"}));
}

TEST_F(DaemonQueriesTest, FindsLateCommitsWithinTheOverlapAndOthersByReconciliation) {
  put(1, "a");
  make(followed());
  turn();
  // It committed late, though within the overlap, and shares its moment with no other.
  put(2, "late", 300);
  // So late that only a reconciliation finds it.
  put(3, "too late", 4000);
  next_turn();
  EXPECT_EQ(waiting(), 2);
  postgres().sql("DELETE FROM t WHERE id = 1");
  next_turn();
  EXPECT_EQ(waiting(), 2);
  next_turn(24h);
  send();
  EXPECT_THAT(rows(), UnorderedElementsAre(Row{"2", "late"}, Row{"3", "too late"}));
}

TEST_F(DaemonQueriesTest, AReconciliationTellsWhatFollowingHasMissed) {
  for (int id = 1; id <= 3; ++id) put(id, "a");
  make(followed());
  turn();
  send();
  put(4, "late", 4000);
  put(5, "in time");
  postgres().sql("DELETE FROM t WHERE id = 1");
  next_turn(24h);
  EXPECT_EQ(made_.task->reconciled(), 2);
  EXPECT_THAT(lines_, ::testing::Contains(HasSubstr("longer overlap")));
  EXPECT_EQ(waiting(), 3);
  next_turn(24h);
  EXPECT_EQ(made_.task->reconciled(), 2);
}

TEST_F(DaemonQueriesTest, TheNextProcessGoesOnWhereThisOneWas) {
  put(1, "a", 4000);
  put(2, "b");
  make(followed());
  turn();
  send();
  made_ = {};
  open();
  // Behind the overlap: a process that read all rows again would see it.
  put(3, "late", 4000);
  put(4, "d");
  make(followed());
  turn();
  EXPECT_EQ(waiting(), 1);
}

TEST_F(DaemonQueriesTest, AQueryThatWasChangedIsReadWhole) {
  put(1, "a", 4000);
  make(followed());
  turn();
  send();
  put(3, "late", 4000);
  SourceConfig config = followed();
  std::get<QueryOrigin>(*config.origin).query += " AND true";
  make(config);
  turn();
  EXPECT_EQ(waiting(), 1);
}

TEST_F(DaemonQueriesTest, AReadingThatFailsDoesNotMoveThePlace) {
  put(1, "a");
  make(followed());
  turn();
  send();
  put(2, "b");
  put(3, "c");
  postgres().sql("ALTER TABLE t RENAME TO u");
  next_turn();
  EXPECT_EQ(status().state, TaskState::kFailing);
  postgres().sql("ALTER TABLE u RENAME TO t");
  next_turn();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  EXPECT_EQ(waiting(), 2);
}

TEST_F(DaemonQueriesTest, RowsWithoutAVersionAreCountedAndNamedOnce) {
  put(1, "a");
  postgres().sql(
      "INSERT INTO t VALUES (7, 'never', NULL, false), (8, 'ahead', '9999-12-31', false)");
  SourceConfig config = followed();
  std::get<QueryOrigin>(*config.origin).query =
      "SELECT id, label, updated_at, deleted FROM t WHERE updated_at > :since OR updated_at IS "
      "NULL";
  make(config);
  turn();
  put(2, "b");
  next_turn();
  next_turn();
  EXPECT_EQ(waiting(), 4);
  EXPECT_EQ(std::count_if(lines_.begin(), lines_.end(),
                          [](const std::string& line) {
                            return line.find("1 rows have no version") != std::string::npos;
                          }),
            1);
  EXPECT_THAT(lines_, ::testing::Contains(HasSubstr("in the future")));
}

// Hours ahead by a wrong clock or zone: what changes before then must be seen all the same.
TEST_F(DaemonQueriesTest, AVersionThatIsHoursAheadHidesNoLaterChange) {
  for (const std::string form : {"updated_at", "extract(epoch FROM updated_at)::bigint"}) {
    for (int id = 1; id <= 4; ++id) put(id, "before", 60);
    SourceConfig config = followed(5s, {});
    std::get<QueryOrigin>(*config.origin).query =
        "SELECT * FROM (SELECT id, label, " + form +
        " AS updated_at, deleted FROM t) t WHERE updated_at > :since";
    make(config);
    turn();
    put(2, "ahead", -36000);
    next_turn();
    put(3, "after");
    next_turn();
    send();
    EXPECT_THAT(rows(), UnorderedElementsAre(Row{"1", "before"}, Row{"2", "ahead"},
                                             Row{"3", "after"}, Row{"4", "before"}))
        << form;
    EXPECT_THAT(lines_, ::testing::Contains(HasSubstr("1 rows have a version in the future")));
    EXPECT_THAT(status().warning, HasSubstr("in the future, such as the one with key")) << form;
  }
}

TEST_F(DaemonQueriesTest, AVersionOrADeletedColumnThatMeansNothingIsAnError) {
  put(1, "a");
  for (const std::string select :
       {"SELECT id, label, label AS updated_at, deleted FROM t WHERE label > :since",
        "SELECT id, label, updated_at, label AS deleted FROM t WHERE updated_at > :since",
        "SELECT id, label, updated_at FROM t WHERE updated_at > :since",
        "SELECT id, label, deleted FROM t WHERE updated_at > :since",
        "SELECT id, label, updated_at, deleted FROM t"}) {
    SourceConfig config = followed();
    std::get<QueryOrigin>(*config.origin).query = select;
    make(config);
    turn();
    EXPECT_EQ(status().state, TaskState::kFailing) << select;
    EXPECT_EQ(waiting(), 0) << select;
  }
}

TEST_F(DaemonQueriesTest, AFollowedTableThatShrinksIsHeldAndFollowedOn) {
  for (int id = 1; id <= 30; ++id) put(id, "a");
  make(followed());
  turn();
  send();
  postgres().sql("DELETE FROM t WHERE id > 2");
  next_turn(24h);
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_EQ(status().held_deletes, 28);
  put(40, "new");
  next_turn();
  EXPECT_EQ(status().state, TaskState::kHeld);
  EXPECT_EQ(waiting(), 1);
  ASSERT_TRUE(made_.task->release({}));
  turn();
  EXPECT_EQ(status().state, TaskState::kWell) << status().error;
  // What came after the table that was held is followed again.
  next_turn();
  send();
  EXPECT_EQ(rows().size(), 3U);
}

// Eight writers whose transactions take a while, so that versions become visible out of order. For
// longer by hand: WEIR_FOLLOW_ROUNDS=4000.
TEST_F(DaemonQueriesTest, WritersThatCommitLateLoseNothing) {
  const char* set = std::getenv("WEIR_FOLLOW_ROUNDS");
  const std::string rounds = set != nullptr ? set : "40";
  postgres().sql(
      "INSERT INTO t SELECT i, 'start', clock_timestamp(), false FROM generate_series(1, 400) i");
  make(followed(5s, {}));
  turn();
  std::atomic<int> at_work = 8;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 8; ++writer) {
    writers.emplace_back([&, writer] {
      // Each has rows of its own; one in twenty is deleted.
      postgres().sql(
          "DO $$ BEGIN FOR i IN 1.." + rounds + " LOOP UPDATE t SET label = '" +
          std::to_string(writer) +
          " ' || i, updated_at = clock_timestamp(), deleted = random() < 0.05 WHERE id = "
          "1 + " +
          std::to_string(writer) +
          " + 8 * floor(random() * 50)::int; PERFORM pg_sleep(random() * 0.1); COMMIT; "
          "END LOOP; END $$");
      --at_work;
    });
  }
  while (at_work > 0) {
    next_turn();
    ASSERT_EQ(status().state, TaskState::kWell) << status().error;
  }
  for (std::thread& writer : writers) writer.join();
  next_turn();
  send();
  std::vector<Row> expected;
  std::string line;
  std::istringstream lines(
      postgres().sql("SELECT id || '|' || label FROM t WHERE NOT deleted ORDER BY id"));
  while (std::getline(lines, line))
    expected.push_back({line.substr(0, line.find('|')), line.substr(line.find('|') + 1)});
  EXPECT_THAT(rows(), ::testing::UnorderedElementsAreArray(expected));
}

}  // namespace
}  // namespace weir::daemon
