// The mock server as clients meet it that are not Weir: in other spellings, with other bodies, on
// connections that they keep.
#include <gtest/gtest.h>

#include <thread>

#include "mock_server/mock_server.h"
#include "support/raw_client.h"

namespace weir::mock {
namespace {

using testing::RawClient;

class MockClientsTest : public ::testing::Test {
 protected:
  void start(Options options = {}) {
    options.company_id = 7;
    options.integration_key = "k";
    options.data_sources = {{"A", {"id", "text"}}};
    server_ = MockServer::start(options);
    ASSERT_TRUE(server_);
    port_ = std::stoi(server_->url().substr(server_->url().rfind(':') + 1));
  }

  std::string ask(const std::string& head, const std::string& body = "") const {
    const RawClient client(port_);
    client.send(head + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n" + headers_ + "\r\n" + body);
    return client.read_to_end();
  }

  int status(const std::string& head, const std::string& body = "") const {
    const std::string answer = ask(head, body);
    return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : -1;
  }

  int put(const std::string& content) const {
    return status("PUT /api/v2/datasource",
                  R"({"CompanyId":7,"IntegrationKey":"k","ExternalId":"A",)" + content + "}");
  }

  std::string get(const std::string& more = "") const {
    const std::string answer =
        ask("GET /api/v2/datasource?CompanyId=7&IntegrationKey=k&ExternalId=A" + more);
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }

  std::unique_ptr<MockServer> server_;
  int port_ = 0;
  std::string headers_ = "Content-Type: application/json\r\n";
};

TEST_F(MockClientsTest, TakesPathsInAnyCaseAndWithOneSlashAtTheEnd) {
  start();
  for (const std::string path :
       {"/api/v2/datasource", "/API/v2/DataSource", "/api/V2/dataSource/", "/Api/v2/datasource/"}) {
    EXPECT_EQ(status("GET " + path + "?CompanyId=7&IntegrationKey=k&ExternalId=A"), 200) << path;
  }
  EXPECT_EQ(status("GET /api/v2/FormEntry/Search/?companyid=7&integrationkey=k&FormId=F"), 200);
  EXPECT_EQ(server_->usage().calls_today, 5);
  EXPECT_EQ(status("GET /api/v2/datasource//?CompanyId=7&IntegrationKey=k&ExternalId=A"), 405);
  EXPECT_EQ(status("GET /API/v2/FormEntry/File?CompanyId=7&IntegrationKey=k&EntryId=e&Filename=f"),
            200);
  EXPECT_EQ(server_->usage().calls_today, 6) << "a download is free in any spelling";
}

TEST_F(MockClientsTest, TakesNumbersAndTruthValuesAsTheirText) {
  start();
  EXPECT_EQ(put(R"("NewRows":[[1,true],["2",-2.5],[3,null]])"), 200);
  EXPECT_EQ(
      put(R"("RowColumnUpdates":[{"RowId":2,"ColumnUpdates":[{"Column":"text","Value":7}]}])"),
      200);
  EXPECT_EQ(server_->rows("A"),
            (std::vector<std::vector<std::string>>{{"1", "true"}, {"2", "7"}, {"3", ""}}));
  EXPECT_EQ(put(R"("DeletedRows":[[1],2])"), 200);
  EXPECT_EQ(server_->rows("A"), (std::vector<std::vector<std::string>>{{"3", ""}}));
  EXPECT_EQ(put(R"("NewRows":[["4",["x"]]])"), 400) << "a list is no cell";
  EXPECT_EQ(put(R"("NewRows":[["4",{"x":1}]])"), 400);
}

TEST_F(MockClientsTest, RefusesWhatIsNoTextWhenItIsToldTo) {
  start({.cells = Cells::kTexts});
  EXPECT_EQ(put(R"("NewRows":[[1,"x"]])"), 400);
  EXPECT_EQ(put(R"("NewRows":[["1",true]])"), 400);
  EXPECT_EQ(put(R"("DeletedRows":[[1]])"), 400);
  EXPECT_EQ(put(R"("NewRows":[["1","x"]])"), 200);
}

TEST_F(MockClientsTest, TakesABodyWithoutAJsonContentTypeForXml) {
  start();
  for (const std::string kind : {"", "Content-Type: text/plain\r\n", "Content-Type: text/xml\r\n",
                                 "Content-Type: application/x-www-form-urlencoded\r\n"}) {
    headers_ = kind;
    EXPECT_EQ(put(R"("NewRows":[["1","x"]])"), 400) << kind;
  }
  for (const std::string kind :
       {"Content-Type: application/json; charset=utf-8\r\n", "content-type: text/json\r\n"}) {
    headers_ = kind;
    EXPECT_EQ(put(R"("NewRows":[["1","x"]])"), 200) << kind;
  }
  EXPECT_EQ(server_->usage().calls_today, 6) << "a refused body is a call";
  start({.any_content_type = true});
  headers_ = "Content-Type: text/plain\r\n";
  EXPECT_EQ(put(R"("NewRows":[["1","x"]])"), 200);
}

TEST_F(MockClientsTest, LimitsAFaultToAMethod) {
  start();
  EXPECT_EQ(status("POST /_mock/faults", R"({"kind":"status","status":503,"method":"PUT"})"), 200);
  EXPECT_NE(get().find("\"TotalRows\":0"), std::string::npos) << "a GET is not meant";
  EXPECT_EQ(put(R"("NewRows":[["1","x"]])"), 503);
  EXPECT_EQ(put(R"("NewRows":[["1","x"]])"), 200);
  EXPECT_EQ(status("POST /_mock/faults", R"({"kind":"status","method":"FETCH"})"), 400);
}

TEST_F(MockClientsTest, LogsTheRowsOfAReadAndWhyACallWasRefused) {
  start();
  EXPECT_EQ(put(R"("NewRows":[["1","x"],["2","y"],["3","z"]])"), 200);
  get("&ReturnRows=true&PageSize=2&PageNo=1");
  EXPECT_EQ(server_->usage().log.front().rows, 1);
  get("&ReturnRows=true&PageSize=2&PageNo=7");
  EXPECT_EQ(server_->usage().log.front().rows, 0);
  get();
  EXPECT_EQ(server_->usage().log.front().rows, 0);
  EXPECT_EQ(server_->usage().log.front().reason, "");
  EXPECT_EQ(status("GET /api/v2/datasource?CompanyId=7&IntegrationKey=k&ExternalId=CREWS"), 400);
  const LogEntry refused = server_->usage().log.front();
  EXPECT_EQ(refused.target, "/api/v2/datasource CREWS");
  EXPECT_EQ(refused.reason, "Data source 'CREWS' was not found");
}

TEST_F(MockClientsTest, LeavesTheColumnsOutOfAnAnswerWithoutRowsWhenItIsToldTo) {
  start();
  EXPECT_NE(get().find("Headers"), std::string::npos);
  start({.headers_without_rows = false});
  EXPECT_EQ(get().find("Headers"), std::string::npos);
  EXPECT_NE(get("&ReturnRows=true").find("Headers"), std::string::npos);
}

TEST_F(MockClientsTest, HoldsADataSourceForAsLongAsItsAnswersAreLate) {
  start({.latency_ms = 60'000});
  std::thread writer([&] { EXPECT_EQ(put(R"("NewRows":[["1","x"]])"), 200); });
  while (server_->faults().delayed() < 1) std::this_thread::yield();
  EXPECT_EQ(server_->rows("A")->size(), 0U);
  EXPECT_EQ(put(R"("NewRows":[["2","y"]])"), 400) << "another one is writing";
  EXPECT_EQ(status("GET /_mock/usage"), 200) << "what is not metered is not late";
  server_->faults().end_delays();
  writer.join();
  EXPECT_EQ(server_->rows("A")->size(), 1U);
}

TEST_F(MockClientsTest, EndsTheConnectionsThatClientsKeepWhenItEnds) {
  start();
  const RawClient idle(port_);
  idle.send("GET /_mock/usage HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  EXPECT_NE(idle.read_answer().find("200"), std::string::npos);
  const RawClient silent(port_);
  server_.reset();
  EXPECT_EQ(idle.receive(), "");
  EXPECT_EQ(silent.receive(), "");
}

TEST_F(MockClientsTest, SendsTheAnswersThatAreUnderWayWhenItEnds) {
  start({.latency_ms = 60'000});
  std::thread writer([&] { EXPECT_EQ(put(R"("NewRows":[["1","x"]])"), 200); });
  while (server_->faults().delayed() < 1) std::this_thread::yield();
  server_.reset();
  writer.join();
}

}  // namespace
}  // namespace weir::mock
