// A disk on which only small transactions find space: what the platform has accepted is settled
// all the same, in pieces.
#include <gtest/gtest.h>

#include "outbox/outbox.h"
#include "support/temporary_store.h"
#include "unit/outbox/all_and_now.h"

namespace weir::outbox {
namespace {

using namespace std::chrono_literals;
using store::SqlRow;
using store::SqlValue;
using store::Statements;

// Has space for so many statements that change something in a transaction.
class SmallTransactions final : public store::Database {
 public:
  explicit SmallTransactions(store::Database& database) : database_(database) {}

  int space = 1'000'000;
  int refused = 0;

 private:
  class Counted final : public Statements {
   public:
    Counted(Statements& sql, int space) : sql_(sql), space_(space) {}

    std::vector<SqlRow> run(std::string_view sql,
                            const std::vector<SqlValue>& parameters) override {
      take_space(sql);
      return sql_.run(sql, parameters);
    }
    void for_each(std::string_view sql, const std::vector<SqlValue>& parameters,
                  const std::function<void(const SqlRow&)>& row) override {
      take_space(sql);
      sql_.for_each(sql, parameters, row);
    }
    std::int64_t change(std::string_view sql, const std::vector<SqlValue>& parameters) override {
      take_space(sql);
      return sql_.change(sql, parameters);
    }

   private:
    void take_space(std::string_view sql) {
      if (sql.starts_with("SELECT") || --space_ >= 0) return;
      throw store::StoreFailure({.code = ErrorCode::kStoreFull, .message = "the disk is full"});
    }

    Statements& sql_;
    int space_;
  };

  Result<void> transact(Access access, const std::function<bool(Statements&)>& body) override {
    const auto counted = [&](Statements& sql) -> Result<void> {
      Counted statements(sql, space);
      if (body(statements)) return {};
      return Error{.code = ErrorCode::kCancelled, .message = "rolled back"};
    };
    const Result<void> kept = access == Access::kRead  ? database_.read(counted)
                              : access == Access::kAdd ? database_.add(counted)
                                                       : database_.write(counted);
    if (kept || kept.error().code == ErrorCode::kCancelled) return {};
    refused += kept.error().code == ErrorCode::kStoreFull ? 1 : 0;
    return kept.error();
  }

  store::Database& database_;
};

class FullDiskTest : public ::testing::Test {
 protected:
  static std::vector<Row> rows(int count) {
    std::vector<Row> rows;
    for (int i = 0; i < count; ++i) rows.push_back({std::to_string(i), "a"});
    return rows;
  }

  Batch take() { return outbox_.next_batch("S", kAll).value().value(); }

  void publish_and_send(int count) {
    ASSERT_TRUE(outbox_.publish("S", rows(count), {}, kNow));
    ASSERT_TRUE(outbox_.acknowledge(take()));
    ASSERT_TRUE(outbox_.pending()->empty());
  }

  // Nothing waits, and the mirror has these rows and no others.
  void expect_the_platform_has(int count) {
    EXPECT_TRUE(outbox_.pending()->empty());
    disk_.space = 1'000'000;
    const Result<PublishReport> same = outbox_.publish("S", rows(count), {}, kNow);
    ASSERT_TRUE(same);
    EXPECT_EQ(same->unchanged, count);
    EXPECT_EQ(same->upserted + same->deleted, 0);
  }

  const testing::TemporaryStore file_{};
  store::Store store_ = file_.open();
  SmallTransactions disk_{*store_.database};
  Outbox outbox_{disk_, {}};
};

TEST_F(FullDiskTest, SettlesChangesInPieces) {
  publish_and_send(3);
  ASSERT_TRUE(outbox_.publish("S", rows(40), {}, kNow));
  const Batch batch = take();
  ASSERT_EQ(batch.changes.size(), 37U);
  disk_.space = 10;
  const Result<void> settled = outbox_.acknowledge(batch);
  ASSERT_TRUE(settled) << settled.error().message;
  EXPECT_GT(disk_.refused, 0);
  expect_the_platform_has(40);
}

TEST_F(FullDiskTest, SettlesAReplaceInPieces) {
  publish_and_send(25);
  ASSERT_TRUE(outbox_.publish("S", rows(20), {.replace = true}, kNow));
  const Batch batch = take();
  ASSERT_TRUE(batch.replace);
  disk_.space = 10;
  const Result<void> settled = outbox_.acknowledge(batch);
  ASSERT_TRUE(settled) << settled.error().message;
  EXPECT_GT(disk_.refused, 0);
  expect_the_platform_has(20);
}

TEST_F(FullDiskTest, SaysSoWhenNotEvenOneChangeCanBeSettledAndSettlesItLater) {
  publish_and_send(3);
  ASSERT_TRUE(outbox_.publish("S", rows(5), {}, kNow));
  const Batch batch = take();
  disk_.space = 0;
  EXPECT_EQ(outbox_.acknowledge(batch).error().code, ErrorCode::kStoreFull);
  EXPECT_EQ(outbox_.pending()->front().stale_rows, 2);
  disk_.space = 10;
  ASSERT_TRUE(outbox_.acknowledge(take()));
  expect_the_platform_has(5);
}

}  // namespace
}  // namespace weir::outbox
