// Others change the platform's rows: what proves it, and what puts it right.
#include <gtest/gtest.h>

#include "outbox/diff.h"
#include "outbox/outbox.h"
#include "support/any_store.h"
#include "unit/outbox/all_and_now.h"
#include "unit/outbox/test_key.h"

namespace weir::outbox {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kColumns = {"id", "city"};
const std::vector<Row> kRows = {{"1", "a"}, {"2", "b"}, {"3", "c"}};
const Error kMissing{.code = ErrorCode::kMissingRow, .message = "No Rows Found"};

class DriftTest : public testing::AnyStoreTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(publish(kRows));
    send_all();
  }

  Result<PublishReport> publish(const std::vector<Row>& rows, PublishOptions options = {}) {
    options.columns = kColumns;
    return outbox_.publish("S", rows, options, kNow);
  }

  Batch take() { return outbox_.next_batch("S", kAll).value().value(); }

  void send_all() {
    while (auto batch = outbox_.next_batch("S", kAll).value())
      ASSERT_TRUE(outbox_.acknowledge(*batch));
  }

  // A cell update of a row that the platform has acknowledged, and now says is not there.
  void learn_of_a_missing_row() {
    ASSERT_TRUE(outbox_.apply("S", {SetCells{"2", {{"city", "x"}}}}, kNow));
    const Batch batch = take();
    EXPECT_TRUE(outbox_.simplify(batch, kMissing).value());
    ASSERT_TRUE(outbox_.bury(batch, kMissing.message, kNow));
  }

  Result<std::int64_t> correct(const std::vector<Row>& rows) {
    PlatformRows read(*outbox_.hash().value());
    for (const Row& row : rows) EXPECT_TRUE(read.add(row));
    return outbox_.correct("S", read);
  }

  store::Store store_ = file_.open();
  Outbox outbox_{*store_.database, CallLimits{.upserts = 2, .deletes = 2, .replace_rows = 4}};
};

TEST_P(DriftTest, ReplacesAllRowsWhenARowIsMissingThatThePlatformHadAcknowledged) {
  learn_of_a_missing_row();
  const PublishReport report = publish(kRows).value();
  EXPECT_TRUE(report.doubtful);
  EXPECT_EQ(report.calls_needed, 1);
  EXPECT_EQ(take().changes.size(), 3U);
  send_all();
  EXPECT_FALSE(publish(kRows)->doubtful) << "the replace has put it right";
  EXPECT_FALSE(outbox_.next_batch("S", kAll)->has_value());
}

TEST_P(DriftTest, SendsOnlyTheDifferenceOfMoreRowsThanOneCallReplaces) {
  const std::vector<Row> many = {{"1", "a"}, {"2", "b"}, {"3", "c"}, {"4", "d"}, {"5", "e"}};
  ASSERT_TRUE(publish(many));
  send_all();
  learn_of_a_missing_row();
  EXPECT_TRUE(publish(many)->doubtful);
  EXPECT_FALSE(take().replace);
}

TEST_P(DriftTest, ReplacesNothingWhereDeletesAreLimited) {
  learn_of_a_missing_row();
  EXPECT_TRUE(publish(kRows, {.max_deletes = 1})->doubtful);
  EXPECT_FALSE(take().replace) << "it would delete whatever others have put there";
}

TEST_P(DriftTest, TakesNoRefusalForAProofWhenTheRowMayNeverHaveBeenThere) {
  ASSERT_TRUE(outbox_.apply("S", {SetCells{"2", {{"city", "x"}}}}, kNow));
  static_cast<void>(take());  // its end is not known
  EXPECT_FALSE(outbox_.simplify(take(), kMissing).value());
  EXPECT_FALSE(publish(kRows)->doubtful);
}

TEST_P(DriftTest, IsProvedByTheNumberOfRows) {
  const std::int64_t revision = outbox_.revision("S").value();
  EXPECT_FALSE(outbox_.compare_count("S", 3, revision).value());
  EXPECT_TRUE(outbox_.compare_count("S", 4, revision).value());
  EXPECT_TRUE(publish(kRows)->doubtful);
}

TEST_P(DriftTest, IsNotProvedByANumberOfRowsThatIsOlderThanWhatWasSentMeanwhile) {
  const std::int64_t revision = outbox_.revision("S").value();
  ASSERT_TRUE(outbox_.apply("S", {Upsert{{"4", "d"}}}, kNow));
  static_cast<void>(take());
  EXPECT_FALSE(outbox_.compare_count("S", 4, revision).value());
  EXPECT_FALSE(outbox_.compare_count("S", 4, outbox_.revision("S").value()).value());
}

TEST_P(DriftTest, SendsJustWhatDiffersOnceTheRowsWereRead) {
  EXPECT_EQ(correct({{"1", "a"}, {"3", "changed"}, {"9", "new"}}).value(), 3);
  const PublishReport report = publish(kRows).value();
  EXPECT_EQ(report.upserted, 2);
  EXPECT_EQ(report.deleted, 1);
  EXPECT_FALSE(report.doubtful);
}

TEST_P(DriftTest, CorrectsNothingThatWasNeverPublished) {
  PlatformRows read(*outbox_.hash().value());
  ASSERT_TRUE(read.add({"1", "a"}));
  EXPECT_EQ(outbox_.correct("T", read).value(), 0);
  EXPECT_FALSE(outbox_.is_known("T").value());
}

TEST(Diff, CountsAndListsWhatIsMissingExtraAndDifferent) {
  Diff diff(10, kTestKey);
  for (const Row& row : kRows) ASSERT_TRUE(diff.want(row));
  for (const Row& row : {Row{"1", "a"}, Row{"3", "x"}, Row{"4", "d"}}) diff.find(row);
  const DiffReport report = diff.report().value();
  EXPECT_EQ(report.rows, 3);
  EXPECT_EQ(report.rows_on_platform, 3);
  EXPECT_EQ(report.missing, 1);
  EXPECT_EQ(report.extra, 1);
  EXPECT_EQ(report.different, 1);
  ASSERT_EQ(report.differences.size(), 3U);
  EXPECT_EQ(report.differences[0].wanted, (Row{"3", "c"}));
  EXPECT_EQ(report.differences[0].on_platform, (Row{"3", "x"}));
  EXPECT_EQ(report.differences[1].kind, RowDifference::Kind::kExtra);
  EXPECT_EQ(report.differences[2].key, "2");
}

TEST(Diff, CountsAllThoughItListsFew) {
  Diff diff(1, kTestKey);
  for (const Row& row : kRows) ASSERT_TRUE(diff.want(row));
  const DiffReport report = diff.report().value();
  EXPECT_EQ(report.missing, 3);
  EXPECT_EQ(report.differences.size(), 1U);
}

TEST(Diff, TakesAKeyThatThePlatformHasTwiceForARowTooMany) {
  Diff diff(10, kTestKey);
  ASSERT_TRUE(diff.want({"1", "a"}));
  diff.find({"1", "a"});
  diff.find({"1", "a"});
  EXPECT_EQ(diff.report()->extra, 1);
  EXPECT_EQ(diff.report()->different, 0);
}

TEST(Diff, NamesABadRowOfTheSnapshot) {
  Diff diff(10, kTestKey);
  ASSERT_TRUE(diff.want({"1", "a"}));
  const Result<void> again = diff.want({"1", "b"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().position, 2U);
}

WEIR_FOR_EVERY_STORE(DriftTest);

}  // namespace
}  // namespace weir::outbox
