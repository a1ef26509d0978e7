// Rows and files that were made to have one fingerprint without a key, and stores of before, whose
// fingerprints have none.
#include "support/made_up_rows.h"

#include <gtest/gtest.h>

#include "outbox/diff.h"
#include "outbox/outbox.h"
#include "polling/polled_rows.h"
#include "support/any_store.h"
#include "unit/outbox/all_and_now.h"

namespace weir::outbox {
namespace {

using testing::kOneRow;
using testing::kOtherRow;

const std::vector<std::string> kIdAndText = {"id", "text"};
const Row kPlain = {"2", "b"};

// Its raw form is what a fingerprint of the rows is made of.
class RawBytes final : public RowSource {
 public:
  explicit RawBytes(Row row) : row_(std::move(row)) {}
  Result<std::vector<std::string>> columns() override { return kIdAndText; }
  Result<void> read(const RowQuery&, const RowSink& sink) override { return sink(row_); }
  Result<bool> read_raw(const RawSink& sink) override {
    std::string bytes;
    append_cells(bytes, row_);
    sink(bytes);
    return true;
  }
  Result<std::optional<std::string>> version() override { return std::optional<std::string>("1"); }

 private:
  Row row_;
};

class FingerprintsTest : public testing::AnyStoreTest {
 protected:
  PublishReport publish(const std::vector<Row>& rows) {
    return outbox_.publish("S", rows, {.columns = kIdAndText}, kNow).value();
  }

  void send() {
    while (const auto batch = outbox_.next_batch("S", kAll).value())
      ASSERT_TRUE(outbox_.acknowledge(*batch));
  }

  void publish_and_send(const std::vector<Row>& rows) {
    publish(rows);
    send();
    publish(rows);  // its digest is kept
  }

  // As a store of before kept them.
  void take_keys_away(const std::vector<Row>& rows) {
    ASSERT_TRUE(store_.database->write([&](store::Statements& sql) -> Result<void> {
      for (const Row& row : rows) {
        for (const char* table : {"mirror", "polled_rows"}) {
          sql.run("UPDATE " + std::string(table) + " SET hash = $1 WHERE row_key = $2",
                  {store::Blob{unkeyed_hash(row)}, row.front()});
        }
      }
      sql.run("UPDATE data_sources SET digest_revision = NULL");
      return {};
    }));
  }

  PlatformRows read_from_platform(const std::vector<Row>& rows) {
    PlatformRows read(*outbox_.hash().value());
    for (const Row& row : rows) EXPECT_TRUE(read.add(row));
    return read;
  }

  store::Store store_ = file_.open();
  Outbox outbox_{*store_.database, {}};
};
WEIR_FOR_EVERY_STORE(FingerprintsTest);

TEST_P(FingerprintsTest, OfTheMadeUpRowsAreOneWithoutAKey) {
  EXPECT_EQ(unkeyed_hash(kOneRow), unkeyed_hash(kOtherRow));
  EXPECT_NE(outbox_.hash().value()->of(kOneRow), outbox_.hash().value()->of(kOtherRow));
}

TEST_P(FingerprintsTest, TellAPublishedRowFromAMadeUpOne) {
  publish_and_send({kOneRow, kPlain});
  const PublishReport report = publish({kOtherRow, kPlain});
  EXPECT_EQ(report.upserted, 1);
  EXPECT_EQ(report.unchanged, 1);
}

TEST_P(FingerprintsTest, TellAFileFromAMadeUpOne) {
  publish_and_send({kOneRow});
  RawBytes one(kOneRow);
  ASSERT_EQ(outbox_.publish("S", one, {}, kNow)->unchanged, 1);
  RawBytes other(kOtherRow);
  EXPECT_EQ(outbox_.publish("S", other, {}, kNow)->upserted, 1);
}

TEST_P(FingerprintsTest, TellASingleChangeFromAMadeUpOne) {
  publish_and_send({kOneRow});
  EXPECT_EQ(outbox_.apply("S", {Upsert{kOneRow}}, kNow)->unchanged, 1);
  EXPECT_EQ(outbox_.apply("S", {Upsert{kOtherRow}}, kNow)->upserted, 1);
}

TEST_P(FingerprintsTest, SetNoRowAsideForARefusedOneThatLooksLikeIt) {
  publish({kOneRow});
  ASSERT_TRUE(outbox_.bury(outbox_.next_batch("S", kAll).value().value(), "no", kNow));
  EXPECT_EQ(publish({kOneRow}).set_aside, 1);
  EXPECT_EQ(outbox_.apply("S", {Upsert{kOneRow}}, kNow)->set_aside, 1);
  EXPECT_EQ(publish({kOtherRow}).set_aside, 0);
  EXPECT_EQ(outbox_.apply("S", {Upsert{kOtherRow}}, kNow)->set_aside, 0);
}

TEST_P(FingerprintsTest, TellTheRowsOfThePlatformFromMadeUpOnes) {
  publish_and_send({kOneRow});
  Diff diff(10, *outbox_.hash().value());
  ASSERT_TRUE(diff.want(kOneRow));
  diff.find(kOtherRow);
  EXPECT_EQ(diff.report()->different, 1);
  EXPECT_EQ(outbox_.correct("S", read_from_platform({kOtherRow})).value(), 1);
  EXPECT_EQ(publish({kOneRow}).upserted, 1);
}

TEST_P(FingerprintsTest, TellPolledRowsFromMadeUpOnes) {
  polling::PolledRows seen(*store_.database);
  ASSERT_TRUE(seen.keep("S", seen.difference("S", {kOneRow}).value(), {}));
  EXPECT_TRUE(seen.difference("S", {kOneRow})->changes.changed.empty());
  EXPECT_EQ(seen.difference("S", {kOtherRow})->changes.changed.size(), 1U);
}

TEST_P(FingerprintsTest, AreThoseOfTheStoreForAllWhoShareIt) {
  publish_and_send({kOneRow, kPlain});
  const store::Store elsewhere = file_.open();
  Outbox other(*elsewhere.database, {});
  EXPECT_EQ(other.publish("S", {kOneRow, kPlain}, {.columns = kIdAndText}, kNow)->unchanged, 2);
}

TEST_P(FingerprintsTest, OfBeforeSendNoRowAgainAndAreReplaced) {
  publish_and_send({kOneRow, kPlain});
  take_keys_away({kOneRow, kPlain});
  EXPECT_EQ(publish({kPlain, kOneRow}).unchanged, 2);
  EXPECT_EQ(publish({kPlain, kOtherRow}).upserted, 1);
}

TEST_P(FingerprintsTest, OfBeforeStayAsTheyAreInADryRun) {
  publish_and_send({kOneRow});
  take_keys_away({kOneRow});
  const PublishOptions dry{.dry_run = true, .columns = kIdAndText};
  EXPECT_EQ(outbox_.publish("S", {kOneRow}, dry, kNow)->unchanged, 1);
  EXPECT_EQ(publish({kOneRow}).unchanged, 1);
  EXPECT_EQ(publish({kOtherRow}).upserted, 1);
}

TEST_P(FingerprintsTest, OfBeforeAreSentOnceWhereTheRowHasChanged) {
  publish_and_send({kOneRow, kPlain});
  take_keys_away({kOneRow, kPlain});
  EXPECT_EQ(publish({kOneRow, {"2", "c"}}).upserted, 1);
  send();
  EXPECT_EQ(publish({kOneRow, {"2", "c"}}).unchanged, 2);
}

TEST_P(FingerprintsTest, OfBeforeAreReplacedBySingleChanges) {
  publish_and_send({kOneRow});
  take_keys_away({kOneRow});
  EXPECT_EQ(outbox_.apply("S", {Upsert{kOneRow}}, kNow)->unchanged, 1);
  EXPECT_EQ(outbox_.apply("S", {Upsert{kOtherRow}}, kNow)->upserted, 1);
}

TEST_P(FingerprintsTest, OfBeforeAreNoDriftWhenThePlatformIsRead) {
  publish_and_send({kOneRow, kPlain});
  take_keys_away({kOneRow, kPlain});
  EXPECT_EQ(outbox_.correct("S", read_from_platform({kOneRow, kPlain})).value(), 0);
  EXPECT_EQ(outbox_.correct("S", read_from_platform({kOtherRow, kPlain})).value(), 1);
}

TEST_P(FingerprintsTest, OfBeforeAreNoNewsForAPoll) {
  polling::PolledRows seen(*store_.database);
  ASSERT_TRUE(seen.keep("S", seen.difference("S", {kOneRow}).value(), {}));
  take_keys_away({kOneRow});
  const auto found = seen.difference("S", {kOneRow}).value();
  EXPECT_TRUE(found.changes.changed.empty());
  ASSERT_TRUE(seen.keep("S", found, {}));
  EXPECT_EQ(seen.difference("S", {kOtherRow})->changes.changed.size(), 1U);
}

TEST_P(FingerprintsTest, AreMissedWhenTheirSecretIsLost) {
  publish_and_send({kOneRow});
  for (const char* loss : {"UPDATE row_secret SET secret = $1", "DELETE FROM row_secret"}) {
    ASSERT_TRUE(store_.database->write([&](store::Statements& sql) -> Result<void> {
      const std::vector<store::SqlValue> short_one = {store::Blob{"short"}};
      sql.run(loss, std::string_view(loss).starts_with("UPDATE") ? short_one
                                                                 : std::vector<store::SqlValue>());
      return {};
    }));
    Outbox later(*store_.database, {});
    const auto published = later.publish("S", {kOneRow}, {.columns = kIdAndText}, kNow);
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().code, ErrorCode::kStoreUnusable);
    EXPECT_NE(published.error().message.find("row_secret"), std::string::npos)
        << published.error().message;
  }
}

}  // namespace
}  // namespace weir::outbox
