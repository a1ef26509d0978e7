// The mock server's form entries over real sockets: the metered search, and the connector's
// deliveries.
#include <gtest/gtest.h>

#include <thread>

#include "http/curl_transport.h"
#include "mock_server/mock_server.h"
#include "support/raw_server.h"

namespace weir::mock {
namespace {

using namespace std::chrono_literals;

class MockFormsTest : public ::testing::Test {
 protected:
  MockFormsTest() { server_->clock().set_rate(0); }

  std::string search(const std::string& query, int expected_status = 200) {
    HttpRequest request{.method = "GET", .path = "/api/v2/formentry/search", .timeout = 20s};
    request.query = {{"CompanyId", "7"}, {"IntegrationKey", "k"}, {"FormId", "F"}};
    if (!query.empty())
      request.query.emplace_back(query.substr(0, query.find('=')),
                                 query.substr(query.find('=') + 1));
    const auto response = transport_->send(request);
    EXPECT_EQ(response->status, expected_status) << response->body;
    return response->body;
  }

  HttpResponse control(const std::string& path, const std::string& body) {
    return *transport_->send({.method = "POST", .path = path, .body = body, .timeout = 20s});
  }

  template <class Condition>
  void until(Condition condition) {
    while (!condition(server_->form_connector().state())) std::this_thread::yield();
  }

  std::unique_ptr<MockServer> server_ =
      MockServer::start({.company_id = 7, .integration_key = "k"});
  std::shared_ptr<Transport> transport_ =
      http::curl_transport({.base_url = server_->url(), .connect_timeout = 5s}).value();
};

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const std::string kFailure = "HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

TEST_F(MockFormsTest, AnswersASearchAndMetersIt) {
  ASSERT_EQ(control("/_mock/form-entries",
                    R"({"form":"F","id":"e1","received":"2024-02-05T08:00:00.001Z",
                        "answers":{"p":{"x":"1"}}})")
                .body,
            R"({"ids":["e1"]})");
  EXPECT_NE(search("").find(R"("ReceivedTime":"2024-02-05T08:00:00.0010000Z")"), std::string::npos);
  EXPECT_NE(search("AnswerFormat=Raw").find(R"("AnswersRawJson":"{\"p\":{\"x\":\"1\"}}")"),
            std::string::npos);
  EXPECT_EQ(search("FromDate=2024-02-05T08:00:01Z"), R"({"Entries":[],"TotalRows":0})");
  search("ToDate=yesterday", 400);
  EXPECT_EQ(server_->usage().calls_today, 4);
  EXPECT_EQ(server_->usage().log.at(1).target, "/api/v2/formentry/search F");
}

TEST_F(MockFormsTest, RefusesASearchWithAWrongKey) {
  const auto response = transport_->send({.method = "GET",
                                          .path = "/api/v2/formentry/search",
                                          .query = {{"FormId", "F"}, {"IntegrationKey", "x"}}});
  EXPECT_EQ(response->status, 401);
}

TEST_F(MockFormsTest, SendsEachNewEntryToTheConnectorsUrlWithoutACall) {
  testing::RawServer receiver({kOk});
  ASSERT_EQ(control("/_mock/form-connector", R"({"url":")" + receiver.url() + R"(/hook"})").status,
            200);
  server_->receive({{.id = "e1", .form = "F", .user_first_name = "Ann"}});
  until([](const ConnectorState& state) { return state.delivered == 1; });
  const std::string request = receiver.last_request();
  EXPECT_EQ(request.rfind("POST /hook HTTP/1.1", 0), 0U);
  EXPECT_NE(request.find(R"("IntegrationKey":"k","Entry":{"Id":"e1")"), std::string::npos);
  EXPECT_EQ(server_->usage().calls_today, 0);
}

TEST_F(MockFormsTest, TriesAFailedDeliveryAgainAfterTwoAndFourMinutes) {
  testing::RawServer receiver({kFailure, kFailure, kOk});
  ASSERT_TRUE(server_->form_connector().set_url(receiver.url()));
  server_->receive({{.id = "e1", .form = "F"}});
  until([](const ConnectorState& state) { return state.failed == 1; });
  server_->clock().advance(2min);
  until([](const ConnectorState& state) { return state.failed == 2; });
  server_->clock().advance(3min);
  EXPECT_EQ(server_->form_connector().state().waiting, 1);
  server_->clock().advance(1min);
  until([](const ConnectorState& state) { return state.delivered == 1; });
  EXPECT_EQ(receiver.requests(), 3);
}

TEST_F(MockFormsTest, RefusesAConnectorOutsideLoopback) {
  EXPECT_EQ(control("/_mock/form-connector", R"({"url":"http://example.com/"})").status, 400);
  EXPECT_EQ(control("/_mock/form-connector", "{}").status, 400);
  EXPECT_EQ(control("/_mock/form-entries", R"({"id":"e1"})").status, 400);
}

}  // namespace
}  // namespace weir::mock
