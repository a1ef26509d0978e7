#include "settings.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "exit_code.h"
#include "support/temporary_folder.h"

namespace weir::cli {
namespace {

class SettingsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name :
         {"WEIR_URL", "WEIR_COMPANY_ID", "WEIR_TIME_ZONE", "WEIR_STORE", "WEIR_CALLS_PER_DAY",
          "WEIR_MAX_CONNECTIONS", "WEIR_INTEGRATION_KEY", "WEIR_CA_FILE"}) {
      ::unsetenv(name);
    }
    ::setenv("WEIR_INTEGRATION_KEY", "k", 1);
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
  ::unsetenv("WEIR_INTEGRATION_KEY");
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
  EXPECT_NE(options.error().message.find("weir.toml:5:"), std::string::npos)
      << options.error().message;
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

TEST_F(SettingsTest, NamesAllSettingsThatAreMissingAtOnce) {
  ::unsetenv("WEIR_INTEGRATION_KEY");
  const Result<ClientOptions> options = load_settings(with_file("store = 'a.db'\n"));
  ASSERT_FALSE(options);
  for (const char* word :
       {"no url, no company id, no time zone and no integration key are set", "--time-zone",
        "WEIR_URL", "--key-file FILE", "WEIR_INTEGRATION_KEY", "integration_key_file"})
    EXPECT_NE(options.error().message.find(word), std::string::npos)
        << word << " is not in: " << options.error().message;
}

TEST_F(SettingsTest, NeedsNoMoreThanTheCommandUses) {
  EXPECT_TRUE(read_settings(with_file("store = 'a.db'\n"), Needs::kRows));
  EXPECT_FALSE(read_settings(with_file("store = 'a.db'\n"), Needs::kStore));
  const auto usage = read_settings(with_file("store = 'a.db'\ntime_zone = 'UTC'\n"), Needs::kStore);
  ASSERT_TRUE(usage) << usage.error().message;
  EXPECT_FALSE(usage->client.makes_calls);
}

struct PathCase {
  const char* written;
  std::string expected;
};

// From a file, paths are from its folder; from flags and environment they are as they are written.
TEST_F(SettingsTest, TakesPathsFromTheFolderOfTheirFile) {
  const std::string folder = folder_.path().string() + "/";
  for (const auto& [written, expected] :
       {PathCase{"weir.db", folder + "weir.db"}, PathCase{"sub/weir.db", folder + "sub/weir.db"},
        PathCase{"../weir.db", folder + "../weir.db"}, PathCase{"/var/weir.db", "/var/weir.db"},
        PathCase{"postgresql://h/d", "postgresql://h/d"}}) {
    const std::string line =
        "time_zone = 'UTC'\nstore = '" + std::string(written) + "'\nca_file = '" + written + "'\n";
    SettingFlags flags = with_file(line);
    auto settings = read_settings(flags, Needs::kStore);
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->client.store, expected);
    EXPECT_EQ(settings->client.ca_file, expected);
    ::setenv("WEIR_STORE", written, 1);
    ::setenv("WEIR_CA_FILE", written, 1);
    settings = read_settings(flags, Needs::kStore);
    EXPECT_EQ(settings->client.store, written);
    EXPECT_EQ(settings->client.ca_file, written);
    ::unsetenv("WEIR_STORE");
    ::unsetenv("WEIR_CA_FILE");
    flags.store = written;
    EXPECT_EQ(read_settings(flags, Needs::kStore)->client.store, written);
  }
}

TEST_F(SettingsTest, RefusesTextsThatAnEnvironmentFileHasSpoiled) {
  for (const char* name :
       {"WEIR_URL", "WEIR_COMPANY_ID", "WEIR_TIME_ZONE", "WEIR_STORE", "WEIR_CALLS_PER_DAY",
        "WEIR_MAX_CONNECTIONS", "WEIR_CA_FILE", "WEIR_INTEGRATION_KEY"}) {
    for (const char* value : {"5\r", "5\n", "5\t5", " 5", "5 ", "'5'", "\"5\""}) {
      ::setenv("WEIR_INTEGRATION_KEY", "k", 1);
      ::setenv(name, value, 1);
      const auto settings = load_settings(with_file(complete_));
      ASSERT_FALSE(settings) << name << " = " << value;
      EXPECT_EQ(settings.error().code, ErrorCode::kInvalidConfig);
      EXPECT_NE(settings.error().message.find(name), std::string::npos) << settings.error().message;
      ::unsetenv(name);
    }
  }
  ::setenv("WEIR_STORE", "w.db\r", 1);
  EXPECT_NE(load_settings(with_file(complete_)).error().message.find("carriage return"),
            std::string::npos);
}

TEST_F(SettingsTest, SaysWhyAFileCannotBeRead) {
  const auto message = [](const std::string& path) {
    const auto settings = read_settings({.config = path}, Needs::kRows);
    return settings ? std::string() : settings.error().message;
  };
  EXPECT_NE(message(folder_.file("missing.toml")).find("does not exist"), std::string::npos);
  EXPECT_NE(message(folder_.path().string()).find("is a folder"), std::string::npos);
  ASSERT_EQ(::mkfifo(folder_.file("fifo").c_str(), 0600), 0);
  EXPECT_NE(message(folder_.file("fifo")).find("no plain file"), std::string::npos);
  EXPECT_NE(message(folder_.write("big", std::string(2 << 20, '#'))).find("larger than 1 MiB"),
            std::string::npos);
  EXPECT_NE(message(folder_.write("bad", "a = '\xff'\n")).find("not valid TOML"),
            std::string::npos);
  const std::string unquoted = message(folder_.write("unquoted", "\nstore = weir.db\n"));
  EXPECT_NE(unquoted.find("unquoted:2:"), std::string::npos) << unquoted;
  EXPECT_NE(unquoted.find("texts need quotes"), std::string::npos) << unquoted;
  EXPECT_NE(message(folder_.write("empty", "")).find("no store is set"), std::string::npos);
}

// As everywhere, and not only beside plain files: whoever opens it waits for a writer.
TEST_F(SettingsTest, AFifoInTheMemoryDiskIsNoSettingsFile) {
  std::string folder = "/dev/shm/weir-test-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) GTEST_SKIP() << "there is no /dev/shm";
  const std::string fifo = folder + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const auto settings = read_settings({.config = fifo}, Needs::kRows);
  std::filesystem::remove_all(folder);
  ASSERT_FALSE(settings);
  EXPECT_NE(settings.error().message.find("no plain file"), std::string::npos);
}

TEST_F(SettingsTest, APipeOfTheShellIsASettingsFile) {
  std::array<int, 2> pipe = {};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  constexpr std::string_view kText = "store = 'weir.db'\ncolour = 'red'\n";
  ASSERT_EQ(::write(pipe[1], kText.data(), kText.size()), static_cast<ssize_t>(kText.size()));
  ::close(pipe[1]);
  const auto settings =
      read_settings({.config = "/dev/fd/" + std::to_string(pipe[0])}, Needs::kRows);
  ::close(pipe[0]);
  ASSERT_FALSE(settings);
  EXPECT_NE(settings.error().message.find("colour is not a setting"), std::string::npos)
      << settings.error().message;
}

class KeyFileTest : public SettingsTest {
 protected:
  void SetUp() override {
    SettingsTest::SetUp();
    ::unsetenv("WEIR_INTEGRATION_KEY");
    ::unsetenv("CREDENTIALS_DIRECTORY");
  }
  void TearDown() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }

  std::string key_file(const std::string& name, const std::string& key, mode_t mode = 0600) {
    const std::string path = folder_.write(name, key + "\n");
    ::chmod(path.c_str(), mode);
    return path;
  }

  Result<ClientOptions> load(const std::string& line) {
    return load_settings(with_file(complete_ + line));
  }
};

TEST_F(KeyFileTest, LiesBesideTheSettingsAndIsPrivate) {
  key_file("integration-key", "beside");
  EXPECT_EQ(load("integration_key_file = 'integration-key'\n")->integration_key.reveal(), "beside");
  key_file("integration-key", "beside", 0640);
  const auto open_to_others = load("integration_key_file = 'integration-key'\n");
  ASSERT_FALSE(open_to_others);
  EXPECT_NE(open_to_others.error().message.find("chmod 600"), std::string::npos);
  EXPECT_FALSE(load("integration_key_file = 'missing'\n"));
  EXPECT_FALSE(load("integration_key_file = 'integration-key'\nintegration_key = 'k'\n"));
}

TEST_F(KeyFileTest, IsLookedForAmongTheCredentialsFirst) {
  key_file("integration-key", "beside");
  const testing::TemporaryFolder credentials;
  ::setenv("CREDENTIALS_DIRECTORY", credentials.path().c_str(), 1);
  EXPECT_EQ(load("integration_key_file = 'integration-key'\n")->integration_key.reveal(), "beside")
      << "there is no such credential";
  credentials.write("integration-key", "credential\r\n");
  EXPECT_EQ(load("integration_key_file = 'integration-key'\n")->integration_key.reveal(),
            "credential");
  EXPECT_EQ(load("integration_key_file = './integration-key'\n")->integration_key.reveal(),
            "beside")
      << "a path is no name of a credential";
  ::setenv("WEIR_INTEGRATION_KEY", "environment", 1);
  EXPECT_EQ(load("integration_key_file = 'integration-key'\n")->integration_key.reveal(),
            "environment");
}

TEST_F(SettingsTest, ReadsWhatHoldsForThePushesOfADataSource) {
  const auto settings =
      read_settings(with_file("store = 'a.db'\n[source.A]\nfirst = 'adopt'\nmax_deletes = '20%'\n"
                              "[source.B]\nfirst = 'replace'\nmax_deletes = 7\n"),
                    Needs::kRows);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->push.at("A").first, FirstPublish::kAdopt);
  EXPECT_EQ(settings->push.at("A").max_deletes->percent, 20);
  EXPECT_EQ(settings->push.at("B").first, FirstPublish::kReplace);
  EXPECT_EQ(settings->push.at("B").max_deletes->rows, 7);
  for (const char* bad : {"first = 'keep'", "first = ''", "max_deletes = '101%'",
                          "max_deletes = -1", "max_deletes = 'all'"})
    EXPECT_FALSE(read_settings(with_file(std::string("store = 'a.db'\n[source.A]\n") + bad + "\n"),
                               Needs::kRows))
        << bad;
  EXPECT_FALSE(
      read_settings(with_file("store = 'a.db'\n[source.\" \"]\nweight = 1\n"), Needs::kRows));
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
