// What becomes of rows that the platform refuses: how they are found, set aside, sent again.
#include <gtest/gtest.h>

#include <algorithm>

#include "outbox/named_rows.h"
#include "outbox/outbox.h"
#include "support/any_store.h"
#include "unit/outbox/all_and_now.h"

namespace weir::outbox {
namespace {

using namespace std::chrono_literals;

const Error kRefusal{.code = ErrorCode::kRefused, .message = "refused"};

class DeadLettersTest : public testing::AnyStoreTest {
 protected:
  Batch take() { return outbox_.next_batch("S", kAll).value().value(); }

  // What a platform does that refuses every call with this text in a cell; returns the calls. Each
  // call is made by a process of its own.
  int send_all(const std::string& bad, const std::string& words = "refused") {
    for (int calls = 0;; ++calls) {
      Outbox process(*store_.database, {});
      const auto batch = process.next_batch("S", kAll).value();
      if (!batch) return calls;
      const auto is_bad = [&](const BatchChange& change) {
        return std::find(change.change.cells.begin(), change.change.cells.end(), bad) !=
               change.change.cells.end();
      };
      if (std::none_of(batch->changes.begin(), batch->changes.end(), is_bad)) {
        EXPECT_TRUE(process.acknowledge(*batch));
        continue;
      }
      const Error refusal{.code = ErrorCode::kRefused, .message = words};
      EXPECT_TRUE(process.simplify(*batch, refusal));
      if (batch->changes.size() == 1) {
        EXPECT_TRUE(process.bury(*batch, words, kNow));
      }
    }
  }

  void publish_and_send(const std::vector<Row>& rows) {
    ASSERT_TRUE(outbox_.publish("S", rows, {}, kNow));
    send_all("nothing is bad");
  }

  PublishReport publish(const std::vector<Row>& rows) {
    return outbox_.publish("S", rows, {}, kNow).value();
  }

  std::vector<DeadLetter> letters() { return outbox_.list().value().dead_letters; }

  static std::vector<Row> rows(int count) {
    std::vector<Row> rows;
    for (int i = 0; i < count; ++i) rows.push_back({"k" + std::to_string(i), "a"});
    return rows;
  }

  store::Store store_ = file_.open();
  Outbox outbox_{*store_.database, CallLimits{}};
};

TEST_P(DeadLettersTest, FindsOneBadRowInTheLogarithmOfCallsThoughEachIsAnotherProcess) {
  publish_and_send(rows(1));
  std::vector<Row> many = rows(1024);
  many[700][1] = "bad";
  publish(many);
  EXPECT_LE(send_all("bad"), 13) << "the batch, ten halves, the bad row, and the rest";
  ASSERT_EQ(letters().size(), 1U);
  EXPECT_EQ(letters()[0].key, "k700");
}

TEST_P(DeadLettersTest, SendsWhatWasSetAsideWhenEverythingIsReplaced) {
  publish({{"1", "bad"}, {"2", "b"}});
  send_all("bad");
  ASSERT_EQ(letters().size(), 1U);
  EXPECT_EQ(publish({{"1", "bad"}, {"2", "b"}}).set_aside, 1);
  PublishOptions all;
  all.replace = true;
  const PublishReport report = outbox_.publish("S", {{"1", "bad"}, {"2", "b"}}, all, kNow).value();
  EXPECT_EQ(report.set_aside, 0);
  EXPECT_EQ(report.upserted, 2);
  EXPECT_TRUE(letters().empty());
  EXPECT_EQ(take().changes.size(), 2U);
}

TEST_P(DeadLettersTest, GoesOnLookingAfterTheSameSnapshotIsPublishedAgain) {
  publish_and_send(rows(1));
  std::vector<Row> many = rows(101);
  many[77][1] = "bad";
  publish(many);
  ASSERT_TRUE(outbox_.simplify(take(), kRefusal));
  EXPECT_EQ(take().changes.size(), 50U);
  publish(many);
  EXPECT_EQ(take().changes.size(), 50U);
  EXPECT_EQ(outbox_.list()->waiting.at(0).suspects, 100);
}

TEST_P(DeadLettersTest, AreNeverGivenTheNumberOfAnother) {
  publish_and_send(rows(1));
  publish({{"k0", "a"}, {"k1", "bad"}});
  send_all("bad");
  const std::int64_t first = letters().at(0).id;
  EXPECT_EQ(*outbox_.retry({.id = first}, kNow), 1);
  publish({{"k0", "bad"}});
  send_all("bad");
  ASSERT_EQ(letters().size(), 1U);
  EXPECT_GT(letters().at(0).id, first);
  EXPECT_EQ(*outbox_.drop({.id = first}), 0);
}

TEST_P(DeadLettersTest, SendsARowAloneThatTheAnswerNames) {
  publish_and_send(rows(1));
  std::vector<Row> many = rows(1000);
  many[700][1] = "bad";
  publish(many);
  EXPECT_EQ(send_all("bad", "the value of row 'k700' is too long"), 3);
  EXPECT_EQ(letters().at(0).key, "k700");
}

TEST_P(DeadLettersTest, DoesNotSendARefusedRowAgainWhileItIsTheSame) {
  publish_and_send({{"1", "a"}, {"2", "b"}});
  publish({{"1", "bad"}, {"2", "b"}});
  send_all("bad");
  const PublishReport again = publish({{"1", "bad"}, {"2", "c"}});
  EXPECT_EQ(again.set_aside, 1);
  EXPECT_EQ(again.upserted, 1);
  EXPECT_EQ(take().changes.size(), 1U);
  EXPECT_EQ(outbox_.apply("S", {Upsert{{"1", "bad"}}}, kNow)->set_aside, 1);
  EXPECT_EQ(take().changes.size(), 1U);
}

TEST_P(DeadLettersTest, SendsARowWithOtherContentAndForgetsWhatWasRefused) {
  publish_and_send({{"1", "a"}, {"2", "b"}});
  publish({{"1", "bad"}, {"2", "b"}});
  send_all("bad");
  EXPECT_EQ(publish({{"1", "good"}, {"2", "b"}}).set_aside, 0);
  EXPECT_EQ(send_all("bad"), 1);
  EXPECT_TRUE(letters().empty());
}

TEST_P(DeadLettersTest, KeepsTheLetterOfARowThatCameBackWhileAnotherWasOnTheWay) {
  publish_and_send({{"1", "a"}, {"2", "b"}});
  publish({{"1", "bad"}, {"2", "b"}});
  send_all("bad");
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "good"}}}, kNow));
  const Batch on_the_way = take();
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "bad"}}}, kNow));
  ASSERT_TRUE(outbox_.acknowledge(on_the_way));
  EXPECT_EQ(letters().size(), 1U);
}

TEST_P(DeadLettersTest, ForgetsWhatWasRefusedOfARowThatIsGone) {
  publish_and_send({{"1", "a"}, {"2", "b"}});
  publish({{"1", "bad"}, {"2", "b"}});
  send_all("bad");
  publish({{"2", "b"}});
  send_all("bad");
  EXPECT_TRUE(letters().empty());
}

TEST_P(DeadLettersTest, SendsItAgainOnRequest) {
  publish_and_send({{"1", "a"}, {"2", "b"}});
  publish({{"1", "bad"}, {"2", "b"}});
  send_all("bad");
  EXPECT_EQ(outbox_.retry({.source = "S", .key = "2"}, kNow).value(), 0);
  EXPECT_EQ(outbox_.retry({.source = "S", .key = "1"}, kNow).value(), 1);
  EXPECT_EQ(take().changes.at(0).change.cells, (Row{"1", "bad"}));
  EXPECT_TRUE(letters().empty());
}

TEST_P(DeadLettersTest, PutsARetriedChangeBeneathWhatWasHandedOverSince) {
  publish_and_send({{"1", "a"}, {"2", "b"}});
  ASSERT_TRUE(outbox_.apply("S", {SetCells{"1", {{"x", "bad"}, {"y", "old"}}}}, kNow));
  send_all("bad");
  ASSERT_TRUE(outbox_.apply("S", {SetCells{"1", {{"y", "new"}}}}, kNow));
  EXPECT_EQ(outbox_.retry({}, kNow).value(), 1);
  EXPECT_EQ(take().changes.at(0).change.cells, (Row{"x", "bad", "y", "new"}));
}

TEST_P(DeadLettersTest, DropsItForGood) {
  publish_and_send({{"1", "a"}, {"2", "b"}});
  publish({{"1", "bad"}, {"2", "b"}});
  send_all("bad");
  EXPECT_EQ(outbox_.drop({.id = letters().at(0).id}).value(), 1);
  EXPECT_TRUE(letters().empty());
  EXPECT_EQ(publish({{"1", "bad"}, {"2", "b"}}).set_aside, 1);
  EXPECT_EQ(outbox_.retry({}, kNow).value(), 0);
}

TEST_P(DeadLettersTest, NeverEmptiesADataSourceWhoseOnlyRowIsRefused) {
  publish({{"k", "bad"}});
  EXPECT_EQ(send_all("bad"), 1) << "a replace without rows would delete all that the platform has";
  EXPECT_EQ(letters().size(), 1U);
  EXPECT_TRUE(outbox_.pending().value().empty());
  publish({{"k", "good"}});
  EXPECT_TRUE(take().replace) << "the platform's rows are as unknown as before";
}

WEIR_FOR_EVERY_STORE(DeadLettersTest);

TEST(NamedRows, FindsKeysThatAreQuotedOrFollowAWordForThem) {
  Batch batch;
  for (const char* key : {"1", "12", "crew"}) batch.changes.push_back({.key = key});
  EXPECT_EQ(named_rows("Row 12 is wrong", batch), (std::set<std::string>{"12"}));
  EXPECT_EQ(named_rows("no such value: \"crew\"", batch), (std::set<std::string>{"crew"}));
  EXPECT_TRUE(named_rows("at most 1 of 12 per crew; the grid 1", batch).empty());
}

}  // namespace
}  // namespace weir::outbox
