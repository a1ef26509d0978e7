#include "outbox/outbox.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/any_store.h"
#include "unit/outbox/all_and_now.h"

namespace weir::outbox {
namespace {

using namespace std::chrono_literals;

class OutboxTest : public testing::AnyStoreTest {
 protected:
  Batch take(std::int64_t most = kAll) { return outbox_.next_batch("S", most).value().value(); }

  void send_all() {
    while (auto batch = outbox_.next_batch("S", kAll).value())
      ASSERT_TRUE(outbox_.acknowledge(*batch));
  }

  // The platform has acknowledged these rows and no others.
  void publish_and_send(const std::vector<Row>& rows) {
    ASSERT_TRUE(outbox_.publish("S", rows, {.allow_empty = true}, kNow));
    send_all();
  }

  std::int64_t waiting() {
    const auto pending = outbox_.pending().value();
    return pending.empty() ? 0 : pending.front().stale_rows;
  }

  store::Store store_ = file_.open();
  Outbox outbox_{*store_.database,
                 CallLimits{.upserts = 3, .deletes = 2, .cell_updates = 2, .replace_rows = 4}};
};

TEST_P(OutboxTest, KeepsChangesForTheNextProcess) {
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "a"}}, Erase{"2"}}, kNow));
  store::Store reopened = file_.open();
  Outbox next(*reopened.database, {});
  const Batch batch = next.next_batch("S", kAll).value().value();
  ASSERT_EQ(batch.changes.size(), 2U);
  EXPECT_EQ(batch.changes[0].change.cells, (Row{"1", "a"}));
  EXPECT_EQ(batch.changes[1].key, "2");
}

TEST_P(OutboxTest, PutsInsertsAndDeletesIntoOneBatch) {
  publish_and_send({{"1", "a"}, {"2", "b"}});
  ASSERT_TRUE(
      outbox_.apply("S", {Upsert{{"3", "c"}}, Erase{"1"}, SetCells{"2", {{"label", "x"}}}}, kNow));
  EXPECT_EQ(take().changes.size(), 3U);
}

TEST_P(OutboxTest, RespectsTheLimitsPerCall) {
  publish_and_send({{"1", "a"}, {"2", "b"}, {"3", "c"}});
  ASSERT_TRUE(outbox_.apply("S", {Erase{"1"}, Erase{"2"}, Erase{"3"}}, kNow));
  for (const std::string key : {"4", "5", "6", "7"})
    ASSERT_TRUE(outbox_.apply("S", {Upsert{{key, "x"}}}, kNow));
  EXPECT_EQ(take().changes.size(), 5U) << "three upserts and two deletes";
}

TEST_P(OutboxTest, SendsTheOldestChangesFirst) {
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"b", "x"}}, Upsert{{"a", "x"}}}, kNow));
  EXPECT_EQ(take(1).changes.front().key, "b");
}

TEST_P(OutboxTest, SendsTheOldestChangesFirstWheneverTheyWereHandedOver) {
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"c", "x"}}, Upsert{{"b", "x"}}}, kNow));
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"a", "x"}}}, kNow));
  EXPECT_EQ(take(2).changes.back().key, "b");
}

TEST_P(OutboxTest, RefusesABadChangeAndKeepsNoneOfItsCompany) {
  const Result<ApplyReport> kept =
      outbox_.apply("S", {Upsert{{"1", "a"}}, Upsert{{"2", "b", "c"}}}, kNow);
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(kept.error().message.find("change 2: the row with key “2” has 3 cells"),
            std::string::npos)
      << kept.error().message;
  EXPECT_EQ(waiting(), 0);
}

TEST_P(OutboxTest, KnowsHowManyCellsThePlatformHasAccepted) {
  publish_and_send({{"1", "a", "b"}});
  EXPECT_FALSE(outbox_.apply("S", {Upsert{{"2", "a"}}}, kNow));
  EXPECT_FALSE(outbox_.publish("S", {{"1", "a"}}, {}, kNow));
}

TEST_P(OutboxTest, SendsNothingForWhatThePlatformHasAlready) {
  publish_and_send({{"1", "a"}, {"2", "b"}});
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "a"}}}, kNow));
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"3", "c"}}}, kNow));
  ASSERT_TRUE(outbox_.apply("S", {Erase{"3"}}, kNow));
  EXPECT_FALSE(outbox_.next_batch("S", kAll)->has_value());
}

TEST_P(OutboxTest, KeepsAChangeThatCameWhileItsRowWasOnTheWay) {
  publish_and_send({{"1", "a"}});
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "b"}}}, kNow));
  const Batch on_the_way = take();
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "c"}}}, kNow));
  ASSERT_TRUE(outbox_.acknowledge(on_the_way));
  EXPECT_EQ(take().changes.front().change.cells, (Row{"1", "c"}));
}

TEST_P(OutboxTest, DeletesARowWhoseInsertIsOnTheWay) {
  publish_and_send({{"1", "a"}});
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"2", "b"}}}, kNow));
  const Batch on_the_way = take();
  ASSERT_TRUE(outbox_.apply("S", {Erase{"2"}}, kNow));
  ASSERT_TRUE(outbox_.acknowledge(on_the_way));
  EXPECT_EQ(take().changes.front().change.kind, ChangeKind::kErase);
}

TEST_P(OutboxTest, SendsABatchAgainWhoseEndIsNotKnown) {
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "a"}}}, kNow));
  take();  // and the process dies
  EXPECT_EQ(take().changes.front().key, "1");
  ASSERT_TRUE(outbox_.apply("S", {Erase{"1"}}, kNow));
  EXPECT_EQ(take().changes.front().change.kind, ChangeKind::kErase)
      << "the insert may have arrived";
}

TEST_P(OutboxTest, ForgetsTheDoubtWhenNothingWasSent) {
  publish_and_send({{"1", "a"}});
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "b"}}, Upsert{{"2", "x"}}}, kNow));
  ASSERT_TRUE(outbox_.give_back(take()));
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "a"}}, Erase{"2"}}, kNow));
  EXPECT_EQ(waiting(), 0);
}

TEST_P(OutboxTest, ReplacesTheRowsOfADataSourceItHasNeverSeen) {
  const PublishReport report = outbox_.publish("S", {{"1", "a"}, {"2", "b"}}, {}, kNow).value();
  EXPECT_EQ(report.upserted, 2);
  EXPECT_EQ(report.calls_needed, 1);
  const Batch batch = take();
  EXPECT_TRUE(batch.replace);
  EXPECT_EQ(batch.changes.size(), 2U);
}

TEST_P(OutboxTest, SendsTheRestOfABigReplaceAsUpserts) {
  ASSERT_TRUE(
      outbox_.publish("S", {{"1", "a"}, {"2", "a"}, {"3", "a"}, {"4", "a"}, {"5", "a"}}, {}, kNow));
  const Batch first = take();
  EXPECT_EQ(first.changes.size(), 4U);
  ASSERT_TRUE(outbox_.acknowledge(first));
  const Batch second = take();
  EXPECT_FALSE(second.replace);
  EXPECT_EQ(second.changes.front().key, "5");
}

TEST_P(OutboxTest, LosesNoDeleteThatCameWhileAReplaceWasOnTheWay) {
  ASSERT_TRUE(outbox_.publish("S", {{"1", "a"}, {"2", "b"}}, {}, kNow));
  const Batch on_the_way = take();
  ASSERT_TRUE(outbox_.apply("S", {Erase{"2"}}, kNow));
  ASSERT_TRUE(outbox_.acknowledge(on_the_way));
  EXPECT_EQ(take().changes.front().change.kind, ChangeKind::kErase);
}

TEST_P(OutboxTest, LosesNoDeleteOfASnapshotThatCameWhileAReplaceWasOnTheWay) {
  ASSERT_TRUE(outbox_.publish("S", {{"1", "a"}, {"2", "b"}}, {}, kNow));
  const Batch on_the_way = take();
  ASSERT_TRUE(outbox_.publish("S", {{"1", "a"}}, {}, kNow));
  ASSERT_TRUE(outbox_.acknowledge(on_the_way));
  const Batch next = take();
  ASSERT_EQ(next.changes.size(), 1U);
  EXPECT_EQ(next.changes.front().key, "2");
  EXPECT_EQ(next.changes.front().change.kind, ChangeKind::kErase);
}

TEST_P(OutboxTest, DeletesNothingThatAReplaceHasAlreadyRemoved) {
  ASSERT_TRUE(outbox_.publish("S", {{"1", "a"}, {"2", "b"}}, {}, kNow));
  take();  // the process dies; the next replace no longer has row 2
  ASSERT_TRUE(outbox_.publish("S", {{"1", "a"}}, {}, kNow));
  ASSERT_TRUE(outbox_.acknowledge(take()));
  EXPECT_EQ(waiting(), 0);
}

TEST_P(OutboxTest, PublishesOnlyTheDifference) {
  publish_and_send({{"1", "a"}, {"2", "b"}, {"3", "c"}});
  const PublishReport report =
      outbox_.publish("S", {{"1", "a"}, {"2", "B"}, {"4", "d"}}, {}, kNow).value();
  EXPECT_EQ(report.upserted, 2);
  EXPECT_EQ(report.deleted, 1);
  EXPECT_EQ(report.unchanged, 1);
  EXPECT_EQ(report.calls_needed, 1);
  EXPECT_EQ(take().changes.size(), 3U);
}

TEST_P(OutboxTest, LetsASnapshotOverruleWhatWaits) {
  publish_and_send({{"1", "a"}, {"2", "b"}});
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "x"}}, Upsert{{"9", "x"}}, Erase{"2"}}, kNow));
  ASSERT_TRUE(outbox_.publish("S", {{"1", "a"}, {"2", "b"}}, {}, kNow));
  EXPECT_EQ(waiting(), 0);
}

TEST_P(OutboxTest, ChangesNothingInADryRun) {
  publish_and_send({{"1", "a"}});
  const PublishReport report = outbox_.publish("S", {{"2", "b"}}, {.dry_run = true}, kNow).value();
  EXPECT_EQ(report.upserted, 1);
  EXPECT_EQ(report.deleted, 1);
  EXPECT_EQ(waiting(), 0);
}

TEST_P(OutboxTest, RefusesAnEmptySnapshotUnlessItIsMeant) {
  publish_and_send({{"1", "a"}});
  EXPECT_FALSE(outbox_.publish("S", {}, {}, kNow));
  ASSERT_TRUE(outbox_.publish("S", {}, {.allow_empty = true}, kNow));
  EXPECT_EQ(take().changes.front().change.kind, ChangeKind::kErase);
}

TEST_P(OutboxTest, EmptiesADataSourceItHasNeverSeenWhenThatIsMeant) {
  EXPECT_FALSE(outbox_.publish("S", {}, {}, kNow));
  ASSERT_TRUE(outbox_.publish("S", {}, {.allow_empty = true}, kNow));
  const Batch batch = take();
  EXPECT_TRUE(batch.replace);
  ASSERT_TRUE(outbox_.acknowledge(batch));
  EXPECT_FALSE(outbox_.next_batch("S", kAll)->has_value());
}

TEST_P(OutboxTest, RefusesMoreDeletesThanAllowed) {
  publish_and_send({{"1", "a"}, {"2", "b"}, {"3", "c"}, {"4", "d"}});
  const std::vector<Row> half = {{"1", "a"}, {"2", "b"}};
  EXPECT_FALSE(outbox_.publish("S", half, {.max_deletes = 1}, kNow));
  EXPECT_FALSE(outbox_.publish("S", half, {.max_deletes_percent = 49.0}, kNow));
  for (const double none : {std::nan(""), -std::nan(""), -1.0})
    EXPECT_FALSE(
        outbox_.publish("S", half, {.max_deletes_percent = none, .guard_deletes = true}, kNow));
  EXPECT_TRUE(outbox_.publish("S", half, {.max_deletes = 2, .max_deletes_percent = 50.0}, kNow));
}

TEST_P(OutboxTest, RefusesASnapshotWithABadRowAndNamesIt) {
  const auto refusal = [&](const std::vector<Row>& rows) {
    return outbox_.publish("S", rows, {}, kNow).error().message;
  };
  EXPECT_NE(
      refusal({{"1", "a"}, {"1", "b"}}).find("row 2 has the key “1”, which row 1 has already"),
      std::string::npos);
  EXPECT_NE(refusal({{"1", "a"}, {"", "b"}}).find("row 2: its key (the first cell) is empty"),
            std::string::npos);
  EXPECT_NE(refusal({{"1", "a"}, {"2", "b", "c"}}).find("row 2 has 3 cells, but 2 were expected"),
            std::string::npos);
  EXPECT_NE(
      refusal({{"1", "\xFF"}}).find("row 1: cell 2 of the row with key “1” is not valid UTF-8"),
      std::string::npos);
}

TEST_P(OutboxTest, PointsToPlatformSyncWhenThereAreTooManyRows) {
  Outbox outbox(*store_.database, CallLimits{.rows_per_data_source = 2});
  const auto report = outbox.publish("S", {{"1", "a"}, {"2", "a"}, {"3", "a"}}, {}, kNow);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("Platform Sync"), std::string::npos);
}

TEST_P(OutboxTest, RefusesColumnsThatHaveMoved) {
  ASSERT_TRUE(outbox_.publish("S", {{"1", "a", "b"}}, {.columns = {"id", "city", "crew"}}, kNow));
  send_all();
  const auto moved =
      outbox_.publish("S", {{"1", "b", "a"}}, {.columns = {"id", "crew", "city"}}, kNow);
  ASSERT_FALSE(moved);
  EXPECT_NE(moved.error().message.find("column 2 is “crew”, but was 'city'"), std::string::npos);
  EXPECT_TRUE(outbox_.publish("S", {{"1", "b", "a"}},
                              {.replace = true, .columns = {"id", "crew", "city"}}, kNow));
}

TEST_P(OutboxTest, RefusesACellUpdateOfAnUnknownColumnOrOfTheKey) {
  ASSERT_TRUE(outbox_.publish("S", {{"1", "a"}}, {.columns = {"id", "city"}}, kNow));
  send_all();
  EXPECT_FALSE(outbox_.apply("S", {SetCells{"1", {{"crew", "x"}}}}, kNow));
  EXPECT_FALSE(outbox_.apply("S", {SetCells{"1", {{"id", "x"}}}}, kNow));
  EXPECT_FALSE(outbox_.apply("S", {SetCells{"1", {}}}, kNow));
  EXPECT_TRUE(outbox_.apply("S", {SetCells{"1", {{"city", "x"}}}}, kNow));
}

TEST_P(OutboxTest, AdoptsWhatThePlatformHas) {
  PlatformRows rows(*outbox_.hash().value());
  for (const Row& row : {Row{"1", "a"}, Row{"2", "b"}}) ASSERT_TRUE(rows.add(row));
  ASSERT_TRUE(outbox_.adopt("S", {"id", "city"}, rows));
  const PublishReport report = outbox_.publish("S", {{"1", "a"}, {"3", "c"}}, {}, kNow).value();
  EXPECT_EQ(report.unchanged, 1);
  EXPECT_EQ(report.upserted, 1);
  EXPECT_EQ(report.deleted, 1);
  EXPECT_FALSE(take().replace);
}

TEST_P(OutboxTest, ReplacesWithAllRowsThoughABatchUnderWayHasBroughtSomeOfThem) {
  publish_and_send({{"1", "a"}});
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"2", "b"}}}, kNow));
  const Batch under_way = take();
  ASSERT_TRUE(outbox_.publish("S", {{"1", "a"}, {"2", "b"}}, {.replace = true}, kNow));
  ASSERT_TRUE(outbox_.acknowledge(under_way));
  const Batch replace = take();
  EXPECT_TRUE(replace.replace);
  EXPECT_EQ(replace.changes.size(), 2U) << "what it leaves out, the platform deletes";
}

TEST_P(OutboxTest, PutsARefusedRowAsideAlsoWhenItWasHandedOverAgain) {
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "a"}}}, kNow));
  const Batch under_way = take();
  ASSERT_TRUE(outbox_.publish("S", {{"0", "z"}, {"1", "a"}}, {.replace = true}, kNow));
  ASSERT_TRUE(outbox_.bury(under_way, "too long", kNow));
  const auto letters = store_.database->read([](store::Statements& sql) -> Result<std::int64_t> {
    return sql.run("SELECT count(*) FROM dead_letters").at(0).integer(0);
  });
  EXPECT_EQ(*letters, 1);
  EXPECT_EQ(waiting(), 1);
}

TEST_P(OutboxTest, TellsPacingSinceWhenRowsAreStale) {
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "a"}}}, TimePoint{1000ms}));
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"2", "a"}}}, TimePoint{2000ms}));
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "b"}}}, TimePoint{5000ms}));
  const PendingSource pending = outbox_.pending().value().front();
  EXPECT_EQ(pending.stale_rows, 2);
  EXPECT_EQ(pending.stale_since_sum_ms, 3000) << "row 1 is stale since its first change";
}

TEST_P(OutboxTest, TakesARowFromTheFutureOfAClockThatWasSetBackAsStaleFromNowOn) {
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "a"}}}, TimePoint{9000ms}));
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"2", "a"}}}, TimePoint{1000ms}));
  EXPECT_EQ(outbox_.pending().value().front().newest_stale_since_ms, 9000);
  ASSERT_TRUE(outbox_.bring_back_to(TimePoint{2000ms}));
  EXPECT_EQ(outbox_.pending().value().front().stale_since_sum_ms, 3000);
}

TEST_P(OutboxTest, MovesARefusedChangeToTheDeadLetters) {
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "a"}}}, kNow));
  ASSERT_TRUE(outbox_.bury(take(), "too long", kNow));
  EXPECT_EQ(waiting(), 0);
  const auto letters =
      store_.database->read([](store::Statements& sql) -> Result<std::vector<store::SqlRow>> {
        return sql.run("SELECT source, row_key, reason FROM dead_letters");
      });
  ASSERT_EQ(letters->size(), 1U);
  EXPECT_EQ(letters->front().text(1), "1");
  EXPECT_EQ(letters->front().text(2), "too long");
}

TEST_P(OutboxTest, TellsWhichRowsHaveChangedFromWhatToWhat) {
  std::vector<RowChange> told;
  Outbox outbox(*store_.database, {},
                [&](const std::string&, const std::vector<RowChange>& changes) {
                  told.insert(told.end(), changes.begin(), changes.end());
                });
  publish_and_send({{"1", "a"}, {"2", "b"}});
  ASSERT_TRUE(outbox.apply("S", {Upsert{{"1", "A"}}}, kNow));
  ASSERT_TRUE(outbox.apply("S", {Upsert{{"1", "A"}}}, kNow));
  ASSERT_EQ(told.size(), 1U) << "what stays as it was is no change";
  ASSERT_TRUE(outbox.publish("S", {{"1", "A"}, {"3", "c"}}, {}, kNow));
  ASSERT_EQ(told.size(), 3U) << "one row is gone and one is new";
  EXPECT_EQ(told[1].after, 0U);
  EXPECT_EQ(told[2].before, 0U);
  ASSERT_TRUE(outbox.publish("S", {{"1", "a"}, {"3", "c"}}, {}, kNow));
  ASSERT_EQ(told.size(), 4U) << "the first row is as it was";
  EXPECT_EQ(told[3].key, told[0].key);
  EXPECT_EQ(told[3].before, told[0].after);
  EXPECT_EQ(told[3].after, told[0].before);
}

TEST_P(OutboxTest, TellsOfNoChangesWhenADataSourceIsPublishedForTheFirstTime) {
  int told = 0;
  Outbox outbox(*store_.database, {},
                [&](const std::string&, const std::vector<RowChange>&) { ++told; });
  ASSERT_TRUE(outbox.publish("S", {{"1", "a"}}, {}, kNow));
  EXPECT_EQ(told, 0);
}

WEIR_FOR_EVERY_STORE(OutboxTest);

}  // namespace
}  // namespace weir::outbox
