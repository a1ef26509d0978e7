// The mock server over real sockets, as scripts and clients meet it.
#include "mock_server/mock_server.h"

#include <gtest/gtest.h>

#include <thread>

#include "http/curl_transport.h"
#include "support/raw_client.h"
#include "support/temporary_folder.h"

namespace weir::mock {
namespace {

using namespace std::chrono_literals;

class MockServerTest : public ::testing::Test {
 protected:
  void start(Options options = {}) {
    options.company_id = 7;
    options.integration_key = "k";
    options.data_sources = {{"A", {"id", "text"}}, {"B", {"id", "text"}}};
    server_ = MockServer::start(options);
    ASSERT_TRUE(server_);
    transport_ = http::curl_transport({.base_url = server_->url(), .connect_timeout = 5s}).value();
  }

  // -1: no answer, -2: none in time.
  int put(const std::string& body) { return send("PUT", "/api/v2/datasource", body).status; }
  int put_row(const std::string& source) {
    return put(R"({"CompanyId":7,"IntegrationKey":"k","ExternalId":")" + source +
               R"(","NewRows":[["1","x"]]})");
  }

  HttpResponse send(const std::string& method, const std::string& path,
                    const std::string& body = "") {
    const auto response =
        transport_->send({.method = method, .path = path, .body = body, .timeout = 20s});
    if (response) return *response;
    return HttpResponse{.status = response.error().code == ErrorCode::kTimeout ? -2 : -1};
  }

  std::unique_ptr<MockServer> server_;
  std::shared_ptr<Transport> transport_;
};

TEST_F(MockServerTest, RefusesTheCallOverTheLimitAsItIsToldTo) {
  for (const int status : {429, 400, 500, 503}) {
    start({.calls_per_day = 1, .over_limit_status = status});
    EXPECT_EQ(put_row("A"), 200);
    EXPECT_EQ(put_row("A"), status);
    EXPECT_EQ(server_->usage().calls_today, 1);
    EXPECT_EQ(server_->usage().refused, 1);
  }
}

TEST_F(MockServerTest, RefusesTheFourthConnectionWhileThreeAreHeld) {
  start();
  server_->faults().add({.kind = FaultKind::kDelay, .count = 3, .seconds = 60});
  std::vector<std::thread> calls;
  for (int i = 0; i < 3; ++i) calls.emplace_back([&] { send("GET", "/api/v2/datasource"); });
  while (server_->faults().delayed() < 3) std::this_thread::yield();
  const HttpResponse fourth = send("GET", "/api/v2/datasource");
  EXPECT_EQ(fourth.status, 429);
  EXPECT_NE(fourth.body.find("TooManyConnections"), std::string::npos);
  EXPECT_EQ(send("GET", "/_mock/usage").status, 200) << "control is not metered";
  server_->faults().end_delays();
  for (std::thread& call : calls) call.join();
  EXPECT_EQ(server_->usage().peak_connections, 3);
  EXPECT_EQ(server_->usage().connections, 0);
}

TEST_F(MockServerTest, LetsOneWriterAtATimeIntoADataSource) {
  start();
  server_->faults().add({.kind = FaultKind::kDelay, .seconds = 60, .source = "A"});
  std::thread writer([&] { EXPECT_EQ(put_row("A"), 200); });
  while (server_->faults().delayed() < 1) std::this_thread::yield();
  EXPECT_EQ(put_row("A"), 400);
  EXPECT_EQ(put_row("B"), 200);
  server_->faults().end_delays();
  writer.join();
}

TEST_F(MockServerTest, PlaysBothKindsOfReset) {
  start();
  server_->faults().add({.kind = FaultKind::kResetBefore});
  EXPECT_EQ(put_row("A"), -1);
  EXPECT_EQ(server_->rows("A")->size(), 0U);
  server_->faults().add({.kind = FaultKind::kResetAfter});
  EXPECT_EQ(put_row("A"), -1);
  EXPECT_EQ(server_->rows("A")->size(), 1U);
}

TEST_F(MockServerTest, DiesAfterAChangeTogetherWithAllThatIsUnderWay) {
  start();
  server_->faults().add({.kind = FaultKind::kDelay, .seconds = 60, .source = "A"});
  server_->faults().add({.kind = FaultKind::kCrash, .source = "B"});
  std::thread waits([&] { EXPECT_EQ(put_row("A"), -1); });
  while (server_->faults().delayed() < 1) std::this_thread::yield();
  EXPECT_EQ(put_row("B"), -1);
  EXPECT_EQ(server_->rows("B")->size(), 1U);
  waits.join();
  server_->faults().end_delays();
  EXPECT_EQ(put_row("B"), 200) << "it is there again";
}

TEST_F(MockServerTest, GoesOnAfterItsDeathWithTheRowsAndTheCountOfBefore) {
  const testing::TemporaryFolder folder;
  const Options options = {.calls_per_day = 4, .state_file = folder.file("state.json")};
  start(options);
  EXPECT_EQ(put_row("A"), 200);
  EXPECT_EQ(put(R"({"CompanyId":7,"IntegrationKey":"k","ExternalId":"A","Name":"Crews",)"
                R"("NewRows":[["2","y"]],"DeletedRows":[["1"]]})"),
            200);
  EXPECT_EQ(put(R"({"CompanyId":7,"IntegrationKey":"k","ExternalId":"A","NewRows":[["3"]]})"), 400);
  for (int restart = 0; restart < 2; ++restart) {
    server_.reset();
    start(options);
    EXPECT_EQ(server_->rows("A"), (std::vector<std::vector<std::string>>{{"2", "y"}}));
    EXPECT_EQ(server_->rows("B"), std::vector<std::vector<std::string>>());
    EXPECT_EQ(server_->usage().calls_today, 3);
  }
  const auto by_its_name =
      transport_->send({.method = "GET",
                        .path = "/api/v2/datasource",
                        .query = {{"CompanyId", "7"}, {"IntegrationKey", "k"}, {"Name", "Crews"}}});
  ASSERT_TRUE(by_its_name);
  EXPECT_NE(by_its_name->body.find("\"TotalRows\":1"), std::string::npos) << by_its_name->body;
  EXPECT_EQ(put_row("A"), 429) << "its fourth call was the last of the day";
}

TEST_F(MockServerTest, KillsItselfOnlyWhereItsStateIsKept) {
  start();
  const HttpResponse refused = send("POST", "/_mock/faults", R"({"kind":"kill"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("--state"), std::string::npos);
}

TEST_F(MockServerTest, ChecksKeysAndCountsFailedCalls) {
  start();
  EXPECT_EQ(put(R"({"CompanyId":7,"IntegrationKey":"wrong","ExternalId":"A"})"), 401);
  EXPECT_EQ(put(R"({"CompanyId":8,"IntegrationKey":"k","ExternalId":"A"})"), 401);
  EXPECT_EQ(put("not json"), 400);
  EXPECT_EQ(put(std::string(100'000, '[')), 400);
  EXPECT_EQ(send("POST", "/api/v2/datasource", "{}").status, 405);
  EXPECT_EQ(server_->usage().calls_today, 5);
}

TEST_F(MockServerTest, DoesNotMeterFileDownloadsPagesOrControl) {
  start();
  for (const std::string path : {"/", "/logs", "/_mock/usage", "/api/v2/formentry/file"})
    send("GET", path);
  EXPECT_EQ(server_->usage().calls_today, 0);
  ASSERT_EQ(server_->usage().log.size(), 1U) << "the download alone is a request of the API";
  EXPECT_FALSE(server_->usage().log.front().charged);
}

TEST_F(MockServerTest, SetsItsClockAndSaysSo) {
  start();
  const HttpResponse answer =
      send("POST", "/_mock/clock", R"({"now":"2024-02-05T08:00:00Z","rate":0})");
  EXPECT_EQ(answer.body, R"({"now":"2024-02-05T08:00:00.0000000Z","rate":0.0})");
  const HttpResponse call = send("GET", "/api/v2/datasource");
  const std::pair<std::string, std::string> date = {"date", "Mon, 05 Feb 2024 08:00:00 GMT"};
  EXPECT_NE(std::find(call.headers.begin(), call.headers.end(), date), call.headers.end());
  for (const std::string bad :
       {"{}", "x", R"({"now":"x"})", R"({"rate":-1})", R"({"advance_seconds":"1"})"}) {
    EXPECT_EQ(send("POST", "/_mock/clock", bad).status, 400) << bad;
  }
}

TEST_F(MockServerTest, SaysThatItsPortIsTaken) {
  start();
  const std::string url = server_->url();
  std::string problem;
  EXPECT_FALSE(MockServer::start({.port = std::stoi(url.substr(url.rfind(':') + 1))}, &problem));
  EXPECT_NE(problem.find("is the port taken?"), std::string::npos);
}

TEST_F(MockServerTest, AnswersOtherPathsOfThePlatformWhereItIsAskedTo) {
  start();
  EXPECT_EQ(send("GET", "/api/v2/user/search").status, 405);
  start({.other_paths_canned = true});
  const std::string body = R"({"CompanyId":7,"IntegrationKey":"k"})";
  for (const char* path :
       {"/api/v2/task", "/api/v2/TaskRecurring/", "/api/v2/user/search", "/api/v2/usergroup",
        "/api/v2/folder", "/api/v2/formentry/delete", "/api/v2/screen"})
    EXPECT_EQ(send("POST", path, body).status, 200) << path;
  EXPECT_EQ(send("POST", "/api/v1/stask", R"({"ProviderId":7,"IntegrationKey":"k"})").status, 200);
  EXPECT_EQ(send("POST", "/api/v2/task", R"({"CompanyId":7,"IntegrationKey":"x"})").status, 401);
  EXPECT_EQ(send("POST", "/api/v2/tasks", body).status, 405);
  EXPECT_EQ(server_->usage().calls_today, 10);
}

// A page of elsewhere that a browser on this host shows may name 127.0.0.1 as it likes.
TEST_F(MockServerTest, IsControlledByNoWebPageOfElsewhere) {
  start();
  const auto answer_to = [&](const std::string& headers) {
    const testing::RawClient client(std::stoi(server_->url().substr(17)));
    client.send("POST /_mock/clock HTTP/1.1\r\n" + headers +
                "Content-Length: 22\r\nConnection: close\r\n\r\n{\"advance_seconds\":60}");
    return client.read_to_end().substr(0, 12);
  };
  const std::string host = server_->url().substr(7);
  EXPECT_EQ(answer_to("Host: " + host + "\r\n"), "HTTP/1.1 200");
  EXPECT_EQ(answer_to("Host: localhost\r\n"), "HTTP/1.1 200");
  EXPECT_EQ(answer_to("Host: " + host + "\r\nOrigin: http://" + host + "\r\n"), "HTTP/1.1 200");
  EXPECT_EQ(answer_to("Host: evil.example.com\r\n"), "HTTP/1.1 403");
  EXPECT_EQ(answer_to("Host: 127.0.0.1.evil.example.com\r\n"), "HTTP/1.1 403");
  EXPECT_EQ(answer_to("Host: localhost:80.evil.example.com\r\n"), "HTTP/1.1 403");
  EXPECT_EQ(answer_to("Host: localhost\r\nHost: evil.example.com\r\n"), "HTTP/1.1 403");
  EXPECT_EQ(answer_to("Host: " + host + "\r\nOrigin: https://evil.example.com\r\n"),
            "HTTP/1.1 403");
  EXPECT_EQ(answer_to("Host: " + host + "\r\nOrigin: null\r\n"), "HTTP/1.1 403");
}

}  // namespace
}  // namespace weir::mock
