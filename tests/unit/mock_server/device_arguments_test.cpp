#include "mock_server/device_arguments.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace weir::mock {
namespace {

using namespace std::chrono_literals;

class DeviceArgumentsTest : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("WEIR_PRIVATE_TOKEN", "CANARY-token", 1); }

  std::variant<DeviceRun, ArgumentProblem> parse(const std::vector<std::string>& more,
                                                 const std::string& url = "http://127.0.0.1:1/") {
    std::vector<std::string> all = {"--url", url, "--company-id=7", "--ids", "A,B", "--email", "e"};
    all.insert(all.end(), more.begin(), more.end());
    return parse_device_arguments(all);
  }

  ArgumentProblem problem(const std::vector<std::string>& more,
                          const std::string& url = "http://127.0.0.1:1/") {
    const auto parsed = parse(more, url);
    const auto* problem = std::get_if<ArgumentProblem>(&parsed);
    return problem == nullptr ? ArgumentProblem{.exit_code = -1} : *problem;
  }
};

TEST_F(DeviceArgumentsTest, ReadsEveryFlag) {
  const auto parsed =
      parse({"--syncs", "3", "--interval", "0.25", "--state", "s", "--ca-file", "c"});
  ASSERT_TRUE(std::holds_alternative<DeviceRun>(parsed));
  const DeviceRun run = std::get<DeviceRun>(parsed);
  EXPECT_EQ(run.device.url, "http://127.0.0.1:1/");
  EXPECT_EQ(run.device.company_id, 7);
  EXPECT_EQ(run.device.ids, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(run.device.email, "e");
  EXPECT_EQ(run.device.private_token, "CANARY-token");
  EXPECT_EQ(run.device.ca_file, "c");
  EXPECT_EQ(run.syncs, 3);
  EXPECT_EQ(run.interval, 250ms);
  EXPECT_EQ(run.state_file, "s");
}

TEST_F(DeviceArgumentsTest, SaysWhatIsWrong) {
  EXPECT_NE(problem({"--bogus", "1"}).message.find("unknown option '--bogus'"), std::string::npos);
  EXPECT_EQ(problem({"--syncs", "-1"}).exit_code, 2);
  EXPECT_EQ(problem({"--syncs", "1x"}).exit_code, 2);
  EXPECT_EQ(problem({"--interval", "nan"}).exit_code, 2);
  EXPECT_EQ(problem({"--ids", "A,,B"}).exit_code, 2);
  EXPECT_EQ(problem({"--ids", "A,A"}).exit_code, 2);
  EXPECT_EQ(problem({"--state"}).exit_code, 2);
  EXPECT_NE(problem({"--email="}).message.find("--email is required"), std::string::npos);
  EXPECT_EQ(problem({"--help"}).exit_code, 0);
}

TEST_F(DeviceArgumentsTest, SendsTheTokenOverPlainHttpToLoopbackOnly) {
  for (const std::string good : {"http://localhost:8088/", "http://127.0.0.1", "http://[::1]:8/x",
                                 "https://sync.example.com/api?x=1"}) {
    EXPECT_EQ(problem({}, good).exit_code, -1) << good << problem({}, good).message;
  }
  for (const std::string bad :
       {"http://sync.example.com/", "http://127.0.0.1.example.com/", "ftp://localhost", "localhost",
        "https://", "https://me@host/", "https://host/ x", "https://host/#x"}) {
    EXPECT_EQ(problem({}, bad).exit_code, 3) << bad;
  }
}

TEST_F(DeviceArgumentsTest, NeedsTheToken) {
  ::unsetenv("WEIR_PRIVATE_TOKEN");
  EXPECT_EQ(problem({}).exit_code, 3);
  EXPECT_NE(problem({}).message.find("WEIR_PRIVATE_TOKEN"), std::string::npos);
}

}  // namespace
}  // namespace weir::mock
