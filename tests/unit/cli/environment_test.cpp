#include "environment.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

std::vector<std::string> told(std::vector<const char*> environment) {
  environment.push_back(nullptr);
  return strange_variables(environment.data());
}

TEST(Environment, TellsOfNamesThatAreNoSetting) {
  EXPECT_EQ(told({"WEIR_TIMEZONE=UTC"}),
            std::vector<std::string>{"WEIR_TIMEZONE in the environment is not a setting; did you "
                                     "mean WEIR_TIME_ZONE?"});
  EXPECT_EQ(told({"WEIR_CALLS_PER_DY=1"}),
            std::vector<std::string>{"WEIR_CALLS_PER_DY in the environment is not a setting; did "
                                     "you mean WEIR_CALLS_PER_DAY?"});
  EXPECT_EQ(told({"WEIR_INTEGRATIONKEY=secret"}).front().find("secret"), std::string::npos);
  EXPECT_EQ(told({"WEIR_OUTSIDE_RESERVE=500"}),
            std::vector<std::string>{"WEIR_OUTSIDE_RESERVE in the environment is not a setting "
                                     "there; write it into weir.toml"});
  EXPECT_EQ(told({"WEIR_KEY_FILE=x"}),
            std::vector<std::string>{"WEIR_KEY_FILE in the environment is not a setting; give "
                                     "--key-file FILE, or write integration_key_file into "
                                     "weir.toml"});
  EXPECT_EQ(told({"WEIR_CONFIG=x"}),
            std::vector<std::string>{
                "WEIR_CONFIG in the environment is not a setting; give --config FILE"});
  EXPECT_EQ(told({"WEIR_X\x1b[31m=1"}).front().find('\x1b'), std::string::npos);
}

TEST(Environment, HasNothingToSayOfSettingsAndOfOthers) {
  EXPECT_TRUE(told({"WEIR_URL=https://a", "WEIR_COMPANY_ID=1", "WEIR_TIME_ZONE=UTC", "WEIR_STORE=x",
                    "WEIR_CALLS_PER_DAY=1", "WEIR_MAX_CONNECTIONS=1", "WEIR_CA_FILE=x",
                    "WEIR_INTEGRATION_KEY=k", "WEIR_PRIVATE_TOKEN=t", "PATH=/bin", "MY_WEIR_X=1",
                    "WEIR_POLL=p", "WEIR_SOURCE=s", "weir_url=x", "WEIR"})
                  .empty());
  EXPECT_TRUE(strange_variables(nullptr).empty());
}

}  // namespace
}  // namespace weir::cli
