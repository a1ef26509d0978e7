#include "settings.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "exit_code.h"
#include "support/temporary_folder.h"

namespace weir::cli {
namespace {

class SettingsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name :
         {"WEIR_URL", "WEIR_COMPANY_ID", "WEIR_TIME_ZONE", "WEIR_STORE", "WEIR_CALLS_PER_DAY",
          "WEIR_MAX_CONNECTIONS", "WEIR_INTEGRATION_KEY"}) {
      ::unsetenv(name);
    }
  }

  SettingFlags with_file(const std::string& content, mode_t mode = 0600) {
    const std::string path = folder_.write("weir.toml", content);
    ::chmod(path.c_str(), mode);
    return {.config = path};
  }

  const std::string complete_ =
      "url = 'https://file'\ncompany_id = 5\ntime_zone = 'UTC'\nstore = 'a.db'\n";
  testing::TemporaryFolder folder_;
};

TEST_F(SettingsTest, TakesTheFlagBeforeTheEnvironmentBeforeTheFile) {
  SettingFlags flags = with_file(complete_);
  EXPECT_EQ(load_settings(flags)->url, "https://file");
  ::setenv("WEIR_URL", "https://environment", 1);
  EXPECT_EQ(load_settings(flags)->url, "https://environment");
  flags.url = "https://flag";
  EXPECT_EQ(load_settings(flags)->url, "https://flag");
}

TEST_F(SettingsTest, HasTheDocumentedDefaults) {
  const ClientOptions options = *load_settings(with_file(complete_));
  EXPECT_EQ(options.company_id, 5);
  EXPECT_EQ(options.calls_per_day, 2500);
  EXPECT_EQ(options.max_connections, 3);
  EXPECT_FALSE(options.send_in_background);
}

TEST_F(SettingsTest, NamesTheSettingThatIsMissing) {
  const Result<ClientOptions> options = load_settings(with_file("url = 'https://h'\n"));
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().message.find("WEIR_COMPANY_ID"), std::string::npos);
  EXPECT_EQ(exit_code_of(options.error().code), kConfig);
}

TEST_F(SettingsTest, SaysWhereABadNumberCameFrom) {
  ::setenv("WEIR_CALLS_PER_DAY", "many", 1);
  const Result<ClientOptions> options = load_settings(with_file(complete_));
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().message.find("WEIR_CALLS_PER_DAY"), std::string::npos);
}

TEST_F(SettingsTest, TakesAKeyOnlyFromAPrivateFile) {
  const std::string content = complete_ + "integration_key = 's3cret'\n";
  EXPECT_EQ(load_settings(with_file(content))->integration_key.reveal(), "s3cret");
  const Result<ClientOptions> open_to_all = load_settings(with_file(content, 0644));
  ASSERT_FALSE(open_to_all);
  EXPECT_NE(open_to_all.error().message.find("chmod 600"), std::string::npos);
}

TEST_F(SettingsTest, NeverQuotesALineOfABadFile) {
  const Result<ClientOptions> options =
      load_settings(with_file(complete_ + "integration_key = s3cret\n"));
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().message.find("s3cret"), std::string::npos) << options.error().message;
  EXPECT_NE(options.error().message.find("line 5"), std::string::npos) << options.error().message;
}

TEST_F(SettingsTest, NamesASettingsFileThatIsNotThere) {
  EXPECT_FALSE(load_settings({.config = folder_.file("missing.toml")}));
}

TEST_F(SettingsTest, ReadsWhatSingleDataSourcesNeed) {
  const auto options =
      load_settings(with_file(complete_ + "exempt_requests_take_connection = false\n"
                                          "[source.OUTAGES]\nweight = 5\ndeadline = '15m'\n"
                                          "[source.'CREWS 2']\nweight = 0.5\n"));
  ASSERT_TRUE(options) << options.error().message;
  ASSERT_EQ(options->sources.size(), 2U);
  EXPECT_EQ(options->sources.at("OUTAGES").weight, 5);
  EXPECT_EQ(options->sources.at("OUTAGES").deadline, std::chrono::minutes{15});
  EXPECT_EQ(options->sources.at("CREWS 2").weight, 0.5);
  EXPECT_EQ(options->sources.at("CREWS 2").deadline, Milliseconds{0});
  EXPECT_FALSE(options->exempt_requests_take_connection);
}

TEST_F(SettingsTest, NamesTheSettingOfADataSourceThatIsWrong) {
  for (const char* bad :
       {"[source.S]\nweight = 0\n", "[source.S]\nweight = 'much'\n", "[source.S]\nweight = nan\n",
        "[source.S]\ndeadline = '15'\n", "[source.S]\ndeadline = '-1m'\n",
        "[source.S]\ndeadline = 900\n", "[source.S]\ndeadline = '99999999999999999999s'\n",
        "[source.S]\nwait = 3\n"}) {
    const auto options = load_settings(with_file(complete_ + bad));
    ASSERT_FALSE(options) << bad;
    EXPECT_NE(options.error().message.find("[source.S]"), std::string::npos)
        << options.error().message;
    EXPECT_EQ(options.error().code, ErrorCode::kInvalidConfig);
  }
  EXPECT_FALSE(load_settings(with_file(complete_ + "source = 5\n")));
  EXPECT_FALSE(load_settings(with_file(complete_ + "[source]\nOUTAGES = 5\n")));
}

TEST(ExitCodes, FollowTheTable) {
  EXPECT_EQ(exit_code_of(ErrorCode::kInvalidArgument), 1);
  EXPECT_EQ(exit_code_of(ErrorCode::kInvalidConfig), 3);
  EXPECT_EQ(exit_code_of(ErrorCode::kUnauthenticated), 4);
  EXPECT_EQ(exit_code_of(ErrorCode::kBudgetExhausted), 5);
  EXPECT_EQ(exit_code_of(ErrorCode::kUnavailable), 6);
  EXPECT_EQ(exit_code_of(ErrorCode::kUnknownDataSource), 6);
  EXPECT_EQ(exit_code_of(ErrorCode::kRefused), 7);
  EXPECT_EQ(exit_code_of(ErrorCode::kStoreBusy), 8);
}

}  // namespace
}  // namespace weir::cli
