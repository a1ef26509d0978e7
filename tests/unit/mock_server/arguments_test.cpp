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

}  // namespace
}  // namespace weir::mock
