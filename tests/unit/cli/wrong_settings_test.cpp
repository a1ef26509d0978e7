// What is said of settings that are wrong: where, in what range, and what to do.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <weir/client.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "exit_code.h"
#include "settings.h"
#include "support/temporary_folder.h"

namespace weir::cli {
namespace {

class WrongSettingsTest : public ::testing::Test {
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

// A store that SQLite would keep in memory, or as a URI, in every place it may be named.
TEST_F(WrongSettingsTest, RefusesAStoreThatIsNoPath) {
  for (const std::string store :
       {":memory:", "file:weir.db", "file:weir.db?mode=memory", ":x", "file::memory:"}) {
    const SettingFlags in_toml = with_file(
        "url = 'https://h'\ncompany_id = 5\ntime_zone = 'UTC'\nstore = '" + store + "'\n");
    const std::string in_file = load_settings(in_toml).error().message;
    EXPECT_NE(in_file.find("weir.toml:4:9: store must be a path"), std::string::npos) << in_file;
    EXPECT_NE(in_file.find("a file of that name is ./" + store), std::string::npos) << in_file;
    SettingFlags flag = with_file(complete_);
    flag.store = store;
    EXPECT_NE(load_settings(flag).error().message.find("--store must be a path"),
              std::string::npos);
    ::setenv("WEIR_STORE", store.c_str(), 1);
    EXPECT_NE(load_settings(with_file(complete_)).error().message.find("WEIR_STORE must be a path"),
              std::string::npos);
    ::unsetenv("WEIR_STORE");
  }
  EXPECT_TRUE(load_settings(
      with_file("url = 'https://h'\ncompany_id = 5\ntime_zone = 'UTC'\nstore = './:memory:'\n")));
}

TEST_F(WrongSettingsTest, SaysTheWholeRangeWhereverANumberStands) {
  for (const auto& [variable, value, range] : std::vector<std::array<std::string, 3>>{
           {"WEIR_MAX_CONNECTIONS", "2000", "from 1 to 1000"},
           {"WEIR_MAX_CONNECTIONS", "0", "from 1 to 1000"},
           {"WEIR_CALLS_PER_DAY", "2000000000", "from 1 to 1000000000"},
           {"WEIR_COMPANY_ID", "-1", "from 1 on"},
       }) {
    ::setenv(variable.c_str(), value.c_str(), 1);
    const std::string told = load_settings(with_file(complete_)).error().message;
    EXPECT_EQ(told, variable + " must be a whole number " + range + ", not '" + value + "'");
    ::unsetenv(variable.c_str());
  }
  SettingFlags flags = with_file(complete_);
  flags.max_connections = "2000";
  EXPECT_EQ(load_settings(flags).error().message,
            "--max-connections must be a whole number from 1 to 1000, not '2000'");
}

TEST_F(WrongSettingsTest, SaysTheRangeOfWeightsTimesAndSizes) {
  for (const auto& [line, range] : std::vector<std::pair<std::string, std::string>>{
           {"weight = 1e30", "must be a positive number of at most 1e15"},
           {"weight = 0", "must be a positive number of at most 1e15"},
           {"weight = inf", "must be a positive number of at most 1e15"},
           {"settle = '400d'", "of at most \"366d\""},
           {"deadline = '9000h'", "of at most \"366d\""},
       }) {
    const std::string told =
        load_settings(with_file(complete_ + "[source.S]\n" + line + "\n")).error().message;
    EXPECT_NE(told.find(range), std::string::npos) << told;
  }
  EXPECT_TRUE(load_settings(with_file(complete_ + "[source.S]\nweight = 1e15\n")));
  EXPECT_TRUE(load_settings(with_file(complete_ + "[source.S]\nsettle = '366d'\n")));
}

TEST_F(WrongSettingsTest, SaysWhereAWrongUrlOrZoneStands) {
  const auto told = [](const SettingFlags& flags) {
    const auto settings = read_settings(flags, Needs::kCalls);
    EXPECT_TRUE(settings) << settings.error().message;
    const auto usable = Client::check(settings->client);
    EXPECT_FALSE(usable);
    return with_place(*settings, usable.error()).message;
  };
  const auto begins = [](const std::string& text, const std::string& start) {
    EXPECT_EQ(text.substr(0, start.size()), start) << text;
  };
  ::setenv("WEIR_TIME_ZONE", "PST", 1);
  begins(told(with_file(complete_)), "WEIR_TIME_ZONE: unknown time zone 'PST'");
  SettingFlags flags = with_file(complete_);
  flags.time_zone = "Nowhere";
  begins(told(flags), "--time-zone: unknown time zone 'Nowhere'");
  ::unsetenv("WEIR_TIME_ZONE");
  ::setenv("WEIR_URL", "host", 1);
  begins(told(with_file(complete_)), "WEIR_URL: ");
  ::unsetenv("WEIR_URL");
  flags = with_file("url = 'https://h/path'\ncompany_id = 5\ntime_zone = 'UTC'\nstore = 'a.db'\n");
  begins(told(flags), *flags.config + ":1: the url is to be the host alone");
  flags = with_file("url = 'https://h'\ncompany_id = 5\ntime_zone = 'GMT+1'\nstore = 'a.db'\n");
  begins(told(flags), *flags.config + ":3: unknown time zone 'GMT+1'");
  flags = with_file(complete_ + "interactive_reserve = 2500\n");
  begins(told(flags), "the reserves leave no calls");
}

TEST_F(WrongSettingsTest, SaysWhereASettingOfAnotherTableBelongs) {
  for (const auto& [lines, words] : std::vector<std::pair<std::string, std::string>>{
           {"[source.X]\ncalls_per_day = 5\n",
            "calls_per_day in [source.X] is not a setting; it belongs at the top, before the first "
            "[table]"},
           {"[daemon]\nurl = 'https://h'\n",
            "url in [daemon] is not a setting; it belongs at the top, before the first [table]"},
           {"[notify]\nstore = 'a.db'\n", "store in [notify] is not a setting; it belongs at"},
           {"settle = '2s'\n", "settle is not a setting; it belongs in [source.ID]"},
           {"include = 'a.toml'\n", "include is not a setting; it belongs in [daemon]"},
           {"[service]\nport = 80\n", "it belongs in the file of weir serve"},
           {"[source.X.follow]\nweight = 2\n", "it belongs in [source.ID] or in [poll.NAME]"},
           {"[org]\nurl = 'https://h'\n", "url in [org] belongs at the top"},
           {"[source.X]\ncolour = 1\n", "colour in [source.X] is not a setting"},
       }) {
    const Result<ClientOptions> options = load_settings(with_file(lines));
    ASSERT_FALSE(options) << lines;
    EXPECT_NE(options.error().message.find(words), std::string::npos) << options.error().message;
  }
}

// Advice on quotes is for values that lack them.
TEST_F(WrongSettingsTest, SaysWhatIsWrongWithTomlAndNothingElse) {
  for (const auto& [content, words] : std::vector<std::pair<std::string, std::string>>{
           {"a = 1\na = 2\n", "a name stands once"},
           {"[x]\n[x]\n", "a name stands once"},
           {"store = \"caf\xE9\"\n", "save it as UTF-8"},
           {"# caf\xE9\n", "save it as UTF-8"},
           {std::string("\xFF\xFEu\0r\0l\0", 8), "is UTF-16; save it as UTF-8"},
           {std::string("u\0r\0l\0", 6), "is UTF-16; save it as UTF-8"},
           {"company_id = 99999999999999999999\n", "the number is too large"},
           {"store =\n", "write a value behind the ="},
           {"[x\n", "not valid TOML"},
       }) {
    const std::string told = load_settings(with_file(content)).error().message;
    EXPECT_NE(told.find(words), std::string::npos) << told;
    EXPECT_EQ(told.find("texts need quotes"), std::string::npos) << told;
  }
  for (const char* content : {"store = weir.db\n", "url = https://h\n", "[source.S]\nsettle = 2s\n",
                              "time_zone = America/Los_Angeles\n", "store = /var/weir.db\n",
                              "[source.S]\nmax_deletes = 20%\n", "store = true.db\n"}) {
    const std::string told = load_settings(with_file(content)).error().message;
    EXPECT_NE(told.find("texts need quotes"), std::string::npos) << content << told;
  }
}

// Its limits would be lost without a word.
TEST_F(WrongSettingsTest, TakesALinkThatPointsNowhereForNoMissingFile) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.file(""));
  std::filesystem::create_symlink("gone.toml", "weir.toml");
  SettingFlags flags{.url = "https://h", .company_id = "5", .time_zone = "UTC", .store = "a.db"};
  const std::string told = load_settings(flags).error().message;
  EXPECT_NE(told.find("weir.toml points to gone.toml, which is not there"), std::string::npos)
      << told;
  flags.config = folder_.file("weir.toml");
  EXPECT_NE(load_settings(flags).error().message.find("points to gone.toml"), std::string::npos);
  std::filesystem::remove("weir.toml");
  EXPECT_TRUE(
      load_settings({.url = "https://h", .company_id = "5", .time_zone = "UTC", .store = "a.db"}))
      << "no file at all is fine";
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace weir::cli
