// A client that solves its price, against the real mock server.
#include <algorithm>

#include "client_fixture.h"

namespace weir {
namespace {

// The clocks of both sides stand until they are moved.
class PricedClientTest : public ClientTest {
 protected:
  static constexpr std::int64_t kCallsPerDay = 24;

  // At midnight.
  void start_priced() {
    start();
    clock_->advance(12h);
    server_->clock().set_rate(0);
    server_->clock().set(clock_->now());
    open("CANARY-key", std::nullopt, kCallsPerDay);
  }

  // A row changes every ten minutes; every two it is asked what is due.
  void live(std::chrono::minutes time) {
    for (auto passed = 0min; passed < time; passed += 10min) {
      ASSERT_TRUE(outages().upsert({"1", "Dinuba", std::to_string(++changes_)}));
      for (int look = 0; look < 5; ++look) {
        ASSERT_TRUE(client_->send_due());
        clock_->advance(2min);
        server_->clock().set(clock_->now());
      }
    }
  }

  // A row each ten milliseconds, as a loop over upsert() brings them; what is due is sent each
  // time.
  void import(int rows) {
    for (int row = 0; row < rows; ++row) {
      ASSERT_TRUE(outages().upsert({std::to_string(++changes_), "Dinuba", "new"}));
      ASSERT_TRUE(client_->send_due());
      pass(10ms);
    }
  }

  void pass(Milliseconds time) {
    clock_->advance(time);
    server_->clock().set(clock_->now());
  }

  std::int64_t calls_today() { return client_->usage()->calls_today; }

  int changes_ = 0;
};

TEST_F(PricedClientTest, SpreadsTheCallsOfADayOverIt) {
  start_priced();
  live(12h);
  EXPECT_GT(calls_today(), kCallsPerDay / 4);
  EXPECT_LT(calls_today(), kCallsPerDay * 3 / 4);
  EXPECT_GT(client_->usage()->price_row_seconds, 0);
  live(12h - 10min);
  EXPECT_GT(calls_today(), kCallsPerDay * 8 / 10);
  EXPECT_LE(calls_today(), kCallsPerDay);
}

TEST_F(PricedClientTest, AnImportOfThousandsOfRowsTakesAFewCalls) {
  start_priced();
  pass(10h);
  open("CANARY-key", std::nullopt, 2500);
  import(3000);
  EXPECT_LE(calls_today(), 30);
  pass(5min);
  ASSERT_TRUE(client_->send_due());
  EXPECT_EQ(rows().size(), 3000U);
}

TEST_F(PricedClientTest, ARestartInTheMiddleOfAnImportIsNoNewImport) {
  start_priced();
  pass(10h);
  open("CANARY-key", std::nullopt, 2500);
  import(1000);
  const std::int64_t before = calls_today();
  for (int restart = 0; restart < 5; ++restart) {
    open("CANARY-key", std::nullopt, 2500);
    import(100);
  }
  EXPECT_LE(calls_today() - before, before);
}

TEST_F(PricedClientTest, CallsOfAnotherProcessCountForAnImportToo) {
  start_priced();
  pass(10h);
  open("CANARY-key", std::nullopt, 2500);
  Client first = std::move(*client_);
  client_.reset();
  open("CANARY-key", std::nullopt, 2500);
  for (int row = 0; row < 1500; ++row) {
    ASSERT_TRUE(outages().upsert({std::to_string(row), "Dinuba", "new"}));
    ASSERT_TRUE(client_->send_due());
    ASSERT_TRUE(first.data_source("CREWS").upsert({std::to_string(row), "new"}));
    ASSERT_TRUE(first.send_due());
    pass(20ms);
  }
  EXPECT_LE(calls_today(), 60);
}

TEST_F(PricedClientTest, SaysOnceThatDeadlinesCannotBeKept) {
  // Of 24 calls a day; each data source alone would take 288 of them.
  sources_["OUTAGES"].deadline = 5min;
  start_priced();
  live(3h);
  const auto told = std::count_if(heard_.begin(), heard_.end(), [](const std::string& line) {
    return line.find("deadlines of data sources take") != std::string::npos;
  });
  EXPECT_EQ(told, 1);
}

TEST_F(PricedClientTest, KnowsTheDayBeforeAfterARestart) {
  start_priced();
  live(24h);
  open("CANARY-key", std::nullopt, kCallsPerDay);
  live(12h);
  // Of a first day no more than a third of the calls are made by noon.
  EXPECT_GT(calls_today(), kCallsPerDay / 3);
  EXPECT_LT(calls_today(), kCallsPerDay * 6 / 10);
}

TEST_F(PricedClientTest, TellsAPersonThePriceThatAnotherProcessHasSolved) {
  start_priced();
  live(3h);
  ASSERT_TRUE(outages().upsert({"1", "Dinuba", "-"}));
  ASSERT_TRUE(client_->send_due());
  const double price = client_->usage()->price_row_seconds;
  open("CANARY-key", std::nullopt, kCallsPerDay);
  EXPECT_NEAR(client_->usage()->price_row_seconds, price, 0.001);
}

TEST_F(PricedClientTest, SaysWhichCallsADeadlineHasForced) {
  // By price a row that counts so little would wait for days.
  sources_["OUTAGES"] = {.weight = 0.01, .deadline = 80min};
  start_priced();
  live(3h);
  const Usage usage = client_->usage().value();
  ASSERT_FALSE(usage.log.empty());
  EXPECT_EQ(usage.log.front().reason, "deadline");
}

TEST_F(PricedClientTest, AdvisesFromTheWholeDaysThatHavePassed) {
  start_priced();
  live(12h);
  EXPECT_EQ(client_->advise()->days, 0);
  live(13h);
  open("CANARY-key", std::nullopt, kCallsPerDay);
  const AdviceReport report = client_->advise().value();
  EXPECT_EQ(report.days, 1);
  EXPECT_GT(report.calls, 0.8 * kCallsPerDay);
  ASSERT_EQ(report.advice.size(), 2U);
  // A change every ten minutes: 1,000 more calls would leave nothing stale.
  EXPECT_EQ(report.advice[0].measure, Measure::kMoreCalls);
  EXPECT_GT(report.advice[0].share_saved.value(), 0.9);
  EXPECT_EQ(report.advice[1].measure, Measure::kDataSourceConnector);
  EXPECT_EQ(report.advice[1].target, "OUTAGES");
  EXPECT_EQ(report.advice[1].calls_freed, report.calls);
}

}  // namespace
}  // namespace weir
