// The real client against the real mock server.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/client.h>
#include <weir/testing/manual_clock.h>

#include "api/data_source_api.h"
#include "client_fixture.h"
#include "http/curl_transport.h"

namespace weir {
namespace {

using mock::Fault;
using mock::FaultKind;

// Time passes whenever somebody looks at it, as on a busy machine.
class RunningClock final : public Clock {
 public:
  TimePoint now() const override { return clock_.now(); }
  Milliseconds steady_now() const override {
    clock_.advance(Milliseconds{1});
    return clock_.steady_now();
  }
  bool wait(Milliseconds duration, const std::stop_token& stop) override {
    return clock_.wait(duration, stop);
  }

 private:
  mutable testing::ManualClock clock_{TimePoint{Milliseconds{1707163200000}}};
};

TEST_F(ClientTest, SendsInsertsAndDeletesInOneCall) {
  start();
  ASSERT_TRUE(outages().publish({{"1", "a", "x"}, {"2", "b", "y"}}));
  ASSERT_TRUE(client_->drain(30s));
  ASSERT_TRUE(outages().upsert({"3", "c", "z"}));
  ASSERT_TRUE(outages().erase("1"));
  const Result<SendReport> sent = client_->drain(30s);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->calls, 1);
  EXPECT_EQ(sent->changes, 2);
  EXPECT_EQ(rows(), (std::vector<Row>{{"2", "b", "y"}, {"3", "c", "z"}}));
  EXPECT_EQ(server_->usage().calls_today, 2);
}

TEST_F(ClientTest, TriesOnceHoweverShortTheTimeAndSlowTheMachine) {
  start();
  open("CANARY-key", std::make_shared<RunningClock>());
  ASSERT_TRUE(outages().upsert({"1", "a", "x"}));
  const Result<SendReport> sent = client_->drain(0s);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->calls, 1);
}

TEST_F(ClientTest, SpendsNoCallOnAnUnchangedSnapshot) {
  start();
  const std::vector<Row> snapshot = {{"1", "a", "x"}, {"2", "b", "y"}};
  ASSERT_TRUE(outages().publish(snapshot));
  ASSERT_TRUE(client_->drain(30s));
  EXPECT_EQ(outages().publish(snapshot)->unchanged, 2);
  EXPECT_EQ(client_->drain(30s)->calls, 0);
  EXPECT_EQ(server_->usage().calls_today, 1);
}

TEST_F(ClientTest, WaitsUntilABatchIsWorthACall) {
  start();
  ASSERT_TRUE(outages().publish({{"1", "a", "x"}}));
  ASSERT_TRUE(client_->drain(30s));
  ASSERT_TRUE(outages().upsert({"1", "a", "y"}));
  const TimePoint kept = clock_->now();
  EXPECT_EQ(client_->send_due().value(), kept + 600s);
  clock_->advance(599s);
  EXPECT_EQ(client_->send_due().value(), kept + 600s);
  EXPECT_EQ(server_->usage().calls_today, 1);
  clock_->advance(1s);
  EXPECT_EQ(client_->send_due().value(), std::nullopt);
  EXPECT_EQ(server_->usage().calls_today, 2);
  EXPECT_EQ(rows(), (std::vector<Row>{{"1", "a", "y"}}));
}

TEST_F(ClientTest, SendsInTimeThoughTheClockWasSetBackByADay) {
  start();
  ASSERT_TRUE(outages().upsert({"1", "a", "x"}));
  clock_->set_wall_time(clock_->now() - 24h);
  for (int minute = 0; minute <= 10; ++minute) {
    ASSERT_TRUE(client_->send_due());
    clock_->advance(1min);
  }
  EXPECT_EQ(server_->usage().calls_today, 1);
}

TEST_F(ClientTest, KeepsChangesOverARestart) {
  start();
  ASSERT_TRUE(outages().upsert({"1", "a", "x"}));
  open();
  EXPECT_EQ(client_->drain(30s)->changes, 1);
  EXPECT_EQ(rows().size(), 1U);
}

TEST_F(ClientTest, SplitsWhatDoesNotFitIntoOneCall) {
  start();
  std::vector<Row> many;
  for (int i = 0; i < 11'600; ++i) many.push_back({std::to_string(i), "a", "x"});
  ASSERT_TRUE(outages().publish(many));
  EXPECT_EQ(client_->drain(30s)->calls, 3) << "10,000 in the replace, then 1,500, then 100";
  EXPECT_EQ(rows(), many);
}

TEST_F(ClientTest, SendsAgainAfterAnAnswerThatNeverCame) {
  start();
  server_->faults().add({.kind = FaultKind::kResetAfter});
  ASSERT_TRUE(outages().upsert({"1", "a", "x"}));
  const Result<SendReport> sent = client_->drain(30s);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->calls, 2);
  EXPECT_EQ(server_->usage().calls_today, 2) << "each attempt was spent";
  EXPECT_EQ(client_->usage()->calls_today, 2);
  EXPECT_EQ(rows().size(), 1U);
}

TEST_F(ClientTest, OutlivesEveryPassingFailure) {
  start();
  for (const FaultKind kind :
       {FaultKind::kStatus, FaultKind::kResetBefore, FaultKind::kLock, FaultKind::kTruncate}) {
    server_->faults().add({.kind = kind});
    ASSERT_TRUE(outages().upsert({"1", "a", "fault " + std::to_string(static_cast<int>(kind))}));
    const Result<SendReport> sent = client_->drain(60s);
    ASSERT_TRUE(sent) << static_cast<int>(kind) << ": " << sent.error().message;
  }
  EXPECT_EQ(rows().front().back(),
            "fault " + std::to_string(static_cast<int>(FaultKind::kTruncate)));
  EXPECT_EQ(server_->usage().calls_today, client_->usage()->calls_today);
}

TEST_F(ClientTest, GivesUpInTimeAndKeepsTheChanges) {
  start();
  server_->faults().add({.kind = FaultKind::kStatus, .count = 1000});
  ASSERT_TRUE(outages().upsert({"1", "a", "x"}));
  const Result<SendReport> sent = client_->drain(30s);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kUnavailable);
  EXPECT_LE(server_->usage().calls_today, 6) << "1, 2, 4, 8 and 16 seconds between the attempts";
  server_->faults().clear();
  EXPECT_TRUE(client_->drain(30s));
  EXPECT_EQ(rows().size(), 1U);
}

TEST_F(ClientTest, StopsAtTheLimitAndGoesOnTheNextDay) {
  start({.calls_per_day = 3});
  // This organization has fewer calls than the client believes: the server's word counts.
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(outages().upsert({std::to_string(i), "a", "x"}));
    ASSERT_TRUE(client_->drain(30s));
  }
  ASSERT_TRUE(outages().upsert({"9", "a", "x"}));
  EXPECT_FALSE(client_->drain(30s));
  EXPECT_EQ(client_->drain(30s).error().code, ErrorCode::kBudgetExhausted);
  EXPECT_EQ(server_->usage().refused, 1) << "one refusal closes the day";
  EXPECT_EQ(client_->usage()->left, 0);
  clock_->advance(24h);
  server_->clock().advance(24h);
  ASSERT_TRUE(client_->drain(30s));
  EXPECT_EQ(rows().size(), 4U);
}

// Nobody but the platform knows that its clock was set; asking for it costs no call.
TEST_F(ClientTest, GoesOnWhenThePlatformsClockAloneComesToTheNextDay) {
  start({.calls_per_day = 2});
  open("CANARY-key", 600, 2);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(outages().upsert({std::to_string(i), "a", "x"}));
    EXPECT_EQ(bool(client_->drain(30s)), i < 2);
  }
  server_->clock().advance(24h);
  ASSERT_TRUE(client_->drain(30s));
  EXPECT_EQ(rows().size(), 3U);
  EXPECT_EQ(server_->usage().calls_today, 1);
  EXPECT_EQ(server_->usage().refused, 0);
}

TEST_F(ClientTest, FindsTheOneBadRowAndKeepsTheOthers) {
  start({.unknown_delete = mock::UnknownDelete::kRefuse});
  std::vector<Change> changes;
  for (int i = 0; i < 100; ++i) changes.emplace_back(Upsert{{std::to_string(i), "a", "x"}});
  ASSERT_TRUE(outages().apply(changes));
  ASSERT_TRUE(client_->drain(60s));
  ASSERT_TRUE(outages().apply(
      {SetCells{"not there", {{"city", "b"}}}, Upsert{{"1", "b", "y"}}, Erase{"gone already"}}));
  const Result<SendReport> sent = client_->drain(60s);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->dead_letters, 1);
  EXPECT_NE(sent->last_refusal.find("No Rows Found"), std::string::npos);
  EXPECT_EQ(rows()[1], (Row{"1", "b", "y"}));
}

TEST_F(ClientTest, AdoptsTheRowsThatThePlatformHas) {
  start();
  std::vector<Row> many;
  for (int i = 0; i < 3000; ++i) many.push_back({std::to_string(i), "a", ""});
  ASSERT_TRUE(outages().publish(many));
  ASSERT_TRUE(client_->drain(30s));
  std::filesystem::remove(folder_.file("weir.db"));
  open();
  many[7][2] = "new";
  const Result<PublishReport> report = outages().publish(many, {.first = FirstPublish::kAdopt});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->calls, 3);
  EXPECT_EQ(report->upserted, 1);
  EXPECT_EQ(client_->drain(30s)->calls, 1);
  EXPECT_EQ(rows(), many);
}

TEST_F(ClientTest, DescribesADataSourceInOneCall) {
  start();
  const Result<Description> description = outages().describe();
  ASSERT_TRUE(description);
  EXPECT_EQ(description->columns, (std::vector<std::string>{"id", "city", "status"}));
  EXPECT_EQ(server_->usage().calls_today, 1);
  EXPECT_FALSE(outages().upsert({"1", "too few"}));
}

TEST_F(ClientTest, SaysThatTheKeyIsWrongAndDoesNotLoop) {
  start();
  open("wrong");
  ASSERT_TRUE(outages().upsert({"1", "a", "x"}));
  EXPECT_EQ(client_->drain(30s).error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(server_->usage().calls_today, 1);
}

TEST_F(ClientTest, NamesAnUnknownDataSourceAndSendsTheOthers) {
  start();
  ASSERT_TRUE(client_->data_source("NOPE").upsert({"1", "a"}));
  ASSERT_TRUE(client_->data_source("CREWS").upsert({"1", "a"}));
  const Result<SendReport> sent = client_->drain(30s);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kUnknownDataSource);
  EXPECT_NE(sent.error().message.find("NOPE"), std::string::npos);
  EXPECT_EQ(rows("CREWS").size(), 1U);
}

TEST_F(ClientTest, SendsByItselfFromItsBackgroundThread) {
  start();
  client_.reset();
  {
    Result<Client> client =
        Client::open({.url = server_->url(),
                      .company_id = 12345,
                      .integration_key = Secret::from_string("CANARY-key", "the test"),
                      .time_zone = "America/Los_Angeles",
                      .store = folder_.file("background.db"),
                      .price_row_seconds = 0});
    ASSERT_TRUE(client);
    ASSERT_TRUE(client->data_source("CREWS").upsert({"1", "a"}));
    ASSERT_TRUE(client->drain(30s)) << "waits for the thread's call when it is under way";
  }
  EXPECT_EQ(rows("CREWS").size(), 1U);
}

TEST_F(ClientTest, LeavesNoKeyInItsFilesOrItsLog) {
  start();
  std::string log;
  Result<Client> client = Client::open(
      {.url = server_->url(),
       .company_id = 12345,
       .integration_key = Secret::from_string("CANARY-key", "the test"),
       .time_zone = "America/Los_Angeles",
       .store = folder_.file("weir.db"),
       .send_in_background = false,
       .log = [&](LogLevel, std::string_view line) { log += std::string(line) + "\n"; }});
  ASSERT_TRUE(client);
  server_->faults().add({.kind = FaultKind::kResetBefore});
  ASSERT_TRUE(client->data_source("CREWS").describe());
  ASSERT_TRUE(client->data_source("CREWS").upsert({"1", "a"}));
  ASSERT_TRUE(client->drain(30s));
  EXPECT_NE(log.find("CREWS"), std::string::npos);
  EXPECT_EQ(log.find("CANARY"), std::string::npos);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(content.find("CANARY"), std::string::npos) << entry.path();
  }
}

TEST_F(ClientTest, TellsAForkedChildToOpenAClientOfItsOwn) {
  start();
  ASSERT_TRUE(outages().upsert({"1", "a", "x"}));
  const pid_t child = ::fork();
  if (child == 0) {
    const Result<SendReport> sent = client_->drain(1s);
    const Result<void> kept = outages().upsert({"2", "b", "y"});
    const bool refused = !sent && sent.error().code == ErrorCode::kForked && !kept &&
                         kept.error().code == ErrorCode::kForked;
    client_.reset();  // touches nothing of the parent's
    ::_exit(refused ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  ASSERT_TRUE(client_->drain(30s));
  EXPECT_EQ(rows().size(), 1U);
  EXPECT_EQ(client_->usage()->calls_today, 1);
}

TEST_F(ClientTest, StopsWhenAskedAndKeepsTheChanges) {
  start();
  ASSERT_TRUE(outages().upsert({"1", "a", "x"}));
  client_->request_stop();
  EXPECT_EQ(client_->drain(30s).error().code, ErrorCode::kCancelled);
  open();
  EXPECT_TRUE(client_->drain(30s));
  EXPECT_EQ(rows().size(), 1U);
}

TEST_F(ClientTest, RefusesTheStoreOfAnotherOrganization) {
  start();
  const Result<Client> other = Client::open({.url = server_->url(),
                                             .company_id = 54321,
                                             .integration_key = Secret::from_string("k", "test"),
                                             .time_zone = "UTC",
                                             .store = folder_.file("weir.db")});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kInvalidConfig);
}

TEST_F(ClientTest, StopsForEveryProcessWhenAnotherProgramHasSpentTheDay) {
  start({.calls_per_day = 5});
  for (int i = 0; i < 3; ++i) {
    const auto outsider =
        http::curl_transport(
            {.base_url = server_->url(), .connect_timeout = 2s, .max_answer_bytes = 1 << 20})
            .value();
    HttpRequest request = api::page_request(
        {.company_id = 12345, .integration_key = Secret::from_string("CANARY-key", "the test")},
        {.external_id = "CREWS", .page = 0, .page_rows = 1});
    ASSERT_EQ(outsider->send(request)->status, 200);
  }
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(outages().upsert({std::to_string(i), "a", "x"}));
    ASSERT_TRUE(client_->drain(30s));
  }
  ASSERT_TRUE(outages().upsert({"9", "a", "x"}));
  EXPECT_EQ(client_->drain(30s).error().code, ErrorCode::kBudgetExhausted);
  EXPECT_TRUE(client_->usage()->closed);
  open();
  EXPECT_EQ(client_->drain(30s).error().code, ErrorCode::kBudgetExhausted);
  EXPECT_EQ(server_->usage().refused, 1) << "the platform had to say it once";
}

}  // namespace
}  // namespace weir
