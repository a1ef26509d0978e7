// Several organizations on one mock server: what one does is nothing to the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "http/curl_transport.h"
#include "mock_server/mock_server.h"

namespace weir::mock {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class MockCompaniesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Options options;
    options.companies = {{.company_id = 7,
                          .integration_key = "seven",
                          .time_zone = "UTC",
                          .calls_per_day = 2,
                          .data_sources = {{"A", {"id", "text"}}}},
                         {.company_id = 8,
                          .integration_key = "eight",
                          .time_zone = "America/Los_Angeles",
                          .max_connections = 1,
                          .data_sources = {{"A", {"id", "text"}}, {"B", {"id", "text"}}}}};
    server_ = MockServer::start(options);
    ASSERT_TRUE(server_);
    transport_ = http::curl_transport({.base_url = server_->url(), .connect_timeout = 5s}).value();
  }

  // `address`: a path, and NAME=VALUE behind "?" and "&".
  HttpResponse send(const std::string& method, const std::string& address,
                    const std::string& body = "") {
    HttpRequest request{.method = method,
                        .path = address.substr(0, address.find('?')),
                        .body = body,
                        .timeout = 20s};
    std::istringstream query(address.substr(std::min(request.path.size() + 1, address.size())));
    for (std::string item; std::getline(query, item, '&');)
      request.query.emplace_back(item.substr(0, item.find('=')), item.substr(item.find('=') + 1));
    const auto response = transport_->send(request);
    return response ? *response : HttpResponse{.status = -1};
  }
  int put(const std::string& company, const std::string& key, const std::string& text) {
    return send("PUT", "/api/v2/datasource",
                "{\"CompanyId\":" + company + ",\"IntegrationKey\":\"" + key +
                    "\",\"ExternalId\":\"A\",\"NewRows\":[[\"1\",\"" + text + "\"]]}")
        .status;
  }
  int get(const std::string& company, const std::string& key) {
    return send("GET", "/api/v2/datasource?CompanyId=" + company + "&IntegrationKey=" + key +
                           "&ExternalId=A&ReturnRows=true")
        .status;
  }
  nlohmann::json control(const std::string& path) {
    return nlohmann::json::parse(send("GET", "/_mock/" + path).body);
  }
  std::int64_t calls_of(const std::string& company) {
    return control("usage?company=" + company).at("calls_today").get<std::int64_t>();
  }

  std::unique_ptr<MockServer> server_;
  std::shared_ptr<Transport> transport_;
};

TEST_F(MockCompaniesTest, HaveABudgetALogAndRowsEach) {
  EXPECT_EQ(put("7", "seven", "of seven"), 200);
  EXPECT_EQ(get("7", "seven"), 200);
  EXPECT_EQ(put("7", "seven", "too much"), 429);
  EXPECT_EQ(put("\"8\"", "eight", "of eight"), 200);
  EXPECT_EQ(calls_of("7"), 2);
  EXPECT_EQ(calls_of("8"), 1);
  EXPECT_EQ(control("usage?company=7").at("log").size(), 3U);
  EXPECT_EQ(control("data-sources/A?company=7").at("Rows")[0][1], "of seven");
  EXPECT_EQ(control("data-sources/A?company=8").at("Rows")[0][1], "of eight");
  EXPECT_EQ(control("data-sources/A"), control("data-sources/A?company=7")) << "the first";
  EXPECT_EQ(send("GET", "/_mock/data-sources/B?company=7").status, 404);
  EXPECT_EQ(send("GET", "/_mock/usage?company=9").status, 404);
}

TEST_F(MockCompaniesTest, PayForNobodyElsesMistakes) {
  EXPECT_EQ(put("8", "seven", "x"), 401) << "the key of another";
  EXPECT_EQ(get("9", "eight"), 401) << "a number that none has";
  EXPECT_EQ(send("PUT", "/api/v2/datasource", "{}").status, 401) << "no number at all";
  EXPECT_EQ(send("PUT", "/api/v2/datasource", "{").status, 400) << "a body that cannot be read";
  EXPECT_EQ(calls_of("7"), 0);
  EXPECT_EQ(calls_of("8"), 1) << "a wrong key counts for whom it was given";
}

TEST_F(MockCompaniesTest, HaveConnectionsAndFaultsEach) {
  EXPECT_EQ(send("POST", "/_mock/faults?company=8", "{\"kind\":\"delay\",\"seconds\":60}").status,
            200);
  EXPECT_EQ(get("7", "seven"), 200) << "the fault is for the other";
  std::thread slow([&] { EXPECT_EQ(put("8", "eight", "late"), 200); });
  while (control("usage?company=8").at("peak_connections") < 1) std::this_thread::yield();
  EXPECT_EQ(get("8", "eight"), 429);
  EXPECT_EQ(get("7", "seven"), 200);
  EXPECT_EQ(send("DELETE", "/_mock/faults?company=8").status, 200);
  slow.join();
}

TEST_F(MockCompaniesTest, HavePagesWithLinksToTheOthers) {
  ASSERT_EQ(put("8", "eight", "of eight"), 200);
  const std::string first = send("GET", "/").body;
  EXPECT_THAT(first, HasSubstr("company 7 &middot; <a href=\"/?company=8\">8</a>"));
  EXPECT_THAT(first, HasSubstr("href=\"/logs?company=7\""));
  const std::string rows = send("GET", "/data-sources/A?company=8").body;
  EXPECT_THAT(rows, HasSubstr("of eight"));
  EXPECT_THAT(rows, HasSubstr("href=\"/data-sources?company=8\""));
  EXPECT_THAT(send("GET", "/data-sources/A?company=7").body, Not(HasSubstr("of eight")));
  EXPECT_THAT(send("GET", "/data-sources?company=8").body,
              HasSubstr("href=\"/data-sources/B?company=8\""));
}

}  // namespace
}  // namespace weir::mock
