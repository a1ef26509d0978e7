// Snapshots in sequence against a model of the platform, and the number of calls they take.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>

#include "outbox/outbox.h"
#include "outbox/planner.h"
#include "support/any_store.h"
#include "unit/outbox/all_and_now.h"

namespace weir::outbox {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kColumns = {"id", "city"};
const CallLimits kLimits{.upserts = 3, .deletes = 2, .cell_updates = 2, .replace_rows = 8};

using Table = std::map<std::string, Row>;

// What the platform does with a batch.
void carry_out(const Batch& batch, Table& table) {
  if (batch.replace) table.clear();
  for (const BatchChange& change : batch.changes) {
    if (change.change.kind == ChangeKind::kErase) table.erase(change.key);
    if (change.change.kind == ChangeKind::kUpsert) table[change.key] = change.change.cells;
    if (change.as_update) {
      EXPECT_FALSE(batch.columns.empty());
    }
  }
}

std::vector<Row> rows_of(const Table& table) {
  std::vector<Row> rows;
  for (const auto& [key, row] : table) rows.push_back(row);
  return rows;
}

class PublishTest : public testing::AnyStoreTest {
 protected:
  Result<PublishReport> publish(const Table& wanted) {
    return outbox_.publish("S", rows_of(wanted), {.allow_empty = true, .columns = kColumns}, kNow);
  }

  std::int64_t send_all() {
    std::int64_t calls = 0;
    for (; auto batch = outbox_.next_batch("S", kAll).value(); ++calls) {
      carry_out(*batch, platform_);
      EXPECT_TRUE(outbox_.acknowledge(*batch));
    }
    return calls;
  }

  Table random_table() {
    Table table;
    for (int key = 0; key < 12; ++key) {
      const std::string name = std::to_string(key);
      if (random_() % 3 != 0) table[name] = {name, std::string(1, char('a' + random_() % 3))};
    }
    return table;
  }

  // The least number of calls by any mixture, from the tables alone.
  std::int64_t least_calls(const Table& wanted) const {
    ChangeCounts counts;
    for (const auto& [key, row] : wanted) {
      const auto found = platform_.find(key);
      if (found != platform_.end() && found->second == row) continue;
      ++counts.upserts;
      if (found != platform_.end()) ++counts.updatable;
    }
    for (const auto& [key, row] : platform_) counts.deletes += wanted.contains(key) ? 0 : 1;
    const std::int64_t calls = plan_calls(counts, kLimits).calls;
    const bool fits = !wanted.empty() && std::ssize(wanted) <= kLimits.replace_rows;
    return fits ? std::min<std::int64_t>(calls, 1) : calls;
  }

  store::Store store_ = file_.open();
  Outbox outbox_{*store_.database, kLimits};
  Table platform_;
  std::mt19937 random_{4711};
};

TEST_P(PublishTest, BringsEverySnapshotAcrossInTheFewestCalls) {
  Table first = random_table();
  ASSERT_TRUE(publish(first));
  send_all();
  for (int round = 0; round < 10; ++round) {
    const Table wanted = random_table();
    const std::int64_t least = least_calls(wanted);
    const Result<PublishReport> report = publish(wanted);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->calls_needed, least);
    EXPECT_EQ(send_all(), least) << "round " << round;
    ASSERT_EQ(platform_, wanted) << "round " << round;
  }
}

TEST_P(PublishTest, EndsInTheRightRowsWhenCallsAreCutOff) {
  for (int round = 0; round < 15; ++round) {
    const Table wanted = random_table();
    ASSERT_TRUE(publish(wanted));
    if (auto cut_off = outbox_.next_batch("S", kAll).value()) {
      if (random_() % 2 == 0) carry_out(*cut_off, platform_);
    }
    if (random_() % 2 == 0) continue;  // the next snapshot comes before anything else is sent
    send_all();
    ASSERT_EQ(platform_, wanted) << "round " << round;
  }
}

TEST_P(PublishTest, SendsNothingForASnapshotThatIsAsThePlatformHasIt) {
  const Table table = {{"1", {"1", "a"}}, {"2", {"2", "b"}}};
  ASSERT_TRUE(publish(table));
  send_all();
  for (int again = 0; again < 3; ++again) {
    const PublishReport report = publish(table).value();
    EXPECT_EQ(report.rows, 2);
    EXPECT_EQ(report.unchanged, 2);
    EXPECT_EQ(report.calls_needed, 0);
    EXPECT_EQ(send_all(), 0);
  }
}

TEST_P(PublishTest, SeesAChangeOfOthersAfterAnUnchangedSnapshot) {
  const Table table = {{"1", {"1", "a"}}, {"2", {"2", "b"}}};
  ASSERT_TRUE(publish(table));
  send_all();
  ASSERT_TRUE(publish(table));
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "x"}}}, kNow));
  send_all();
  EXPECT_EQ(publish(table)->upserted, 1);
  send_all();
  EXPECT_EQ(platform_, table);
}

TEST_P(PublishTest, GivesUpAReplaceItNeedNotMakeWhenThatIsRefused) {
  Table table;
  for (int key = 10; key < 20; ++key) table[std::to_string(key)] = {std::to_string(key), "a"};
  ASSERT_TRUE(publish(table));
  send_all();
  const Table few = {{"10", {"10", "a"}}, {"11", {"11", "bad"}}};
  ASSERT_TRUE(publish(few));
  const Batch batch = outbox_.next_batch("S", kAll).value().value();
  EXPECT_TRUE(batch.replace) << "one call instead of four";
  ASSERT_TRUE(outbox_.simplify(batch, {.code = ErrorCode::kRefused, .message = "no"}));
  EXPECT_GT(send_all(), 1);
  EXPECT_EQ(platform_, few);
}

TEST_P(PublishTest, SendsRowsAsTheyAreOnceThePlatformRefusesTheirColumns) {
  Table table;
  for (int key = 10; key < 20; ++key) table[std::to_string(key)] = {std::to_string(key), "a"};
  ASSERT_TRUE(publish(table));
  send_all();
  for (auto& [key, row] : table) row[1] = "b";
  ASSERT_TRUE(publish(table));
  const Batch batch = outbox_.next_batch("S", kAll).value().value();
  ASSERT_EQ(batch.changes.size(), 5U) << "three upserts and two updates";
  ASSERT_TRUE(outbox_.simplify(batch, {.code = ErrorCode::kRefused, .message = "no column"}));
  EXPECT_EQ(outbox_.next_batch("S", kAll).value()->changes.size(), 3U);
}

// As a program whose author forgot the Result.
class DroppingRows final : public RowSource {
 public:
  Result<std::vector<std::string>> columns() override { return kColumns; }
  Result<void> read(const RowQuery&, const RowSink& sink) override {
    for (const Row& row : {Row{"1", "a"}, Row{"2", "\xff"}, Row{"3", "c"}})
      static_cast<void>(sink(row));
    return {};
  }
};

TEST_P(PublishTest, ARowThatIsWrongIsNotDeletedForASourceThatDropsTheError) {
  ASSERT_TRUE(publish({{"1", {"1", "a"}}, {"2", {"2", "b"}}, {"3", {"3", "c"}}}));
  send_all();
  DroppingRows rows;
  EXPECT_EQ(outbox_.publish("S", rows, {}, kNow).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(outbox_.next_batch("S", kAll).value());
}

// Somebody sends while the rows are read.
class DisturbedRows final : public RowSource {
 public:
  DisturbedRows(std::vector<Row> rows, std::function<void()> disturb)
      : rows_(std::move(rows)), disturb_(std::move(disturb)) {}
  Result<std::vector<std::string>> columns() override { return kColumns; }
  Result<void> read(const RowQuery&, const RowSink& sink) override {
    for (const Row& row : rows_) {
      if (Result<void> taken = sink(row); !taken) return taken;
    }
    if (disturb_) std::exchange(disturb_, nullptr)();
    return {};
  }

 private:
  std::vector<Row> rows_;
  std::function<void()> disturb_;
};

TEST_P(PublishTest, ReadsAgainWhenARowIsSentMeanwhileThatItTookForUnchanged) {
  const Table table = {{"1", {"1", "a"}}, {"2", {"2", "b"}}};
  ASSERT_TRUE(publish(table));
  send_all();
  DisturbedRows rows(rows_of(table), [this] {
    ASSERT_TRUE(outbox_.apply("S", {Upsert{{"1", "x"}}}, kNow));
    send_all();
  });
  const Result<PublishReport> report = outbox_.publish("S", rows, {}, kNow);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->upserted, 1);
  send_all();
  EXPECT_EQ(platform_, table);
}

TEST_P(PublishTest, KeepsNothingOfASnapshotWhoseSourceFails) {
  const Table table = {{"1", {"1", "a"}}};
  ASSERT_TRUE(publish(table));
  send_all();
  ASSERT_FALSE(outbox_.publish("S", {{"1", "b"}, {"2", "c"}, {"3", "\xFF"}}, {}, kNow));
  EXPECT_EQ(send_all(), 0);
}

TEST_P(PublishTest, RefusesNamesOfColumnsThatNoCallCouldCarry) {
  const std::string long_name(1025, 'x');
  for (const std::string& name :
       {std::string("\xFF"), std::string("a\xC3"), std::string("a\0b", 3), std::string("a\tb"),
        std::string("a\r"), std::string(), long_name, std::string("id")}) {
    const auto refused = outbox_.publish("S", {{"1", "a"}}, {.columns = {"id", name}}, kNow);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(refused.error().message.find("column 2 has "), std::string::npos)
        << refused.error().message;
  }
  EXPECT_EQ(send_all(), 0);
  const std::string letters =
      "Stra\xC3\x9F"
      "e \xF0\x9F\x9A\xA7";
  EXPECT_TRUE(outbox_.publish("S", {{"1", "a"}}, {.columns = {"id", letters}}, kNow));
}

TEST_P(PublishTest, ReplacesMoreRowsThanOneCallHoldsOnlyWhereThatIsAllowed) {
  Table many;
  for (int key = 10; key < 22; ++key) many[std::to_string(key)] = {std::to_string(key), "a"};
  ASSERT_TRUE(publish(many));
  send_all();
  for (auto& [key, row] : many) row = {key, "b"};
  PublishOptions options{.columns = kColumns};
  const std::int64_t by_difference =
      outbox_.publish("S", rows_of(many), options, kNow)->calls_needed;
  options.allow_incomplete_replace = true;
  EXPECT_LE(outbox_.publish("S", rows_of(many), options, kNow)->calls_needed, by_difference);
  const std::int64_t calls = send_all();
  EXPECT_LE(calls, by_difference);
  EXPECT_EQ(platform_, many);
}

// A source that knows what it is without its rows being read.
class RawRows final : public RowSource {
 public:
  explicit RawRows(std::vector<Row> rows) : rows_(std::move(rows)) {}
  Result<std::vector<std::string>> columns() override { return kColumns; }
  Result<void> read(const RowQuery&, const RowSink& sink) override {
    ++readings;
    if (while_read) while_read();
    for (const Row& row : rows_) {
      if (Result<void> taken = sink(row); !taken) return taken;
    }
    return {};
  }
  Result<bool> read_raw(const RawSink& sink) override {
    for (const Row& row : rows_) {
      for (const std::string& cell : row) sink(cell + ",");
    }
    return true;
  }
  Result<std::optional<std::string>> version() override { return std::optional(version_text); }

  int readings = 0;
  std::string version_text = "1";
  std::function<void()> while_read = {};

 private:
  std::vector<Row> rows_;
};

TEST_P(PublishTest, KnowsASnapshotByItsBytesWithoutReadingItsRows) {
  const Table table = {{"1", {"1", "a"}}, {"2", {"2", "b"}}};
  ASSERT_TRUE(publish(table));
  send_all();
  RawRows rows(rows_of(table));
  ASSERT_TRUE(outbox_.publish("S", rows, {}, kNow));
  const int readings = rows.readings;
  EXPECT_EQ(outbox_.publish("S", rows, {}, kNow)->unchanged, 2);
  EXPECT_EQ(rows.readings, readings);
  RawRows others({{"1", "a"}, {"2", "c"}});
  EXPECT_EQ(outbox_.publish("S", others, {}, kNow)->upserted, 1);
}

TEST_P(PublishTest, KnowsASnapshotInAnotherOrderByReadingItsRowsOnce) {
  ASSERT_TRUE(publish({{"1", {"1", "a"}}, {"2", {"2", "b"}}}));
  send_all();
  RawRows rows({{"1", "a"}, {"2", "b"}});
  RawRows reversed({{"2", "b"}, {"1", "a"}});
  ASSERT_TRUE(outbox_.publish("S", rows, {}, kNow));
  EXPECT_EQ(outbox_.publish("S", reversed, {.dry_run = true}, kNow)->unchanged, 2);
  EXPECT_EQ(reversed.readings, 1);
  EXPECT_EQ(outbox_.publish("S", reversed, {}, kNow)->unchanged, 2);
  EXPECT_EQ(reversed.readings, 2);
  EXPECT_EQ(outbox_.publish("S", reversed, {}, kNow)->unchanged, 2);
  EXPECT_EQ(reversed.readings, 2) << "by then it is known by its bytes";
  RawRows changed({{"2", "a"}, {"1", "b"}});
  EXPECT_EQ(outbox_.publish("S", changed, {}, kNow)->upserted, 2);
}

// As when it is replaced while it is read: its bytes are of one version, its rows of another.
TEST_P(PublishTest, TakesNoBytesForRowsThatWereReadLater) {
  ASSERT_TRUE(publish({{"1", {"1", "a"}}, {"2", {"2", "b"}}}));
  send_all();
  RawRows rows({{"1", "a"}, {"2", "b"}});
  ASSERT_TRUE(outbox_.publish("S", rows, {}, kNow));
  RawRows replaced({{"2", "b"}, {"1", "a"}});
  replaced.while_read = [&] { replaced.version_text += "x"; };
  EXPECT_EQ(outbox_.publish("S", replaced, {}, kNow)->unchanged, 2);
  replaced.while_read = {};
  const int readings = replaced.readings;
  EXPECT_EQ(outbox_.publish("S", replaced, {}, kNow)->unchanged, 2);
  EXPECT_GT(replaced.readings, readings);
}

TEST_P(PublishTest, KnowsASnapshotAgainOfWhichARowIsSetAside) {
  const std::vector<Row> rows = {{"1", "a"}, {"2", "bad"}};
  ASSERT_TRUE(outbox_.publish("S", rows, {.columns = kColumns}, kNow));
  const Batch both = outbox_.next_batch("S", kAll).value().value();
  ASSERT_TRUE(outbox_.simplify(both, {.code = ErrorCode::kRefused, .message = "no"}));
  const Batch first = outbox_.next_batch("S", 1).value().value();
  ASSERT_TRUE(outbox_.acknowledge(first));
  const Batch bad = outbox_.next_batch("S", 1).value().value();
  ASSERT_TRUE(outbox_.bury(bad, "no", kNow));
  RawRows source(rows);
  const PublishReport report = outbox_.publish("S", source, {}, kNow).value();
  EXPECT_EQ(report.set_aside, 1);
  const int readings = source.readings;
  const PublishReport again = outbox_.publish("S", source, {}, kNow).value();
  EXPECT_EQ(again.set_aside, 1);
  EXPECT_EQ(again.unchanged, 1);
  EXPECT_EQ(source.readings, readings);
  ASSERT_TRUE(outbox_.retry({}, kNow));
  EXPECT_EQ(outbox_.publish("S", source, {}, kNow)->set_aside, 0) << "it was asked for again";
}

TEST_P(PublishTest, RefusesCellsRowsAndAnOutboxThatAreTooLargeAndKeepsNothing) {
  Outbox small(*store_.database, kLimits, {},
               {.cell_bytes = 10, .row_bytes = 14, .outbox_bytes = 200});
  for (const Row& row : {Row{"1", "a cell of more"}, Row{"1", "seven..", "seven.."},
                         Row{"much too long a key", "a"}}) {
    const Result<ApplyReport> applied = small.apply("S", {Upsert{row}}, kNow);
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(applied.error().position, 1U);
    EXPECT_FALSE(small.publish("S", {row}, {}, kNow));
  }
  EXPECT_FALSE(small.apply("S", {SetCells{"1", {{"city", "a cell of more"}}}}, kNow));
  int kept = 0;
  std::optional<Error> full;
  while (!full) {
    const Result<ApplyReport> applied =
        small.apply("S", {Upsert{{std::to_string(kept), "text"}}}, kNow);
    applied ? static_cast<void>(++kept) : static_cast<void>(full = applied.error());
  }
  EXPECT_EQ(full->code, ErrorCode::kOutboxFull) << full->message;
  EXPECT_GT(kept, 2);
  std::vector<Row> many;
  for (int i = 0; i < 12; ++i) many.push_back({std::to_string(i), "text"});
  const Result<PublishReport> published = small.publish("S", many, {}, kNow);
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, ErrorCode::kOutboxFull);
  EXPECT_EQ(small.pending()->front().stale_rows, kept) << "nothing was changed";
}

WEIR_FOR_EVERY_STORE(PublishTest);

}  // namespace
}  // namespace weir::outbox
