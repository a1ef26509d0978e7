// A snapshot whose keys have changed their form would delete every row and insert it anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "outbox/outbox.h"
#include "support/any_store.h"
#include "unit/outbox/all_and_now.h"

namespace weir::outbox {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kRowCount = 10;

class ChangedKeysTest : public testing::AnyStoreTest {
 protected:
  using KeyOf = std::function<std::string(int row)>;

  static std::string plain(int row) { return std::to_string(row); }

  static std::vector<Row> rows(const KeyOf& key, int count = kRowCount) {
    std::vector<Row> rows;
    for (int row = 1; row <= count; ++row) rows.push_back({key(row), "a" + std::to_string(row)});
    return rows;
  }

  // What a snapshot of these says after one with plain keys has been sent; empty: it is kept.
  std::string said(const std::vector<Row>& snapshot, PublishOptions options = {},
                   int rows_before = kRowCount) {
    EXPECT_TRUE(outbox_.publish("S", rows(plain, rows_before), {}, kNow));
    while (const auto batch = outbox_.next_batch("S", kAll).value())
      EXPECT_TRUE(outbox_.acknowledge(*batch));
    if (!options.max_deletes) options.guard_deletes = true;
    const Result<PublishReport> report = outbox_.publish("S", snapshot, options, kNow);
    if (report) return "";
    EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(outbox_.next_batch("S", kAll).value()) << "something is kept";
    return report.error().message;
  }

  store::Store store_ = file_.open();
  Outbox outbox_{*store_.database, {}};
};

TEST_P(ChangedKeysTest, AreRefusedInEachForm) {
  const std::vector<std::pair<KeyOf, std::string>> family = {
      {[](int row) { return "0" + plain(row); }, "as from “1” to “01”"},
      {[](int row) { return plain(row) + ".0"; }, "as from “1” to “1.0”"},
      {[](int row) { return plain(row) + " "; }, "as from “1” to “1 ”"}};
  for (const auto& [key, example] : family) {
    const std::string said_of_it = said(rows(key));
    EXPECT_THAT(said_of_it, HasSubstr("every key has changed its form, " + example));
    EXPECT_THAT(said_of_it, HasSubstr("10 rows would be deleted and inserted under other keys"));
    EXPECT_THAT(said_of_it, HasSubstr("set PublishOptions::max_deletes to 10 if that is meant"));
  }
}

TEST_P(ChangedKeysTest, AreRefusedByADryRunToo) {
  EXPECT_THAT(said(rows([](int row) { return "0" + plain(row); }), {.dry_run = true}),
              HasSubstr("has changed its form"));
}

TEST_P(ChangedKeysTest, AreToldApartFromRowsThatAreGone) {
  const auto from_row = [](int first) {
    return rows([first](int row) { return row < first ? plain(row) : "0" + plain(row); });
  };
  EXPECT_THAT(said(from_row(6)), HasSubstr("nearly every key has changed its form")) << "half";
  EXPECT_EQ(said(from_row(7)), "") << "of 10 rows 4 are gone, fewer than half";
  // Nine in ten of those that are gone are there in another form.
  std::vector<Row> snapshot = from_row(1);
  snapshot.pop_back();
  EXPECT_THAT(said(snapshot), HasSubstr("every key has changed its form")) << "one of ten is gone";
  snapshot.pop_back();
  EXPECT_EQ(said(snapshot), "") << "two of ten are";
}

TEST_P(ChangedKeysTest, AreOtherKeysWhereTheyMeanSomethingElse) {
  EXPECT_THAT(said(rows([](int row) { return plain(100 + row); })), Not(HasSubstr("form")));
}

TEST_P(ChangedKeysTest, OfASingleRowAreAnotherRow) { EXPECT_EQ(said({{"01", "a"}}, {}, 1), ""); }

TEST_P(ChangedKeysTest, AreTakenWherePeopleSayThatTheyAreMeant) {
  const std::vector<Row> changed = rows([](int row) { return "0" + plain(row); });
  EXPECT_EQ(said(changed, {.max_deletes = kRowCount}), "");
  EXPECT_EQ(said(rows(plain), {.max_deletes = kRowCount}), "") << "and back";
}

TEST_P(ChangedKeysTest, AreTakenWhereNoGuardIsWanted) {
  ASSERT_TRUE(outbox_.publish("S", rows(plain), {}, kNow));
  EXPECT_TRUE(outbox_.publish("S", rows([](int row) { return "0" + plain(row); }), {}, kNow));
}

WEIR_FOR_EVERY_STORE(ChangedKeysTest);

}  // namespace
}  // namespace weir::outbox
