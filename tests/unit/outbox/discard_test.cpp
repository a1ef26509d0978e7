#include <gtest/gtest.h>

#include "outbox/outbox.h"
#include "support/any_store.h"
#include "unit/outbox/all_and_now.h"

namespace weir::outbox {
namespace {

class DiscardTest : public testing::AnyStoreTest {
 protected:
  store::Store store_ = file_.open();
  Outbox outbox_{*store_.database, {}};
};

TEST_P(DiscardTest, GivesUpWhatWaitsForOneDataSourceAlone) {
  ASSERT_TRUE(outbox_.apply("A", {Upsert{{"1", "a"}}, Erase{"2"}}, kNow));
  ASSERT_TRUE(outbox_.apply("B", {Upsert{{"1", "a"}}}, kNow));
  EXPECT_EQ(outbox_.known("A")->waiting, 2);
  EXPECT_EQ(outbox_.discard("A").value(), 2);
  EXPECT_EQ(outbox_.discard("A").value(), 0);
  EXPECT_EQ(outbox_.discard("NEVER").value(), 0);
  EXPECT_EQ(outbox_.known("A")->waiting, 0);
  EXPECT_EQ(outbox_.known("B")->waiting, 1);
}

TEST_P(DiscardTest, EndsTheRestOfThisDataSourceAlone) {
  for (const char* source : {"A", "B", ""})
    ASSERT_TRUE(outbox_.note_halt(source, "no such data source", kNow + Milliseconds{1000}));
  ASSERT_TRUE(outbox_.apply("A", {Upsert{{"1", "a"}}}, kNow));
  ASSERT_TRUE(outbox_.discard("A"));
  const Result<std::vector<HaltedSource>> halts = outbox_.halts(kNow);
  ASSERT_EQ(halts->size(), 2U);
  EXPECT_EQ(halts->at(0).source, "") << "that of all data sources goes on";
  EXPECT_EQ(halts->at(1).source, "B");
}

TEST_P(DiscardTest, ForgettingLeavesNothingOfADataSourceInAnyTable) {
  for (const char* source : {"A", "B"}) {
    ASSERT_TRUE(outbox_.publish(source, {{"1", "a"}, {"2", "b"}}, {}, kNow));
    ASSERT_TRUE(outbox_.acknowledge(**outbox_.next_batch(source, kAll)));
    ASSERT_TRUE(outbox_.apply(source, {Upsert{{"3", "c"}}}, kNow));
    ASSERT_TRUE(outbox_.note_halt(source, "played", kNow));
  }
  EXPECT_EQ(outbox_.kept("A")->rows, 2);
  const Kept forgotten = outbox_.forget("A").value();
  EXPECT_EQ(forgotten.waiting, 1);
  EXPECT_EQ(forgotten.rows, 2);
  EXPECT_EQ(outbox_.kept("A")->waiting + outbox_.kept("A")->rows, 0);
  EXPECT_FALSE(outbox_.known("A")->is_published);
  EXPECT_TRUE(outbox_.publish("A", {{"1", "a"}}, {}, kNow)->is_first);
  EXPECT_EQ(outbox_.kept("B")->rows, 2) << "another's stays";
  EXPECT_EQ(outbox_.forget("NEVER")->rows, 0);
}

TEST_P(DiscardTest, LeavesADataSourceThatWasNeverSentAsIfItWereNew) {
  ASSERT_TRUE(outbox_.publish("A", {{"1", "a"}}, {.columns = {"id", "label"}}, kNow));
  ASSERT_TRUE(outbox_.discard("A"));
  EXPECT_TRUE(outbox_.pending()->empty());
  EXPECT_FALSE(outbox_.known("A")->is_published);
  EXPECT_TRUE(outbox_.known("A")->columns.empty());
  EXPECT_TRUE(outbox_.publish("A", {{"1", "a"}}, {.columns = {"key", "name"}}, kNow)->is_first);
}

// Until then the next snapshot may have others.
TEST_P(DiscardTest, ColumnsAreCertainOnceThePlatformHasAcceptedASnapshotOfThem) {
  const PublishOptions first{.columns = {"id", "label"}};
  const PublishOptions other{.columns = {"label", "id"}};
  ASSERT_TRUE(outbox_.apply("A", {Upsert{{"1", "a"}}}, kNow, {.columns = first.columns}));
  EXPECT_EQ(outbox_.known("A")->columns, first.columns);
  ASSERT_TRUE(outbox_.acknowledge(**outbox_.next_batch("A", kAll)));
  EXPECT_FALSE(outbox_.known("A")->are_columns_certain)
      << "the platform takes cells by their order";
  ASSERT_TRUE(outbox_.publish("A", {{"a", "1"}}, other, kNow));
  EXPECT_EQ(outbox_.known("A")->columns, other.columns);
  ASSERT_TRUE(outbox_.acknowledge(**outbox_.next_batch("A", kAll)));
  EXPECT_TRUE(outbox_.known("A")->are_columns_certain);
  EXPECT_FALSE(outbox_.publish("A", {{"1", "a"}}, first, kNow));
  ASSERT_TRUE(outbox_.apply("A", {Upsert{{"1", "a"}}}, kNow, {.columns = first.columns}));
  EXPECT_EQ(outbox_.known("A")->columns, other.columns) << "changes name none that are known";
}

TEST_P(DiscardTest, NoUpdateGoesByNamesThatSingleChangesHad) {
  ASSERT_TRUE(outbox_.apply("A", {Upsert{{"1", "a"}}}, kNow, {.columns = {"id", "label"}}));
  ASSERT_TRUE(outbox_.acknowledge(**outbox_.next_batch("A", kAll)));
  Outbox one_upsert_a_call(*store_.database, {.upserts = 1});
  ASSERT_TRUE(one_upsert_a_call.apply("A", {Upsert{{"1", "b"}}, Upsert{{"2", "b"}}}, kNow));
  const Batch batch = one_upsert_a_call.next_batch("A", kAll).value().value();
  ASSERT_EQ(batch.changes.size(), 1U);
  EXPECT_FALSE(batch.changes.front().as_update);
}

TEST_P(DiscardTest, RefusesChangesWhoseColumnsHaveNoUsableName) {
  for (const std::vector<std::string>& columns :
       std::vector<std::vector<std::string>>{{"id", ""}, {"id", "id"}, {"id", "a\nb"}}) {
    const auto kept = outbox_.apply("A", {Upsert{{"1", "a"}}}, kNow, {.columns = columns});
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(outbox_.known("A")->waiting, 0);
}

TEST_P(DiscardTest, KeepsTheColumnsThatThePlatformHasNamed) {
  ASSERT_TRUE(outbox_.set_columns("A", {"id", "label"}));
  ASSERT_TRUE(outbox_.apply("A", {Upsert{{"1", "a"}}}, kNow));
  ASSERT_TRUE(outbox_.discard("A"));
  EXPECT_EQ(outbox_.known("A")->columns, (std::vector<std::string>{"id", "label"}));
}

TEST_P(DiscardTest, KnowsStillWhatThePlatformHas) {
  const std::vector<Row> rows = {{"1", "a"}, {"2", "b"}};
  const PublishOptions named{.columns = {"id", "label"}};
  ASSERT_TRUE(outbox_.publish("A", rows, named, kNow));
  ASSERT_TRUE(outbox_.acknowledge(outbox_.next_batch("A", kAll).value().value()));
  ASSERT_TRUE(outbox_.publish("A", {{"1", "x"}, {"2", "b"}}, named, kNow));
  EXPECT_EQ(outbox_.discard("A").value(), 1);
  const Result<KnownSource> known = outbox_.known("A");
  EXPECT_TRUE(known->is_published);
  EXPECT_EQ(known->columns, named.columns);
  EXPECT_EQ(outbox_.publish("A", rows, named, kNow)->unchanged, 2);
  EXPECT_EQ(outbox_.publish("A", {{"1", "x"}, {"2", "b"}}, named, kNow)->upserted, 1);
}

WEIR_FOR_EVERY_STORE(DiscardTest);

}  // namespace
}  // namespace weir::outbox
