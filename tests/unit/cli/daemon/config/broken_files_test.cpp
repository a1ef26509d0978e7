// Files that people write by mistake: each fault is told, in its place.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>
#include <utility>

#include "config_fixture.h"
#include "support/broken_settings.h"

namespace weir::daemon {
namespace {

class BrokenFilesTest : public ConfigTest,
                        public ::testing::WithParamInterface<testing::BrokenSettings> {
 protected:
  void SetUp() override {
    ConfigTest::SetUp();
    folder_.write("a.csv", "id,name\n1,a\n");
    folder_.write("d", "");
  }
};

TEST_P(BrokenFilesTest, AreRefusedWithEachFaultInItsPlace) {
  const ReadConfig read = read_more(GetParam().text);
  EXPECT_TRUE(has_fault(read.findings));
  const std::string told = findings_of(read);
  for (const char* fault : GetParam().told)
    EXPECT_NE(told.find(fault), std::string::npos) << fault << "\nis not in\n" << told;
  EXPECT_EQ(read.findings.size(), GetParam().told.size()) << told;
  EXPECT_EQ(told.find("k3y"), std::string::npos) << "the key is told";
}

INSTANTIATE_TEST_SUITE_P(Names, BrokenFilesTest, ::testing::ValuesIn(testing::kBrokenNames));
INSTANTIATE_TEST_SUITE_P(Values, BrokenFilesTest, ::testing::ValuesIn(testing::kBrokenValues));
INSTANTIATE_TEST_SUITE_P(Sources, BrokenFilesTest, ::testing::ValuesIn(testing::kBrokenSources));
INSTANTIATE_TEST_SUITE_P(PollsAndTheRest, BrokenFilesTest,
                         ::testing::ValuesIn(testing::kBrokenPolls));

// What one part of the file would destroy, or take from another.
const std::vector<testing::BrokenSettings> kSharedFiles = {
    {"[poll.J]\nform = 'J'\nappend = 'weir.db'\n",
     {"weir.toml:8:10: append in [poll.J] is weir.db, which is the store; give another"}},
    {"[poll.J]\nform = 'J'\nappend = './x/../weir.db-wal'\n", {"which is a file of the store"}},
    {"[poll.J]\nform = 'J'\nappend = 'weir.db.lock'\n", {"which is a file of the store"}},
    {"[poll.J]\nform = 'J'\nappend = 'weir.db.seen'\n", {"which is a file of the store"}},
    {"[poll.J]\nform = 'J'\nappend = 'weir.db.ballast'\n", {"which is a file of the store"}},
    {"[poll.J]\nform = 'J'\nappend = 'control.sock'\n", {"which is a file of weir run"}},
    {"[poll.J]\nform = 'J'\nappend = 'daemon.lock'\n", {"which is a file of weir run"}},
    {"[poll.J]\nform = 'J'\nappend = 'notify.json'\n", {"which is a file of weir run"}},
    {"[source.A]\ncsv = 'notify.json'\n",
     {"which is a file of weir run", "warning: csv in [source.A] is not there yet"}},
    {"[source.A]\ncsv = 'integration-key'\n",
     {"csv in [source.A] is integration-key, which is the integration_key_file"}},
    {"[source.A]\nndjson = 'weir.toml'\n", {"which is a settings file of weir run"}},
    {"[source.A]\ncsv = 'hook'\n[poll.K]\nform = 'K'\nwebhook = 'https://h'\n"
     "secret_file = 'hook'\n",
     {"csv in [source.A] is hook, which is the secret_file"}},
    {"[poll.J]\nform = 'J'\nappend = 'link.db'\n", {"which is the store"}},
    {"[poll.J]\nform = 'J'\nappend = 'a.csv'\n[source.A]\ncsv = 'a.csv'\n",
     {"append in [poll.J] is a.csv, which is csv of [source.A]"}},
    {"[poll.J]\nform = 'J'\nappend = 'hard.csv'\n[source.A]\ncsv = 'a.csv'\n",
     {"which is csv of [source.A]"}},
    {"[poll.J]\nform = 'J'\nappend = 'a.csv'\n[source.A]\nndjson = 'a.csv'\n",
     {"which is ndjson of [source.A]"}},
    {"[poll.J]\nform = 'J'\nappend = 'integration-key'\n",
     {"append in [poll.J] is integration-key, which is the integration_key_file"}},
    {"[poll.J]\nform = 'J'\nappend = 'hook'\n[poll.K]\nform = 'K'\nwebhook = 'https://h'\n"
     "secret_file = 'hook'\n",
     {"append in [poll.J] is hook, which is the secret_file"}},
    {"[poll.J]\nform = 'J'\nappend = 'weir.toml'\n", {"which is a settings file of weir run"}},
    {"[poll.J]\nform = 'J'\nappend = 'f'\n[poll.K]\nform = 'K'\nappend = './f'\n",
     {"weir.toml:11:10: append in [poll.K] is f, which is append of [poll.J]"}},
    {"[source.A]\ncsv = 'weir.db'\n", {"csv in [source.A] is weir.db, which is the store"}},
    {"[source.A]\ndirectory = 'drop'\n[source.B]\ndirectory = 'drop/'\n",
     {"weir.toml:9:13: directory in [source.B] is drop/, which is directory of [source.A]"}},
    {"[source.A]\ndirectory = 'drop'\n[source.B]\ndirectory = 'drop/done'\n",
     {"directory in [source.B] is drop/done, which is done of [source.A]"}},
    {"[source.A]\ndirectory = 'drop/failed'\n[source.B]\ndirectory = 'drop'\n",
     {"directory in [source.A] is drop/failed, which is the folder of refused files of "
      "[source.B]"}},
    {"[source.A]\ndirectory = 'drop'\ndone = 'move:../linked'\n[source.B]\ndirectory = 'old'\n",
     {"directory in [source.B] is old, which is done of [source.A]"}},
    {"[source.A]\ndirectory = '.'\npattern = '*.csv'\n[source.B]\ncsv = 'a.csv'\n",
     {"directory in [source.A] takes each file of . that is named like *.csv, so also a.csv, which "
      "is csv of [source.B]"}},
    {"[source.A]\ndirectory = 'drop'\n[poll.J]\nform = 'J'\nappend = 'drop/new.ndjson'\n",
     {"so also new.ndjson, which is append of [poll.J]"}}};

class SharedFilesTest : public ConfigTest,
                        public ::testing::WithParamInterface<testing::BrokenSettings> {
 protected:
  void SetUp() override {
    ConfigTest::SetUp();
    namespace fs = std::filesystem;
    folder_.write("a.csv", "id,name\n1,a\n");
    folder_.write("weir.db", "");
    fs::create_symlink(folder_.file("weir.db"), folder_.file("link.db"));
    fs::create_hard_link(folder_.file("a.csv"), folder_.file("hard.csv"));
    for (const char* folder : {"drop/done", "drop/failed", "old", "x"})
      fs::create_directories(folder_.file(folder));
    fs::create_symlink(folder_.file("old"), folder_.file("linked"));
  }
};

INSTANTIATE_TEST_SUITE_P(All, SharedFilesTest, ::testing::ValuesIn(kSharedFiles));

TEST_P(SharedFilesTest, AreRefusedWhereTheOneStandsThatTakesThem) {
  const ReadConfig read = read_more(GetParam().text);
  EXPECT_TRUE(has_fault(read.findings));
  std::string told = findings_of(read);
  for (const char* fault : GetParam().told)
    EXPECT_NE(told.find(fault), std::string::npos) << fault << "\nis not in\n" << told;
  EXPECT_EQ(read.findings.size(), GetParam().told.size()) << told;
}

TEST_F(ConfigTest, SharesFilesThatNobodyWrites) {
  folder_.write("a.csv", "id,name\n1,a\n");
  for (const char* folder : {"in", "new"}) std::filesystem::create_directory(folder_.file(folder));
  const ReadConfig read = read_more(
      "[source.A]\ncsv = 'a.csv'\n[source.B]\ncsv = 'a.csv'\n"
      "[source.C]\ndirectory = 'in'\ndone = 'move:../archive'\n"
      "[source.D]\ndirectory = 'new'\ndone = 'move:../archive'\n"
      "[poll.J]\nform = 'J'\nappend = 'j.ndjson'\n[poll.K]\nform = 'K'\nappend = 'k.ndjson'\n"
      "[poll.L]\nform = 'L'\nwebhook = 'https://h'\nsecret_file = 'hook'\n"
      "[poll.M]\nform = 'M'\nwebhook = 'https://h'\nsecret_file = 'hook'\n");
  EXPECT_EQ(findings_of(read), "");
}

TEST_F(ConfigTest, AWarningHidesNoFaultAtTheSameValue) {
  folder_.write("d", "");
  const std::string told = findings_of(
      read_more("[sync]\nprivate_token_file = 'token'\n[source.A]\ndatabase = 'sqlite3://d'\n"
                "query = 'SELECT 1 WHERE x > :since'\nfollow = { column = 'c' }\n"
                "deliver = 'sync'\n[source.A.sync]\nuser_column = 'u'\n"));
  EXPECT_NE(told.find("has no reconcile"), std::string::npos) << told;
  EXPECT_NE(told.find("is for rows that are pushed"), std::string::npos) << told;
}

TEST_F(ConfigTest, FindsWhatTwoOrganizationsWouldBothTake) {
  const auto org = [](const std::string& name, int company, const std::string& store) {
    return "[org." + name + "]\nurl = 'https://h'\ncompany_id = " + std::to_string(company) +
           "\ntime_zone = 'UTC'\nintegration_key_file = 'integration-key'\nstore = '" + store +
           "'\n[org." + name + ".source.S]\ndirectory = 'drop'\n";
  };
  std::filesystem::create_directory(folder_.file("drop"));
  const std::string told =
      findings_of(read(org("acme", 1, "weir.db") + org("blue", 2, "./weir.db")));
  EXPECT_NE(told.find("store in [org.blue] is weir.db, which is the store of [org.acme]"),
            std::string::npos)
      << told;
  EXPECT_NE(told.find("directory in [org.blue.source.S] is drop, which is directory of "
                      "[org.acme.source.S]"),
            std::string::npos)
      << told;
}

TEST_F(ConfigTest, TellsAFileThatIsNoTomlInItsPlace) {
  const std::string told = findings_of(read("url = https://h\n"));
  EXPECT_NE(told.find("weir.toml:1:"), std::string::npos) << told;
  EXPECT_NE(told.find("not valid TOML"), std::string::npos) << told;
  EXPECT_NE(findings_of(read("[source.B\n")).find("expected ']'"), std::string::npos);
  for (const auto& [moment, words] : std::vector<std::pair<std::string, std::string>>{
           {"2026-02-30T00:00:00Z", "there is no such day"},
           {"2026-13-01T00:00:00Z", "there is no such day"},
           {"2026-02-03T00:61:00Z", "there is no such time"}}) {
    const std::string of_moment = findings_of(read("[poll.P]\nsince = " + moment + "\n"));
    EXPECT_NE(of_moment.find("weir.toml:2:"), std::string::npos) << of_moment;
    EXPECT_TRUE(of_moment.ends_with("; " + words + "\n")) << of_moment;
  }
  EXPECT_NE(findings_of(read_daemon_config(folder_.file("none.toml"))).find("does not exist"),
            std::string::npos);
}

TEST_F(ConfigTest, NamesAllKeysOfAnOrganizationThatAreMissing) {
  const std::string told = findings_of(read("store = 'weir.db'\n"));
  EXPECT_NE(told.find("no url, no company id, no time zone and no integration key"),
            std::string::npos)
      << told;
}

struct WrongSetting {
  const char* name;
  const char* line;
  const char* told;
};

// Each is the only one that is wrong, or one of two.
const std::vector<WrongSetting> kWrongSettings = {
    {"url", "url = 'http://h.example'", "url cannot be used: plain http"},
    {"url", "url = ''", "url must not be empty"},
    {"time_zone", "time_zone = ''", "time_zone must not be empty"},
    {"store", "store = ''", "store must not be empty"},
    {"integration_key_file", "integration_key_file = ''", "integration_key_file must not be empty"},
    {"integration_key_file", "integration_key_file = 'exec:endless'", "printed more than 64 KiB"},
    {"url", "url = 'https://h.example/api'", "the host alone"},
    {"company_id", "company_id = 0", "company_id"},
    {"time_zone", "time_zone = 'Mars/Olympus'", "time_zone cannot be used"},
    {"integration_key_file", "integration_key_file = 'none'", "integration_key_file names a"},
    {"integration_key_file", "integration_key_file = 'wide'", "chmod 600"},
    {"integration_key_file", "integration_key_file = 'empty'", "integration_key_file"},
    {"integration_key_file", "integration_key_file = 'exec:fails'", "exit code 3"},
    {"interactive_reserve", "interactive_reserve = 2500", "the reserves leave no calls"},
    {"outside_reserve", "outside_reserve = 2500", "the reserves leave no calls"},
    {"calls_per_day", "calls_per_day = 0", "calls_per_day"},
    {"max_connections", "max_connections = 0", "max_connections"}};

class WrongSettingsTest : public ConfigTest {
 protected:
  void SetUp() override {
    ConfigTest::SetUp();
    secret("wide", "k3y", 0644);
    folder_.write("empty", "");
    ::chmod(folder_.file("empty").c_str(), 0600);
    ::chmod(folder_.write("fails", "#!/bin/sh\nexit 3\n").c_str(), 0700);
    ::chmod(folder_.write("endless", "#!/bin/sh\nexec yes\n").c_str(), 0700);
  }

  // The organization with these lines in the place of its own.
  std::string told_of(const std::vector<WrongSetting>& wrong) {
    std::string text;
    std::map<std::string, int> lines;
    int line = 0;
    const auto add = [&](const std::string& name, const std::string& setting) {
      text += setting + "\n";
      lines[name] = ++line;
    };
    for (const auto& right : std::vector<std::pair<std::string, std::string>>{
             {"url", "url = 'https://h.example'"},
             {"company_id", "company_id = 5"},
             {"time_zone", "time_zone = 'UTC'"},
             {"integration_key_file", "integration_key_file = 'integration-key'"},
             {"store", "store = 'weir.db'"}}) {
      const bool is_replaced = std::any_of(
          wrong.begin(), wrong.end(), [&](const auto& one) { return one.name == right.first; });
      if (!is_replaced) add(right.first, right.second);
    }
    for (const WrongSetting& one : wrong) add(one.name, one.line);
    const ReadConfig read = this->read(text);
    const std::string told = findings_of(read);
    EXPECT_EQ(read.findings.size(), wrong.size()) << text << told;
    for (const WrongSetting& one : wrong) {
      const std::string place = "weir.toml:" + std::to_string(lines[one.name]) + ":";
      const std::size_t begin = told.find(place);
      EXPECT_NE(begin, std::string::npos) << place << " of\n" << text << "is not in\n" << told;
      if (begin == std::string::npos) continue;
      const std::string found = told.substr(begin, told.find('\n', begin) - begin);
      EXPECT_NE(found.find(one.told), std::string::npos) << one.told << " is not in " << found;
    }
    return told;
  }
};

TEST_F(WrongSettingsTest, AreToldInTheirPlace) {
  for (const WrongSetting& one : kWrongSettings) told_of({one});
}

TEST_F(WrongSettingsTest, HideNoOthers) {
  for (const WrongSetting& one : kWrongSettings) {
    for (const WrongSetting& other : kWrongSettings) {
      const bool are_one_thing = std::string_view(one.told) == other.told;
      if (std::string_view(one.name) != other.name && !are_one_thing) told_of({one, other});
    }
  }
}

TEST_F(WrongSettingsTest, AreToldBesideWhatIsMissing) {
  const std::string told =
      findings_of(read("time_zone = 'Mars'\nintegration_key_file = 'none'\nstore = 'weir.db'\n"));
  for (const char* wanted : {"no url", "no company_id", "weir.toml:1:", "weir.toml:2:"})
    EXPECT_NE(told.find(wanted), std::string::npos) << wanted << " is not in\n" << told;
}

TEST_F(WrongSettingsTest, AProgramThatPrintsTheKeyRunsOnce) {
  const std::string program =
      folder_.write("vault", "#!/bin/sh\necho x >> " + folder_.file("runs") + "\necho k3y\n");
  ::chmod(program.c_str(), 0700);
  const ReadConfig read = this->read(
      "url = 'https://h.example'\ncompany_id = 5\ntime_zone = 'UTC'\nstore = 'weir.db'\n"
      "integration_key_file = 'exec:vault'\n");
  EXPECT_EQ(findings_of(read), "");
  EXPECT_EQ(read.config.orgs.at(0).client.integration_key.reveal(), "k3y");
  EXPECT_EQ(std::filesystem::file_size(folder_.file("runs")), 2U);
}

TEST_F(ConfigTest, WarnsOfPollsThatTakeAllCallsOfTheDay) {
  const std::string two =
      "[poll.A]\nform = 'A'\nappend = 'a'\nlongest = '2m'\n"
      "[poll.B]\nform = 'B'\nappend = 'b'\nshortest = '1s'\nlongest = '";
  EXPECT_EQ(findings_of(read_more(two + "1m'\n")), "");
  for (const auto& [longest, calls] :
       std::vector<std::pair<std::string, std::string>>{{"40s", "2880"}, {"2s", "43920"}}) {
    const std::string told = findings_of(read_more(two + longest + "'\n"));
    EXPECT_EQ(told.find("weir.toml:14:11: warning: longest in [poll.B]"), 0U) << told;
    EXPECT_NE(told.find("takes " + calls + " calls a day of 2500"), std::string::npos) << told;
  }
}

TEST_F(ConfigTest, WarnsOfAFollowedQueryThatIsNeverReconciled) {
  const std::string source =
      "[source.A]\ndatabase = 'postgresql://d/e'\nquery = 'SELECT a FROM t WHERE b > :since'\n"
      "follow = { column = 'b'";
  EXPECT_NE(findings_of(read_more(source + " }\n")).find("warning: follow in [source.A] has no"),
            std::string::npos);
  EXPECT_EQ(findings_of(read_more(source + ", reconcile = '1d' }\n")).find("follow"),
            std::string::npos);
}

TEST_F(ConfigTest, WarnsOfMoreConnectionsThanThePlatformAllows) {
  const std::string told = findings_of(read_more("max_connections = 5\n"));
  EXPECT_EQ(told,
            "weir.toml:6:19: warning: max_connections is more than the 3 that the platform "
            "allows; it refuses the others\n");
  EXPECT_EQ(findings_of(read_more("max_connections = 3\n")), "");
}

TEST_F(ConfigTest, WarnsOfAFileThatEntriesCannotBeAppendedTo) {
  std::filesystem::create_symlink("round", folder_.file("round"));
  const std::string told = findings_of(read_more("[poll.P]\nform = 'F'\nappend = 'round'\n"));
  EXPECT_EQ(
      told.find("weir.toml:8:10: warning: append in [poll.P] cannot be written now: Too many"), 0U)
      << told;
}

// An entry that is handed over twice.
TEST_F(ConfigTest, WarnsOfAnInsertByItsWords) {
  const auto is_told = [&](const std::string& statement) {
    const std::string told = findings_of(
        read_more("[poll.P]\nform = 'F'\ndatabase = 'postgresql://d/e'\ninsert = \"\"\"" +
                  statement + "\"\"\"\n"));
    return told.find("warning: insert in [poll.P] may insert an entry twice") != std::string::npos;
  };
  EXPECT_TRUE(is_told("insert into submerged values (:id)"));
  EXPECT_FALSE(is_told("INSERT INTO t VALUES (:id) ON\nCONFLICT DO NOTHING"));
}

TEST_F(ConfigTest, AHeaderIsOneLine) {
  for (const auto& [lines, is_told] :
       std::vector<std::pair<std::string, bool>>{{"Authorization: Bearer x", false},
                                                 {"Authorization: Bearer x\n\n", false},
                                                 {"Authorization: Bearer x\nX-Tenant: 5", true}}) {
    secret("headers", lines);
    const std::string told =
        findings_of(read_more("[source.A]\nhttp = 'https://h/x'\nheader_file = 'headers'\n"));
    EXPECT_EQ(told.find("header_file in [source.A] has more than one line") != std::string::npos,
              is_told)
        << lines << told;
    EXPECT_EQ(told.find("Bearer"), std::string::npos) << told;
  }
}

TEST_F(ConfigTest, AKeyAndAFileWithOneExcludeEachOther) {
  ::chmod(folder_.write("weir.toml", "").c_str(), 0600);
  EXPECT_EQ(findings_of(read_more("integration_key = 'other'\n")),
            "weir.toml:6:19: integration_key and integration_key_file exclude each other; the file "
            "is better\n");
}

// A slip that would write the key into the log.
TEST_F(WrongSettingsTest, ASecretInThePlaceOfItsFileIsNotTold) {
  for (const char* key : {"THEKEY0815", "k3yWithDigits99", "A1B2-C3D4"}) {
    const std::string line = "integration_key_file = '" + std::string(key) + "'";
    const std::string told =
        told_of({{"integration_key_file", line.c_str(), "is it the secret itself?"}});
    EXPECT_EQ(told.find(key), std::string::npos) << told;
  }
  EXPECT_NE(told_of({{"integration_key_file", "integration_key_file = 'the-key'", "the-key"}})
                .find("No such file"),
            std::string::npos);
}

// What the file says is right, and mended it would still be wrong.
TEST_F(WrongSettingsTest, OfTheEnvironmentAreToldByTheirVariable) {
  for (const auto& [variable, value] :
       std::vector<std::pair<std::string, std::string>>{{"WEIR_TIME_ZONE", "Mars/Olympus"},
                                                        {"WEIR_URL", "ftp://h"},
                                                        {"WEIR_CA_FILE", "/none/ca.pem"}}) {
    ::setenv(variable.c_str(), value.c_str(), 1);
    const std::string told = findings_of(read_more(""));
    ::unsetenv(variable.c_str());
    EXPECT_NE(told.find(": " + variable + ": "), std::string::npos) << told;
  }
}

TEST_F(ConfigTest, PollsOfNothingAreNoSecondOnes) {
  const ReadConfig read = read_more("[poll.X]\nappend = 'x'\n[poll.Y]\nappend = 'y'\n");
  EXPECT_EQ(read.findings.size(), 2U) << findings_of(read);
}

TEST_F(ConfigTest, RefusesAKeyThatOthersMayRead) {
  secret("integration-key", "k3y", 0644);
  const std::string told = findings_of(read_more(""));
  EXPECT_NE(told.find("chmod 600"), std::string::npos) << told;
  EXPECT_EQ(told.find("k3y"), std::string::npos) << told;
}

}  // namespace
}  // namespace weir::daemon
