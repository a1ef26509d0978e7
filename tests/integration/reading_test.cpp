// Reading what the platform has: each page a call, announced before it is made.
#include "client_fixture.h"

namespace weir {
namespace {

class ReadingTest : public ClientTest {
 protected:
  void publish_many(int count) {
    std::vector<Row> many;
    for (int i = 0; i < count; ++i) many.push_back({std::to_string(i), "a", ""});
    ASSERT_TRUE(outages().publish(many));
    ASSERT_TRUE(client_->drain(30s));
    calls_before_ = server_->usage().calls_today;
  }

  // Changes that this store does not know of.
  void somebody_else_applies(const std::vector<Change>& changes) {
    Result<Client> others =
        Client::open({.url = server_->url(),
                      .company_id = 12345,
                      .integration_key = Secret::from_string("CANARY-key", "the test"),
                      .time_zone = "America/Los_Angeles",
                      .store = folder_.file("others.db"),
                      .send_in_background = false,
                      .clock = clock_});
    ASSERT_TRUE(others->data_source("OUTAGES").apply(changes));
    ASSERT_TRUE(others->drain(30s));
  }

  std::int64_t calls() const { return server_->usage().calls_today - calls_before_; }

  std::int64_t calls_before_ = 0;
};

TEST_F(ReadingTest, HandsOverAllRowsPageByPageAndAnnouncesEachCall) {
  start();
  publish_many(3000);
  std::vector<ReadProgress> announced;
  std::vector<Row> read;
  const auto take = [&](const RowsPage& page) -> Result<void> {
    EXPECT_EQ(page.columns.size(), 3U);
    read.insert(read.end(), page.rows.begin(), page.rows.end());
    return {};
  };
  const Result<ReadReport> report =
      outages().read_rows(take, {.before_call = [&](const ReadProgress& progress) {
                            announced.push_back(progress);
                            return true;
                          }});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(read, rows());
  EXPECT_EQ(report->rows, 3000);
  EXPECT_EQ(report->calls, 3);
  EXPECT_EQ(calls(), 3);
  ASSERT_EQ(announced.size(), 3U);
  EXPECT_FALSE(announced[0].calls_left) << "how large a page is shows in the first";
  EXPECT_EQ(announced[1].calls_left, 2);
  EXPECT_EQ(announced[2].calls_left, 1);
}

TEST_F(ReadingTest, SpendsNoFurtherCallWhenToldToStop) {
  start();
  publish_many(3000);
  const Result<ReadReport> report = outages().read_rows(
      [](const RowsPage&) -> Result<void> { return {}; },
      {.before_call = [](const ReadProgress& progress) { return progress.calls < 1; }});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(calls(), 1);
}

TEST_F(ReadingTest, EndsWithTheErrorOfWhoeverTakesThePages) {
  start();
  publish_many(3);
  const Result<ReadReport> report = outages().read_rows([](const RowsPage&) -> Result<void> {
    return Error{.code = ErrorCode::kStoreFull, .message = "no room"};
  });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kStoreFull);
}

TEST_F(ReadingTest, CountsTheCallsThatFailedAndWereMadeAgain) {
  start();
  publish_many(3);
  server_->faults().add({.kind = mock::FaultKind::kStatus, .status = 503});
  const Result<ReadReport> report =
      outages().read_rows([](const RowsPage&) -> Result<void> { return {}; });
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->calls, 2);
  EXPECT_EQ(calls(), 2);
}

TEST_F(ReadingTest, SeesByTheNumberOfRowsThatOthersHaveChangedThem) {
  start();
  publish_many(3);
  EXPECT_FALSE(outages().describe()->changed_by_others);
  const std::vector<Row> before = rows();
  somebody_else_applies({Upsert{{"9", "x", "y"}}});
  EXPECT_TRUE(outages().describe()->changed_by_others);
  EXPECT_TRUE(outages().publish(before)->doubtful);
  ASSERT_TRUE(client_->drain(30s));
  EXPECT_EQ(rows(), before);
}

TEST_F(ReadingTest, SaysThatSomebodyElseDeletesRowsAndPutsThemBackWithTheNextPublish) {
  start();
  publish_many(3);
  const std::vector<Row> before = rows();
  ASSERT_TRUE(outages().describe());
  somebody_else_applies({Erase{"1"}});
  ASSERT_TRUE(outages().set_cells("1", {{"city", "x"}}));
  const Result<SendReport> sent = client_->drain(30s);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_NE(sent->last_refusal.find("somebody else changes this data source"), std::string::npos);
  EXPECT_TRUE(outages().publish(before)->doubtful);
  EXPECT_EQ(client_->drain(30s)->calls, 1);
  EXPECT_FALSE(outages().publish(before)->doubtful);
  EXPECT_EQ(rows(), before);
}

}  // namespace
}  // namespace weir
