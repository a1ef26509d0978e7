// What keeps a snapshot from deleting rows that nobody meant to delete.
#include <gtest/gtest.h>

#include "outbox/outbox.h"
#include "support/any_store.h"
#include "unit/outbox/all_and_now.h"

namespace weir::outbox {
namespace {

class DeletesTest : public testing::AnyStoreTest {
 protected:
  store::Store store_ = file_.open();
  Outbox outbox_{*store_.database, {}};
};

std::vector<Row> rows_up_to(int number) {
  std::vector<Row> rows;
  for (int i = 1; i <= number; ++i) rows.push_back({std::to_string(i), "a"});
  return rows;
}

struct Guarded {
  int before;
  int after;
  bool is_refused;
};

TEST_P(DeletesTest, GuardsAgainstASnapshotThatLacksMoreThanHalfOfTwentyRows) {
  Outbox outbox(*store_.database, {});
  int number = 0;
  for (const Guarded& guarded : {Guarded{19, 1, false},
                                 {20, 10, false},
                                 {20, 9, true},
                                 {20, 0, true},
                                 {21, 11, false},
                                 {21, 10, true},
                                 {100, 51, false},
                                 {100, 50, false},
                                 {100, 49, true}}) {
    for (const bool dry_run : {true, false}) {
      const std::string source = "S" + std::to_string(++number);
      ASSERT_TRUE(outbox.publish(source, rows_up_to(guarded.before), {}, kNow));
      ASSERT_TRUE(outbox.acknowledge(outbox.next_batch(source, kAll).value().value()));
      const std::vector<Row> snapshot = rows_up_to(guarded.after);
      const PublishOptions guard{.guard_deletes = true, .dry_run = dry_run};
      const Result<PublishReport> published = outbox.publish(source, snapshot, guard, kNow);
      EXPECT_EQ(!published, guarded.is_refused) << guarded.before << " to " << guarded.after;
      PublishOptions said = guard;
      said.dry_run = true;
      said.allow_empty = guarded.after == 0;
      said.replace = guarded.after != 0;
      EXPECT_TRUE(outbox.publish(source, snapshot, said, kNow)) << "said otherwise";
      said = {.allow_empty = true, .max_deletes = 100, .guard_deletes = true, .dry_run = true};
      EXPECT_TRUE(outbox.publish(source, snapshot, said, kNow)) << "a limit of its own";
    }
  }
}

TEST_P(DeletesTest, ReplacesNothingOfANewDataSourceUnderALimitToDeletesUnlessToldTo) {
  const std::vector<Row> rows = {{"1", "a"}, {"2", "b"}};
  ASSERT_TRUE(outbox_.set_columns("DESCRIBED", {"id", "label"}));
  ASSERT_TRUE(outbox_.apply("APPLIED", {Upsert{{"1", "a"}}}, kNow));
  for (const bool dry_run : {true, false}) {
    for (const std::string source : {"NEW", "DESCRIBED", "APPLIED"}) {
      for (PublishOptions limit : {PublishOptions{.max_deletes = 0},
                                   {.max_deletes = 100},
                                   {.max_deletes_percent = 100.0}}) {
        limit.dry_run = dry_run;
        const Result<PublishReport> refused = outbox_.publish(source, rows, limit, kNow);
        ASSERT_FALSE(refused) << source;
        EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
        EXPECT_NE(refused.error().message.find("FirstPublish::kAdopt"), std::string::npos);
        limit.dry_run = true;
        limit.first = FirstPublish::kReplace;
        const Result<PublishReport> replaced = outbox_.publish(source, rows, limit, kNow);
        ASSERT_TRUE(replaced) << replaced.error().message;
        EXPECT_TRUE(replaced->is_first && replaced->replaces_all_rows);
        limit.first = FirstPublish::kAdopt;
        const Result<PublishReport> adopts = outbox_.publish(source, rows, limit, kNow);
        ASSERT_TRUE(adopts) << adopts.error().message;
        EXPECT_TRUE(adopts->is_first && !adopts->replaces_all_rows) << "it would read first";
      }
    }
  }
  EXPECT_EQ(outbox_.pending()->size(), 1U) << "only what was applied";
  const auto first = outbox_.publish("NEW", rows, {.guard_deletes = true}, kNow);
  ASSERT_TRUE(first) << "the guard alone is no limit that was asked for";
  EXPECT_TRUE(first->is_first && first->replaces_all_rows);
  ASSERT_TRUE(outbox_.acknowledge(outbox_.next_batch("NEW", kAll).value().value()));
  const auto known = outbox_.publish("NEW", rows, {.max_deletes = 0}, kNow);
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_FALSE(known->is_first || known->replaces_all_rows);
}

WEIR_FOR_EVERY_STORE(DeletesTest);

}  // namespace
}  // namespace weir::outbox
