#include "mock_server/arguments.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace weir::mock {
namespace {

class ArgumentsTest : public ::testing::Test {
 protected:
  std::variant<Options, ArgumentProblem> parse(std::vector<std::string> more) {
    std::vector<std::string> all = {"--port",      "0",   "--company-id=7",
                                    "--time-zone", "UTC", "--integration-key-file",
                                    key_file()};
    all.insert(all.end(), more.begin(), more.end());
    return parse_arguments(all);
  }

  std::string key_file() {
    const std::string path = folder_.file("key");
    std::ofstream(path) << "k\n";
    ::chmod(path.c_str(), 0600);
    return path;
  }

  testing::TemporaryFolder folder_;
};

TEST_F(ArgumentsTest, ReadsEveryFlag) {
  const auto parsed = parse({"--calls-per-day",
                             "9",
                             "--max-connections",
                             "2",
                             "--over-limit",
                             "503",
                             "--over-connections",
                             "queue",
                             "--count-failed",
                             "no",
                             "--unknown-delete",
                             "refuse",
                             "--idle-counts=yes",
                             "--cells",
                             "strict",
                             "--content-type=any",
                             "--headers-without-rows=no",
                             "--latency-ms",
                             "40",
                             "--data-source",
                             "A:id,name",
                             "--data-source",
                             "B:x,y,z"});
  ASSERT_TRUE(std::holds_alternative<Options>(parsed)) << std::get<ArgumentProblem>(parsed).message;
  const Options options = std::get<Options>(parsed);
  EXPECT_EQ(options.company_id, 7);
  EXPECT_EQ(options.integration_key, "k");
  EXPECT_EQ(options.calls_per_day, 9);
  EXPECT_EQ(options.over_limit_status, 503);
  EXPECT_EQ(options.over_connections, OverConnections::kQueue);
  EXPECT_FALSE(options.count_failed);
  EXPECT_EQ(options.unknown_delete, UnknownDelete::kRefuse);
  EXPECT_TRUE(options.idle_counts);
  EXPECT_EQ(options.cells, Cells::kTexts);
  EXPECT_TRUE(options.any_content_type);
  EXPECT_FALSE(options.headers_without_rows);
  EXPECT_EQ(options.latency_ms, 40);
  ASSERT_EQ(options.data_sources.size(), 2U);
  EXPECT_EQ(options.data_sources[1].columns, (std::vector<std::string>{"x", "y", "z"}));
}

TEST_F(ArgumentsTest, SaysWhatIsWrong) {
  const auto problem = [&](const std::vector<std::string>& more) {
    const auto parsed = parse(more);
    return std::holds_alternative<ArgumentProblem>(parsed) ? std::get<ArgumentProblem>(parsed)
                                                           : ArgumentProblem{.exit_code = -1};
  };
  EXPECT_NE(problem({"--bogus", "1"}).message.find("unknown option '--bogus'"), std::string::npos);
  EXPECT_NE(problem({"--over-limit", "418"}).message.find("429"), std::string::npos);
  EXPECT_NE(problem({"--data-source", "A:id"}).message.find("two columns"), std::string::npos);
  EXPECT_NE(problem({"--cells", "some"}).message.find("any, strict"), std::string::npos);
  EXPECT_EQ(problem({"--latency-ms", "-1"}).exit_code, 2);
  EXPECT_EQ(problem({"--calls-per-day"}).exit_code, 2);
  EXPECT_EQ(problem({"--integration-key-file", "/missing"}).exit_code, 3);
  EXPECT_EQ(problem({"--help"}).exit_code, 0);
}

class CompaniesFileTest : public ::testing::Test {
 protected:
  std::variant<Options, ArgumentProblem> parse(const std::string& lines, mode_t mode = 0600) {
    const std::string path = folder_.write("companies.ndjson", lines);
    ::chmod(path.c_str(), mode);
    return parse_arguments({"--companies", path, "--calls-per-day", "50"});
  }
  std::string problem(const std::string& lines) {
    const auto parsed = parse(lines);
    const auto* wrong = std::get_if<ArgumentProblem>(&parsed);
    return wrong == nullptr ? "" : wrong->message;
  }

  testing::TemporaryFolder folder_;
};

TEST_F(CompaniesFileTest, HasALineForEachOrganization) {
  const auto parsed = parse(
      "{\"company_id\":7,\"integration_key\":\"a\",\"time_zone\":\"UTC\"}\n\n"
      "{\"company_id\":8,\"integration_key\":\"b\",\"time_zone\":\"Europe/Berlin\","
      "\"calls_per_day\":9,\"max_connections\":2,\"data_sources\":[\"A:id,x\",\"B:id,y,z\"]}\n");
  ASSERT_TRUE(std::holds_alternative<Options>(parsed)) << std::get<ArgumentProblem>(parsed).message;
  const std::vector<Company>& companies = std::get<Options>(parsed).companies;
  ASSERT_EQ(companies.size(), 2U);
  EXPECT_EQ(companies[0].company_id, 7);
  EXPECT_EQ(companies[0].calls_per_day, std::nullopt) << "those of --calls-per-day";
  EXPECT_EQ(companies[1].integration_key, "b");
  EXPECT_EQ(companies[1].time_zone, "Europe/Berlin");
  EXPECT_EQ(companies[1].calls_per_day, 9);
  EXPECT_EQ(companies[1].max_connections, 2);
  EXPECT_EQ(companies[1].data_sources[1].columns, (std::vector<std::string>{"id", "y", "z"}));
}

TEST_F(CompaniesFileTest, NamesTheLineThatIsWrong) {
  const std::string good = "{\"company_id\":7,\"integration_key\":\"a\",\"time_zone\":\"UTC\"}\n";
  EXPECT_NE(problem(good + "[]\n").find("line 2: it is not a JSON object"), std::string::npos);
  EXPECT_NE(problem(good + good).find("line 2: company 7 comes twice"), std::string::npos);
  EXPECT_NE(problem("{\"company_id\":0}\n").find("line 1: company_id must be"), std::string::npos);
  EXPECT_NE(
      problem("{\"company_id\":7,\"integration_key\":\"\"}\n").find("integration_key must be"),
      std::string::npos);
  EXPECT_NE(problem("{\"compani_id\":7}\n").find("'compani_id' is no setting"), std::string::npos);
  EXPECT_NE(problem(good.substr(0, good.size() - 2) + ",\"data_sources\":[\"A:id\"]}\n")
                .find("two columns"),
            std::string::npos);
  EXPECT_NE(problem("\n").find("there is no company"), std::string::npos);
  const auto readable = parse(good, 0644);
  ASSERT_TRUE(std::holds_alternative<ArgumentProblem>(readable));
  EXPECT_EQ(std::get<ArgumentProblem>(readable).exit_code, 3);
  EXPECT_NE(std::get<ArgumentProblem>(readable).message.find("chmod 600"), std::string::npos);
}

TEST_F(CompaniesFileTest, GoesWithoutTheFlagsOfOneOrganization) {
  const std::string path = folder_.write(
      "companies.ndjson", "{\"company_id\":7,\"integration_key\":\"a\",\"time_zone\":\"UTC\"}\n");
  ::chmod(path.c_str(), 0600);
  for (const std::vector<std::string>& flag : std::vector<std::vector<std::string>>{
           {"--company-id", "7"}, {"--time-zone", "UTC"}, {"--data-source", "A:id,x"}}) {
    const auto parsed = parse_arguments({"--companies", path, flag[0], flag[1]});
    ASSERT_TRUE(std::holds_alternative<ArgumentProblem>(parsed)) << flag[0];
    EXPECT_EQ(std::get<ArgumentProblem>(parsed).exit_code, 2);
  }
}

}  // namespace
}  // namespace weir::mock
