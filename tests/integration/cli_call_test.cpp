// weir call, weir forget and weir usage --metrics as their users run them.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "cli_fixture.h"

namespace weir {
namespace {

using testing::Finished;
using ::testing::HasSubstr;
using testing::kRows;

class CliCallTest : public testing::CliTest {
 protected:
  void start_canned(std::int64_t calls_per_day = 2500) {
    mock::Options options;
    options.other_paths_canned = true;
    options.calls_per_day = calls_per_day;
    start(options);
    environment_["WEIR_CALLS_PER_DAY"] = std::to_string(calls_per_day);
  }
};

TEST_F(CliCallTest, PrintsTheAnswerAndCountsTheCall) {
  start_canned();
  const Finished called = weir({"call", "GET", "/api/v2/user/search", "--query", "limit=10"});
  EXPECT_EQ(called.exit_code, 0) << called.err;
  EXPECT_EQ(called.out, "{}\n");
  EXPECT_THAT(called.err, HasSubstr("GET /api/v2/user/search: the platform answered 200"));
  EXPECT_EQ(server_->usage().calls_today, 1);
  const Finished json = weir({"call", "POST", "/api/v2/task", "--json"});
  EXPECT_EQ(json.out, "{\"status\":200,\"calls\":1,\"calls_left\":2498,\"bytes\":2}\n");
  EXPECT_THAT(weir({"usage"}).out, HasSubstr("/api/v2/user/search"));
}

TEST_F(CliCallTest, RefusesAPathThatLeavesThePlatformWithoutACall) {
  start_canned();
  for (const char* path : {"/api/../x", "//evil.example.com/", "/api/%2e%2e/x", "api/v2/task"}) {
    const Finished refused = weir({"call", "GET", path});
    EXPECT_EQ(refused.exit_code, 2) << path;
  }
  EXPECT_EQ(server_->usage().calls_today, 0);
}

TEST_F(CliCallTest, SaysByItsExitCodeHowThePlatformAnswered) {
  start_canned();
  EXPECT_EQ(weir({"call", "GET", "/api/v2/nothing"}).exit_code, 1) << "405";
  server_->faults().add({.kind = mock::FaultKind::kStatus, .count = 1, .status = 503});
  EXPECT_EQ(weir({"call", "GET", "/api/v2/user"}).exit_code, 6);
  server_->faults().add({.kind = mock::FaultKind::kStatus, .count = 1, .status = 401});
  EXPECT_EQ(weir({"call", "GET", "/api/v2/user"}).exit_code, 4);
}

TEST_F(CliCallTest, TwoProcessesShareTheDayAndTheOneTooManyIsRefusedHere) {
  start_canned(3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(weir({"call", "GET", "/api/v2/user"}).exit_code, 0);
  EXPECT_EQ(weir({"call", "GET", "/api/v2/user"}).exit_code, 5);
  EXPECT_EQ(server_->usage().calls_today, 3);
  EXPECT_EQ(server_->usage().refused, 0);
}

TEST_F(CliCallTest, SendsABodyFromAFileOrStandardInput) {
  start_canned();
  const std::string body = folder_.write("task.json", R"({"Name":"Check pole"})");
  EXPECT_EQ(weir({"call", "POST", "/api/v2/task", "--body", body}).exit_code, 0);
  EXPECT_EQ(weir_in(folder_.file(""), "call POST /api/v2/task --body - < task.json").exit_code, 0);
  EXPECT_EQ(weir({"call", "POST", "/api/v2/task", "--body", folder_.write("a", "[]")}).exit_code,
            2);
  for (const std::string& nothing :
       {std::string("/nowhere"), folder_.file(""), std::string("/dev/null"),
        folder_.write("empty", ""), folder_.write("blank", " \n")}) {
    const Finished refused = weir({"call", "DELETE", "/api/v2/task", "--body", nothing});
    EXPECT_EQ(refused.exit_code, 2) << nothing << ": what was meant is not known";
    EXPECT_THAT(refused.err, HasSubstr(nothing));
  }
  const std::string own = folder_.write("own.json", R"({"IntegrationKey":"x"})");
  EXPECT_EQ(weir({"call", "POST", "/api/v2/task", "--body", own}).exit_code, 2);
  EXPECT_EQ(server_->usage().calls_today, 2);
}

TEST_F(CliCallTest, WritesASuccessToAFileAndADryRunNothing) {
  start_canned();
  const std::string to = folder_.file("answer.json");
  const Finished dry = weir({"call", "GET", "/api/v2/user", "--to", to, "--dry-run", "--json"});
  EXPECT_THAT(dry.out, HasSubstr("\"dry_run\":true"));
  EXPECT_FALSE(std::filesystem::exists(to));
  EXPECT_EQ(server_->usage().calls_today, 0);
  const Finished called = weir({"call", "GET", "/api/v2/user", "--to", to, "--json"});
  EXPECT_THAT(called.out, HasSubstr("\"to\":\"" + to + "\""));
  EXPECT_EQ(std::filesystem::file_size(to), 2U);
}

TEST_F(CliCallTest, ChangesADataSourceAndKnowsItsRowsNoMore) {
  start_canned();
  EXPECT_EQ(push(kRows, {"--first", "replace"}).exit_code, 0);
  const std::string body =
      folder_.write("put.json", R"({"ExternalId":"OUTAGES","NewRows":[["3","Reedley","c"]]})");
  EXPECT_EQ(weir({"call", "PUT", "/api/v2/datasource", "--body", body}).exit_code, 0);
  EXPECT_EQ(rows().size(), 3U);
  EXPECT_EQ(push(kRows, {"--first", "replace"}).exit_code, 0);
  EXPECT_EQ(rows().size(), 2U);
}

TEST_F(CliCallTest, ForgetsADataSourceOnlyWhenItIsMeant) {
  start();
  EXPECT_EQ(push(kRows, {"--first", "replace"}).exit_code, 0);
  const Finished asked = weir({"forget", "--source", "OUTAGES"});
  EXPECT_EQ(asked.exit_code, 2);
  EXPECT_THAT(asked.err, HasSubstr("what is known of 2 rows of OUTAGES"));
  EXPECT_THAT(asked.err, HasSubstr("--yes"));
  const Finished forgotten = weir({"forget", "--source", "OUTAGES", "--yes", "--json"});
  EXPECT_EQ(forgotten.exit_code, 0) << forgotten.err;
  EXPECT_EQ(forgotten.out, "{\"waiting\":0,\"dead_letters\":0,\"rows\":2}\n");
  EXPECT_EQ(rows().size(), 2U) << "the platform's rows stay";
}

TEST_F(CliCallTest, PrintsMetricsThatPrometheusTakes) {
  start();
  EXPECT_EQ(push(kRows, {"--first", "replace"}).exit_code, 0);
  const Finished metrics = weir({"usage", "--metrics"});
  EXPECT_EQ(metrics.exit_code, 0) << metrics.err;
  EXPECT_THAT(metrics.out, HasSubstr("# TYPE weir_calls_left gauge\n"));
  EXPECT_THAT(metrics.out, HasSubstr("\nweir_calls_today{org=\"\"} 1\n"));
}

}  // namespace
}  // namespace weir
