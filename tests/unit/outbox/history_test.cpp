// When rows changed and were sent, as the store keeps it.
#include "outbox/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "outbox/outbox.h"
#include "support/any_store.h"
#include "unit/outbox/all_and_now.h"

namespace weir::outbox {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kPlenty = 1024L * 1024;

class HistoryTest : public testing::AnyStoreTest {
 protected:
  Outbox outbox(Milliseconds kept = 24h, std::int64_t bytes = kPlenty) {
    return {*store_.database, {}, {}, {}, {.kept = kept, .bytes = bytes}};
  }

  std::vector<HistoryLine> lines() {
    std::vector<HistoryLine> all;
    EXPECT_TRUE(read_history(*store_.database, [&](const HistoryLine& line) -> Result<void> {
      all.push_back(line);
      return {};
    }));
    return all;
  }

  // Such as "changed S 2": of how many rows.
  std::vector<std::string> words() {
    std::vector<std::string> all;
    for (const HistoryLine& line : lines()) {
      const std::string kind = line.kind == HistoryKind::kChanged ? "changed "
                               : line.kind == HistoryKind::kSent  ? "sent "
                                                                  : "given up ";
      all.push_back(kind + line.source + " " + std::to_string(line.rows.size()));
    }
    return all;
  }

  std::string bytes_of_history() {
    std::string all;
    EXPECT_TRUE(store_.database->read([&](store::Statements& sql) -> Result<void> {
      sql.for_each("SELECT body FROM history", {},
                   [&](const store::SqlRow& line) { all += line.bytes(0); });
      return {};
    }));
    return all;
  }

  store::Store store_ = file_.open();
};

TEST_P(HistoryTest, TellsWhatChangedAndWhatWasSentByTheSameKeys) {
  Outbox rows = outbox();
  ASSERT_TRUE(rows.apply("S", {Upsert{{"1", "a"}}, Upsert{{"2", "b"}}}, kNow));
  const Batch batch = rows.next_batch("S", kAll).value().value();
  ASSERT_TRUE(rows.acknowledge(batch, kNow + 1min));
  ASSERT_TRUE(rows.apply("S", {Erase{"2"}}, kNow + 2min));
  const std::vector<HistoryLine> all = lines();
  EXPECT_THAT(words(), ElementsAre("changed S 2", "sent S 2", "changed S 1"));
  EXPECT_EQ(all[0].time, kNow);
  EXPECT_EQ(all[1].time, kNow + 1min);
  EXPECT_EQ(all[0].rows[0].key, all[1].rows[0].key);
  EXPECT_EQ(all[2].rows[0].before, all[0].rows[1].after);
  EXPECT_EQ(all[2].rows[0].after, 0U);
}

TEST_P(HistoryTest, HasNoCellAndNoKey) {
  Outbox rows = outbox();
  ASSERT_TRUE(rows.apply("S", {Upsert{{"CANARY-KEY", "CANARY-CELL"}}}, kNow));
  ASSERT_TRUE(rows.acknowledge(rows.next_batch("S", kAll).value().value(), kNow));
  EXPECT_EQ(bytes_of_history().find("CANARY"), std::string::npos);
}

TEST_P(HistoryTest, TellsOfASnapshotWhatDiffersAlone) {
  Outbox rows = outbox();
  ASSERT_TRUE(rows.publish("S", {{"1", "a"}, {"2", "b"}}, {.replace = true}, kNow));
  ASSERT_TRUE(rows.acknowledge(rows.next_batch("S", kAll).value().value(), kNow));
  ASSERT_TRUE(rows.publish("S", {{"1", "a"}, {"2", "c"}}, {.dry_run = true}, kNow));
  ASSERT_TRUE(rows.publish("S", {{"1", "a"}, {"2", "c"}}, {}, kNow));
  ASSERT_TRUE(rows.publish("S", {{"1", "a"}, {"2", "c"}}, {}, kNow));
  EXPECT_THAT(words(), ElementsAre("sent S 2", "changed S 1"));
}

TEST_P(HistoryTest, TellsWhatIsGivenUp) {
  Outbox rows = outbox();
  ASSERT_TRUE(rows.apply("S", {Upsert{{"1", "a"}}}, kNow));
  ASSERT_TRUE(rows.bury(rows.next_batch("S", kAll).value().value(), "a reason", kNow));
  ASSERT_TRUE(rows.apply("S", {Upsert{{"2", "b"}}, Upsert{{"3", "b"}}}, kNow));
  ASSERT_TRUE(rows.discard("S", kNow));
  EXPECT_THAT(words(), ElementsAre("changed S 1", "given up S 1", "changed S 2", "given up S 2"));
}

TEST_P(HistoryTest, KnowsTheDeadlineThatHeldWhenARowChanged) {
  HistoryOptions options{.kept = 24h, .bytes = kPlenty, .deadlines = {{"S", 2h}}};
  Outbox rows(*store_.database, {}, {}, {}, options);
  ASSERT_TRUE(rows.apply("S", {Upsert{{"1", "a"}}}, kNow));
  ASSERT_TRUE(rows.apply("T", {Upsert{{"1", "a"}}}, kNow));
  ASSERT_TRUE(rows.acknowledge(rows.next_batch("S", kAll).value().value(), kNow));
  const std::vector<HistoryLine> all = lines();
  EXPECT_EQ(all.at(0).deadline, Milliseconds{2h});
  EXPECT_EQ(all.at(1).deadline, Milliseconds{0}) << "none";
  EXPECT_EQ(all.at(2).deadline, std::nullopt) << "what was sent has none";
}

TEST_P(HistoryTest, DoesNotKnowTheDeadlinesOfAnOlderVersion) {
  ASSERT_TRUE(outbox().apply("S", {Upsert{{"1", "a"}}}, kNow));
  ASSERT_TRUE(store_.database->write([](store::Statements& sql) -> Result<void> {
    sql.run("UPDATE history SET deadline_ms = NULL");
    return {};
  }));
  EXPECT_EQ(lines().at(0).deadline, std::nullopt);
}

TEST_P(HistoryTest, KnowsWhatALookTookAndWhenItsNewsCame) {
  const HistoryOptions options{.kept = 24h, .bytes = kPlenty};
  const std::vector<TimePoint> news = {kNow - 3min, TimePoint{}};
  const std::vector<TimePoint> many(10'000, kNow);
  ASSERT_TRUE(store_.database->write([&](store::Statements& sql) -> Result<void> {
    note_looked(sql, options, "form F", 2, news, kNow);
    note_looked(sql, options, "form F", 1, {}, kNow + 1min);
    note_looked(sql, options, "form F", 0, {}, kNow + 2min);
    note_looked(sql, options, "form F", 3, many, kNow + 3min);
    note_looked(sql, {}, "form F", 1, {}, kNow + 4min);
    return {};
  }));
  const std::vector<HistoryLine> all = lines();
  ASSERT_EQ(all.size(), 5U) << "nothing for a look that was none, or when the history is off";
  EXPECT_EQ(all[0].kind, HistoryKind::kLooked);
  EXPECT_EQ(all[0].source, "form F");
  EXPECT_EQ(all[0].calls, 2);
  EXPECT_EQ(all[0].news, news);
  EXPECT_EQ(all[1].calls, 1);
  EXPECT_THAT(all[1].news, IsEmpty());
  std::size_t told = 0;
  for (std::size_t i = 2; i < all.size(); ++i) {
    EXPECT_EQ(all[i].calls, i == 2 ? 3 : 0) << "the calls of a look are counted once";
    told += all[i].news.size();
  }
  EXPECT_EQ(told, many.size());
}

TEST_P(HistoryTest, IsOffUnlessItIsWanted) {
  ASSERT_TRUE(outbox(0ms).apply("S", {Upsert{{"1", "a"}}}, kNow));
  ASSERT_TRUE(outbox(1h, 0).apply("S", {Upsert{{"1", "b"}}}, kNow));
  EXPECT_THAT(words(), IsEmpty());
}

TEST_P(HistoryTest, TakesNoMoreSpaceThanItMayAndDropsTheOldest) {
  constexpr std::int64_t kLittle = 3000;
  Outbox rows = outbox(24h, kLittle);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(rows.apply("S", {Upsert{{"1", std::to_string(i)}}}, kNow + 1s * i));
    EXPECT_LE(lines().size() * (24 + 64), static_cast<std::size_t>(kLittle));
  }
  EXPECT_EQ(lines().back().time, kNow + 99s);
  EXPECT_GT(lines().size(), 25U);
}

TEST_P(HistoryTest, DropsWhatIsTooOld) {
  Outbox rows = outbox(1h);
  for (int i = 0; i < 600; ++i)
    ASSERT_TRUE(rows.apply("S", {Upsert{{"1", std::to_string(i)}}}, kNow + 1min * i));
  // It is looked after with each 256th line.
  EXPECT_GE(lines().front().time, kNow + 511min - 1h - 1min);
  EXPECT_EQ(lines().back().time, kNow + 599min);
}

TEST_P(HistoryTest, ASnapshotOfAnySizeIsReadInPieces) {
  std::vector<Row> many;
  for (int i = 0; i < 10'000; ++i) many.push_back({std::to_string(i), "a"});
  Outbox rows = outbox();
  ASSERT_TRUE(rows.publish("S", std::vector<Row>{{"0", "a"}}, {.replace = true}, kNow));
  ASSERT_TRUE(rows.acknowledge(rows.next_batch("S", kAll).value().value(), kNow));
  ASSERT_TRUE(rows.publish("S", many, {}, kNow));
  std::size_t told = 0;
  for (const HistoryLine& line : lines()) {
    EXPECT_LE(line.rows.size(), 4096U);
    told += line.kind == HistoryKind::kChanged ? line.rows.size() : 0;
  }
  EXPECT_EQ(told, 9'999U);
}

TEST_P(HistoryTest, IsForgottenWithItsDataSourceAndGoesOnWithTheOthers) {
  constexpr std::int64_t kLittle = 3000;
  Outbox rows = outbox(24h, kLittle);
  for (int i = 0; i < 30; ++i)
    ASSERT_TRUE(rows.apply("S", {Upsert{{"1", std::to_string(i)}}}, kNow + 1s * i));
  ASSERT_TRUE(rows.forget("S"));
  EXPECT_THAT(words(), IsEmpty());
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(rows.apply("T", {Upsert{{"1", std::to_string(i)}}}, kNow + 1min + 1s * i));
  EXPECT_EQ(lines().size(), 20U);
}

TEST_P(HistoryTest, NeverGoesBackInTimeWhereTheClockDid) {
  Outbox rows = outbox();
  ASSERT_TRUE(rows.apply("S", {Upsert{{"1", "a"}}}, kNow));
  ASSERT_TRUE(rows.apply("S", {Upsert{{"1", "b"}}}, kNow - 10min));
  EXPECT_EQ(lines().back().time, kNow);
}

TEST_P(HistoryTest, IsReadFromAStoreThatIsOnlyLookedAt) {
  Outbox rows = outbox();
  ASSERT_TRUE(rows.apply("S", {Upsert{{"1", "a"}}}, kNow));
  const store::Store looked_at =
      store::open_store({.location = file_.location(), .use = store::StoreUse::kLook}).value();
  std::size_t told = 0;
  ASSERT_TRUE(read_history(*looked_at.database, [&](const HistoryLine&) -> Result<void> {
    ++told;
    return {};
  }));
  EXPECT_EQ(told, 1U);
  Outbox writer(*looked_at.database, {});
  if (GetParam() == testing::StoreKind::kSqlite) {
    EXPECT_FALSE(writer.apply("S", {Upsert{{"2", "a"}}}, kNow));
  }
}

WEIR_FOR_EVERY_STORE(HistoryTest);

}  // namespace
}  // namespace weir::outbox
