#include "api/call_api.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace weir::api {
namespace {

const Credentials kCredentials = {.company_id = 7,
                                  .integration_key = Secret::from_string("k\"1", "the test")};

Result<PlannedCall> plan(const std::string& method, const std::string& path,
                         const std::string& body = "") {
  return plan_call(kCredentials,
                   {.method = method, .path = path, .body = body, .reason = "the test"});
}

using Query = std::vector<std::pair<std::string, std::string>>;

TEST(APlannedCall, HasTheCredentialsInTheQueryOfGetAndDelete) {
  for (const char* method : {"GET", "DELETE"}) {
    const PlannedCall planned = plan(method, "/api/v2/task").value();
    EXPECT_EQ(planned.request.query, (Query{{"CompanyId", "7"}, {"IntegrationKey", "k\"1"}}));
    EXPECT_TRUE(planned.request.body.empty());
  }
}

TEST(APlannedCall, HasThemInTheBodyOtherwiseAndLeavesTheBodyAsItIs) {
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    EXPECT_EQ(plan(method, "/api/v2/task").value().request.body,
              R"({"CompanyId":7,"IntegrationKey":"k\"1"})");
    EXPECT_EQ(plan(method, "/api/v2/task", " { } ").value().request.body,
              R"({"CompanyId":7,"IntegrationKey":"k\"1" } )");
    EXPECT_EQ(plan(method, "/api/v2/task", R"({"n":1.10e2,"x":[1]})").value().request.body,
              R"({"CompanyId":7,"IntegrationKey":"k\"1","n":1.10e2,"x":[1]})");
    EXPECT_TRUE(plan(method, "/api/v2/task").value().request.query.empty());
  }
}

TEST(APlannedCall, NamesTheCompanyAsTheFirstVersionOfTheApiDoes) {
  EXPECT_EQ(plan("GET", "/API/v1/stask").value().request.query.front().first, "ProviderId");
  EXPECT_EQ(plan("POST", "/api/v1/stask").value().request.body,
            R"({"ProviderId":7,"IntegrationKey":"k\"1"})");
}

TEST(APlannedCall, IsForPeopleUnlessItHasAWorth) {
  ApiCall call{.path = "/api/v2/task", .reason = "r"};
  EXPECT_TRUE(plan_call(kCredentials, call).value().request.is_for_people);
  call.worth = Worth::row_seconds(std::numeric_limits<double>::infinity());
  EXPECT_FALSE(plan_call(kCredentials, call).value().request.is_for_people);
}

TEST(APlannedCall, RefusesCredentialsOfTheCallersOwn) {
  for (const char* name : {"CompanyId", "companyid", "INTEGRATIONKEY", "providerId"}) {
    ApiCall call{.path = "/api/v2/task", .reason = "r", .query = {{name, "8"}}};
    EXPECT_EQ(plan_call(kCredentials, call).error().code, ErrorCode::kInvalidArgument) << name;
    EXPECT_FALSE(plan("POST", "/api/v2/task", "{\"" + std::string(name) + "\":8}")) << name;
  }
  EXPECT_FALSE(plan("POST", "/api/v2/task", R"({"Company\u0049d":8})"));
}

TEST(APlannedCall, StaysBelowTheBaseUrlHoweverThePathIsWritten) {
  for (const std::string path : {"",
                                 "api/v2/task",
                                 "//other.example.com/api",
                                 "/api//v2",
                                 "/api/../x",
                                 "/..",
                                 "/api/.",
                                 "/api/v2/task?x=1",
                                 "/api/v2/task#x",
                                 "/api\\v2",
                                 "/api/%2e%2e/x",
                                 "/api/%2E./x",
                                 "/api/%252e%252e/x",
                                 "/api%2f%2fx",
                                 "/api/x%3fy",
                                 "/api/x%23y",
                                 "/api/x%5cy",
                                 "/api/x%00y",
                                 "/api/x%0d%0ay",
                                 "/api/x\ny",
                                 "/api/x\x7f",
                                 "https://other.example.com/",
                                 "/%25252525252e"})
    EXPECT_EQ(plan("GET", path).error().code, ErrorCode::kInvalidArgument) << path;
  for (const std::string path : {"/api/v2/task", "/api/v2/task/", "/api/v2/form/a%20b",
                                 "/api/v2/form/50%", "/x/a..b/.c", "/api/v2/form/ä"})
    EXPECT_EQ(plan("GET", path).value().request.path, path);
}

TEST(APlannedCall, RefusesWhatIsNoCall) {
  EXPECT_FALSE(plan("get", "/api/v2/task"));
  EXPECT_FALSE(plan("HEAD", "/api/v2/task"));
  EXPECT_FALSE(plan("GET /x HTTP/1.1\r\n", "/api/v2/task"));
  EXPECT_FALSE(plan("GET", "/api/v2/task", "{}"));
  EXPECT_FALSE(plan("POST", "/api/v2/task", "[]"));
  EXPECT_FALSE(plan("POST", "/api/v2/task", "{"));
  EXPECT_FALSE(plan("POST", "/api/v2/task", "{} {}"));
  EXPECT_FALSE(plan_call(kCredentials, {.path = "/api/v2/task"})) << "it needs a reason";
  EXPECT_FALSE(plan_call(kCredentials, {.path = "/x", .reason = "r", .deadline = {}}));
  EXPECT_FALSE(
      plan_call(kCredentials, {.path = "/x", .reason = "r", .worth = Worth::row_seconds(0)}));
  EXPECT_FALSE(
      plan_call(kCredentials, {.path = "/x", .reason = "r", .worth = Worth::row_seconds(NAN)}));
}

TEST(APlannedCall, SaysWhoseRowsItChanges) {
  for (const std::string path : {"/api/v2/datasource", "/API/V2/DataSource/",
                                 "/api/v2/data%73ource", "/api/v1/datasource"}) {
    const PlannedCall planned = plan("PUT", path, R"({"externalid":"A","Rows":[]})").value();
    EXPECT_EQ(planned.changes_source, "A") << path;
    EXPECT_FALSE(planned.changes_columns);
    EXPECT_FALSE(plan("PUT", path, R"({"Id":"1"})")) << path;
    EXPECT_FALSE(plan("GET", path).value().changes_source) << path;
  }
  EXPECT_TRUE(plan("PUT", "/api/v2/datasource", R"({"ExternalId":"A","Headers":[]})")
                  .value()
                  .changes_columns);
  EXPECT_FALSE(plan("PUT", "/api/v2/datasources", R"({"Id":"1"})").value().changes_source);
}

TEST(APlannedCall, NamesTheDataSourceThatItChangesOnce) {
  for (const char* body :
       {R"({"ExternalId":"A","externalid":"B"})", R"({"ExternalId":"A","ExternalId":"B"})",
        R"({"ExternalId":"A","External\u0049d":"A"})"})
    EXPECT_EQ(plan("PUT", "/api/v2/datasource", body).error().code, ErrorCode::kInvalidArgument)
        << body;
  ApiCall call{.method = "PUT",
               .path = "/api/v2/datasource",
               .body = R"({"ExternalId":"A","Rows":[{"ExternalId":"of a row"}]})",
               .reason = "r"};
  EXPECT_EQ(plan_call(kCredentials, call).value().changes_source, "A");
  call.query = {{"EXTERNALID", "B"}};
  EXPECT_FALSE(plan_call(kCredentials, call)) << "once in the body, once in the query";
  call.body.clear();
  EXPECT_EQ(plan_call(kCredentials, call).value().changes_source, "B");
}

TEST(APlannedCall, HasAUrlThatCanBeSent) {
  ApiCall call{.path = "/api/v2/task", .reason = "r", .query = {{"q", std::string(65'000, 'x')}}};
  EXPECT_TRUE(plan_call(kCredentials, call));
  call.query.emplace_back("more", std::string(1000, 'x'));
  EXPECT_EQ(plan_call(kCredentials, call).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(plan("GET", "/" + std::string(70'000, 'x')));
  EXPECT_FALSE(plan("GET", "/api/\xff")) << "the usage log has the path";
}

TEST(APlannedCall, HasAReasonOfOneLine) {
  const auto reason = [](const std::string& given) {
    return plan_call(kCredentials, {.path = "/api/v2/task", .reason = given})
        .value()
        .request.reason;
  };
  EXPECT_EQ(reason("user sync"), "user sync");
  EXPECT_EQ(reason("a\x1b[31m\nb\xff"), "a [31m b?");
  EXPECT_EQ(reason(std::string(1'000'000, 'x')).size(), 200U);
}

TEST(CheckingACall, SaysWhatIsWrongWithoutAClient) {
  EXPECT_TRUE(check_call({.path = "/api/v2/task", .reason = "r"}));
  EXPECT_EQ(check_call({.path = "/api/../x", .reason = "r"}).error().code,
            ErrorCode::kInvalidArgument);
  for (const std::string& path : {std::string(), std::string("a\0b", 3)})
    EXPECT_EQ(check_call({.path = "/api/v2/task", .reason = "r", .to = std::filesystem::path(path)})
                  .error()
                  .code,
              ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace weir::api
