#include "daemon/config/read_config.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "config_fixture.h"
#include "daemon/check/build_check.h"

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class Wanted, class Variant>
const Wanted& as(const Variant& variant) {
  return std::get<Wanted>(variant);
}

TEST_F(ConfigTest, HasTheDocumentedDefaults) {
  const ReadConfig read = read_more("");
  EXPECT_EQ(findings_of(read), "");
  const DaemonConfig& config = read.config;
  EXPECT_EQ(config.daemon.listen, "127.0.0.1:9464");
  EXPECT_EQ(config.daemon.receive, "");
  EXPECT_EQ(config.daemon.state_directory, folder_.path().string());
  EXPECT_EQ(config.daemon.stop_within, 60s);
  ASSERT_EQ(config.orgs.size(), 1U);
  EXPECT_EQ(config.orgs[0].name, "");
  EXPECT_EQ(config.orgs[0].client.store, folder_.file("weir.db"));
  EXPECT_EQ(config.orgs[0].client.integration_key.reveal(), "k3y");
  EXPECT_FALSE(config.orgs[0].client.send_in_background);
}

// The example that is shipped shows every setting.
class ExampleTest : public ConfigTest {
 protected:
  void SetUp() override {
    ConfigTest::SetUp();
    for (const char* name : {"private-token", "erp-password"}) secret(name, "s3cret");
    secret("erp-header", "Authorization: Bearer s3cret");
    for (const char* name : {"notify-hook", "incident-hook"})
      secret(name, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    read_ = read(content_of(WEIR_EXAMPLES "/weir.toml"));
  }

  const SourceConfig& source(const std::string& id) const {
    for (const SourceConfig& source : read_.config.orgs.at(0).sources)
      if (source.id == id) return source;
    throw std::out_of_range(id);
  }
  const PollConfig& poll(const std::string& name) const {
    for (const PollConfig& poll : read_.config.orgs.at(0).polls)
      if (poll.name == name) return poll;
    throw std::out_of_range(name);
  }

  ReadConfig read_;
};

TEST_F(ExampleTest, HasNoFaultAndAWarningForWhatIsNotThere) {
  EXPECT_FALSE(has_fault(read_.findings)) << findings_of(read_);
  for (const Finding& finding : read_.findings) {
    const bool is_absent = finding.text.find("not there yet") != std::string::npos ||
                           finding.text.find("no file matches") != std::string::npos;
    EXPECT_TRUE(is_absent) << shown(finding);
    EXPECT_GT(finding.line, 0U) << shown(finding);
  }
}

TEST_F(ExampleTest, CanBeBuilt) {
  std::vector<Finding> findings = check_build(read_.config, read_.findings);
  EXPECT_TRUE(findings.empty()) << shown(findings.front());
}

TEST_F(ExampleTest, SaysWhereTheRowsComeFrom) {
  ASSERT_FALSE(has_fault(read_.findings)) << findings_of(read_);
  const SourceConfig& outages = source("OUTAGES");
  EXPECT_EQ(as<FileOrigin>(*outages.origin).path, "/srv/erp/outages.csv");
  EXPECT_EQ(outages.key, "outage_id");
  EXPECT_EQ(outages.deliver, Deliver::kBoth);
  EXPECT_EQ(outages.guards.max_deletes->percent, 20);
  EXPECT_EQ(outages.served->rule.column_name(), "crew_email");
  const auto& crews = as<QueryOrigin>(*source("CREWS").origin);
  EXPECT_EQ(crews.follow->column, "updated_at");
  EXPECT_EQ(crews.follow->reconcile, 24h);
  EXPECT_EQ(crews.schedule.every, 1min);
  const auto& parts = as<QueryOrigin>(*source("PARTS").origin);
  EXPECT_EQ(parts.schedule.at, (std::vector<std::chrono::minutes>{6h, 12h}));
  EXPECT_EQ(parts.database.password.reveal(), "s3cret");
  EXPECT_EQ(as<CommandOrigin>(*source("STOCK").origin).command.back(), "--csv");
  EXPECT_EQ(as<HttpOrigin>(*source("PRICES").origin).rows, "/items");
  EXPECT_EQ(as<DirectoryOrigin>(*source("JOBS").origin).move_to, "/srv/drop/jobs/done");
  EXPECT_EQ(source("TASKS").served->rule.kind(), UserRule::Kind::kSourceDecides);
}

TEST_F(ExampleTest, SaysWhoGetsTheNews) {
  ASSERT_FALSE(has_fault(read_.findings)) << findings_of(read_);
  EXPECT_EQ(as<CommandHandler>(poll("INSPECTION").handler).timeout, 60s);
  EXPECT_EQ(poll("INSPECTION").since, TimePoint{1793491200000ms});
  EXPECT_TRUE(poll("INSPECTION").connector);
  EXPECT_TRUE(poll("INCIDENT").is_strict);
  EXPECT_EQ(as<InsertHandler>(poll("TIMESHEET").handler).batch, 50);
  EXPECT_EQ(as<AppendHandler>(poll("CREWS_BACK").handler).rotate_after, 24h);
  EXPECT_EQ(poll("CREWS_BACK").source, "CREWS");
  EXPECT_EQ(read_.config.orgs[0].sync->retention, 24h * 30);
  EXPECT_EQ(read_.config.notify.webhook, "https://hooks.example.com/weir");
}

TEST_F(ConfigTest, TakesARelativeStoreFromTheStateDirectory) {
  const ReadConfig read = read_more("[daemon]\nstate_directory = 'state'\n");
  EXPECT_EQ(read.config.orgs.at(0).client.store, folder_.file("state/weir.db"));
  EXPECT_FALSE(has_fault(read.findings)) << findings_of(read);
}

TEST_F(ConfigTest, TakesValuesFromTheEnvironmentButNotIntoSql) {
  ::setenv("WEIR_TEST_FOLDER", "/srv/x", 1);
  const ReadConfig read = read_more(
      "[source.A]\ncsv = '${WEIR_TEST_FOLDER}/a$$b.csv'\n"
      "[source.B]\ndatabase = 'sqlite3://d'\nquery = 'SELECT ${WEIR_TEST_FOLDER}, $$x$$'\n");
  ::unsetenv("WEIR_TEST_FOLDER");
  EXPECT_FALSE(has_fault(read.findings)) << findings_of(read);
  EXPECT_EQ(as<FileOrigin>(*read.config.orgs[0].sources[0].origin).path, "/srv/x/a$b.csv");
  EXPECT_EQ(as<QueryOrigin>(*read.config.orgs[0].sources[1].origin).query,
            "SELECT ${WEIR_TEST_FOLDER}, $$x$$");
}

TEST_F(ConfigTest, TakesOneStatementWithSemicolonsInIt) {
  const std::string source = "[source.A]\ndatabase = 'postgresql://h/d'\nquery = \"\"\"";
  const std::string poll = "[poll.P]\nform = 'F'\ndatabase = 'postgresql://h/d'\ninsert = \"\"\"";
  for (const std::string statement :
       {"SELECT 1;", "SELECT 1 ;; -- done;", "SELECT ';'", "SELECT 1 AS \\\"a;b\\\"",
        "SELECT $$;$$, $t$;$$;$t$", "SELECT 1 -- ;\n+ 2", "SELECT /* ; /* ; */ ; */ 1 /* ; */;\n",
        "SELECT e'\\\\';'", "-- a comment;\nSELECT 1"}) {
    for (const std::string& table : {source, poll}) {
      const ReadConfig read = read_more(table + statement + "\"\"\"\n");
      EXPECT_FALSE(has_fault(read.findings)) << statement << '\n' << findings_of(read);
    }
  }
}

// Which database is behind ODBC, nobody knows here: # begins a comment in one of them alone.
TEST_F(ConfigTest, LeavesToAnUnknownDatabaseWhatOneOfThemMayTake) {
  EXPECT_FALSE(has_fault(read_more("[source.A]\ndatabase = 'odbc://d'\n"
                                   "query = \"SELECT 1 # ; SELECT 2\"\n")
                             .findings));
}

class SeveralFilesTest : public ConfigTest {
 protected:
  void SetUp() override {
    ConfigTest::SetUp();
    std::filesystem::create_directory(folder_.file("conf.d"));
    folder_.write("conf.d/20.toml", "[source.B]\ncsv = 'b.csv'\n");
    folder_.write("conf.d/10.toml", "[source.A]\ncsv = 'a.csv'\n");
  }
  const std::string include_ = "[daemon]\ninclude = ['conf.d/*.toml']\n";
};

TEST_F(SeveralFilesTest, AreOneConfiguration) {
  const ReadConfig read = read_more(include_);
  EXPECT_FALSE(has_fault(read.findings)) << findings_of(read);
  ASSERT_EQ(read.config.orgs[0].sources.size(), 2U);
  EXPECT_EQ(as<FileOrigin>(*read.config.orgs[0].sources[0].origin).path, folder_.file("a.csv"));
}

TEST_F(SeveralFilesTest, MayNotSetTheSameTwice) {
  folder_.write("conf.d/30.toml", "calls_per_day = 5\n[source.A]\ncsv = 'c.csv'\n");
  const std::string told = findings_of(read_more(include_ + "[source.C]\ncsv = 'a.csv'\n"));
  EXPECT_NE(told.find("conf.d/30.toml:3:1: csv in [source.A] is set twice; the other place is "
                      "conf.d/10.toml:2"),
            std::string::npos)
      << told;
}

TEST_F(SeveralFilesTest, ToldWithTheNameOfTheFile) {
  folder_.write("conf.d/30.toml", "[source.D]\ncvs = 'c.csv'\n");
  const std::string told = findings_of(read_more(include_));
  EXPECT_NE(told.find("conf.d/30.toml:2:1: cvs in [source.D] is not a setting"), std::string::npos)
      << told;
}

// Its data sources would silently not be sent.
TEST_F(SeveralFilesTest, OfWhichANamedOneIsMissingAreAFault) {
  for (const char* include : {"'nosuch.toml'", "['conf.d/10.toml', 'nosuch.toml']"}) {
    const ReadConfig read = read_more("[daemon]\ninclude = " + std::string(include) + "\n");
    EXPECT_TRUE(has_fault(read.findings)) << include;
    const std::string told = findings_of(read);
    EXPECT_NE(told.find("nosuch.toml, which is not there"), std::string::npos) << told;
  }
}

TEST_F(SeveralFilesTest, ThatAPatternDoesNotFindAreAWarning) {
  for (const char* pattern : {"'nosuch/*.toml'", "'conf.d/?.toml'", "['conf.d/[x].toml']"}) {
    const ReadConfig read = read_more("[daemon]\ninclude = " + std::string(pattern) + "\n");
    EXPECT_FALSE(has_fault(read.findings)) << findings_of(read);
    EXPECT_NE(findings_of(read).find("which no file matches"), std::string::npos) << pattern;
  }
}

// A folder that is there and has files for all we know.
TEST_F(SeveralFilesTest, OfAFolderThatCannotBeReadAreAFault) {
  std::filesystem::create_directory_symlink("round", folder_.file("round"));
  for (const char* pattern : {"'round/*.toml'", "['conf.d/*.toml', 'round/?.toml']"}) {
    const ReadConfig read = read_more("[daemon]\ninclude = " + std::string(pattern) + "\n");
    EXPECT_TRUE(has_fault(read.findings)) << pattern;
    EXPECT_NE(findings_of(read).find("a folder of it cannot be read: Too many levels"),
              std::string::npos)
        << findings_of(read);
  }
}

class SeveralOrganizationsTest : public ConfigTest {
 protected:
  static std::string org(const std::string& name, int company) {
    return "[org." + name +
           "]\nurl = 'https://h.example'\ncompany_id = " + std::to_string(company) +
           "\ntime_zone = 'UTC'\nintegration_key_file = 'integration-key'\nstore = '" + name +
           ".db'\n[org." + name + ".source.OUTAGES]\ncsv = '" + name + ".csv'\n";
  }
};

TEST_F(SeveralOrganizationsTest, HaveTheSameKeysInTablesOfTheirOwn) {
  ::setenv("WEIR_COMPANY_ID", "99", 1);
  const ReadConfig read = this->read(org("acme", 1) + org("blue", 2));
  ::unsetenv("WEIR_COMPANY_ID");
  EXPECT_FALSE(has_fault(read.findings)) << findings_of(read);
  ASSERT_EQ(read.config.orgs.size(), 2U);
  EXPECT_EQ(read.config.orgs[0].name, "acme");
  EXPECT_EQ(read.config.orgs[0].client.company_id, 1) << "the environment is of one organization";
  EXPECT_EQ(read.config.orgs[1].client.store, folder_.file("blue.db"));
  EXPECT_EQ(this->read(org("acme", 1) + org("blue", 2), "blue").config.orgs.size(), 1U);
  EXPECT_NE(findings_of(this->read(org("acme", 1), "green")).find("it has: acme"),
            std::string::npos);
}

TEST_F(SeveralOrganizationsTest, HaveNamesThatAreNoFoldersOfAnAddress) {
  for (const std::string name : {".", ".."}) {
    const std::string told = findings_of(this->read(
        "[org.'" + name +
        "']\nurl = 'https://h.example'\ncompany_id = 1\n"
        "time_zone = 'UTC'\nintegration_key_file = 'integration-key'\nstore = 'a.db'\n"));
    EXPECT_NE(told.find("is neither . nor .."), std::string::npos) << told;
  }
}

TEST_F(SeveralOrganizationsTest, HaveNoStoreInMemory) {
  std::string text = org("acme", 1) + org("blue", 2);
  text.replace(text.find("'blue.db'"), 9, "':memory:'");
  const ReadConfig read = this->read(text);
  EXPECT_TRUE(has_fault(read.findings));
  EXPECT_NE(findings_of(read).find("store in [org.blue] must be a path"), std::string::npos)
      << findings_of(read);
}

TEST_F(SeveralOrganizationsTest, AreToldWhatIsAroundAKey) {
  secret("integration-key", "\"s3cret\"");
  const std::string told = findings_of(read(org("acme", 1)));
  EXPECT_NE(told.find("quotes around it"), std::string::npos) << told;
  EXPECT_EQ(told.find("s3cret"), std::string::npos) << told;
}

TEST_F(SeveralOrganizationsTest, ShareNoBudgetByAnotherSpelling) {
  const auto told = [&](const std::string& url, const std::string& other) {
    std::string two = org("acme", 1) + org("blue", 1);
    const std::string usual = "https://h.example";
    two.replace(two.find(usual), usual.size(), url);
    two.replace(two.find(usual, two.find("[org.blue]")), usual.size(), other);
    return findings_of(read(two)).find("which [org.acme] has already") != std::string::npos;
  };
  EXPECT_TRUE(told("https://h.example", "https://h.example/"));
  EXPECT_TRUE(told("https://h.example", "https://h.example:443"));
  EXPECT_TRUE(told("https://H.Example", "HTTPS://h.example"));
  EXPECT_TRUE(told("http://127.0.0.1:9", "http://localhost:9"));
  EXPECT_FALSE(told("https://h.example", "https://other.example"));
  EXPECT_FALSE(told("http://127.0.0.1:9", "http://127.0.0.1:8"));
}

TEST_F(SeveralOrganizationsTest, ShareNoStoreAndNoBudget) {
  const std::string told = findings_of(read(org("acme", 1) + org("blue", 1)));
  EXPECT_NE(told.find("[org.blue] has the company_id 1 at https://h.example, which [org.acme] has"),
            std::string::npos)
      << told;
}

TEST_F(ConfigTest, TakesASecretFromAProgram) {
  const std::string program = folder_.write("vault", "#!/bin/sh\necho fr0m-vault\necho more\n");
  ::chmod(program.c_str(), 0700);
  const std::string rest =
      "url = 'https://h.example'\ncompany_id = 5\ntime_zone = 'UTC'\nstore = 'weir.db'\n";
  EXPECT_EQ(read(rest + "integration_key_file = 'exec:vault'\n")
                .config.orgs.at(0)
                .client.integration_key.reveal(),
            "fr0m-vault");
  folder_.write("vault", "#!/bin/sh\necho s3cret\nexit 3\n");
  const std::string told = findings_of(read(rest + "integration_key_file = 'exec:vault'\n"));
  EXPECT_NE(told.find("exit code 3"), std::string::npos) << told;
  EXPECT_EQ(told.find("s3cret"), std::string::npos) << told;
  folder_.write("vault", "#!/bin/sh\nexec yes s3cret\n");
  const std::string endless = findings_of(read(rest + "integration_key_file = 'exec:vault'\n"));
  EXPECT_NE(endless.find("vault that prints a secret was ended, since it printed more than 64 KiB"),
            std::string::npos)
      << endless;
  EXPECT_EQ(endless.find("s3cret"), std::string::npos) << endless;
}

// What runs as this user is said by this user, or root.
TEST_F(ConfigTest, RunsNoProgramForASecretThatOthersCouldChange) {
  const std::string program = folder_.write("vault", "#!/bin/sh\ntouch \"$0.ran\"\necho x\n");
  ::chmod(program.c_str(), 0700);
  folder_.write("more.toml", "integration_key_file = 'exec:vault'\n");
  const auto told = [&] {
    return findings_of(
        read("url = 'https://h.example'\ncompany_id = 5\ntime_zone = 'UTC'\nstore = 'weir.db'\n"
             "[daemon]\ninclude = ['more.toml']\n"));
  };
  for (const char* name : {"weir.toml", "more.toml", "vault"}) {
    const std::string file = folder_.file(name);
    told();
    std::filesystem::remove(folder_.file("vault.ran"));
    std::filesystem::permissions(file, std::filesystem::perms::group_write,
                                 std::filesystem::perm_options::add);
    EXPECT_THAT(told(), HasSubstr("is not run, since other users may write " + std::string(name)));
    EXPECT_FALSE(std::filesystem::exists(folder_.file("vault.ran"))) << name;
    std::filesystem::permissions(file, std::filesystem::perms::group_write,
                                 std::filesystem::perm_options::remove);
    if (::geteuid() != 0) continue;
    ASSERT_EQ(::chown(file.c_str(), 65534, 65534), 0);
    EXPECT_THAT(told(),
                HasSubstr("is not run, since " + std::string(name) + " belongs to user 65534"));
    EXPECT_FALSE(std::filesystem::exists(folder_.file("vault.ran"))) << name;
    ASSERT_EQ(::chown(file.c_str(), 0, 0), 0);
  }
}

TEST_F(ConfigTest, AProgramMayPrintADocument) {
  const std::string source = "[source.A]\ncommand = ['/bin/cat']\n";
  const OrgConfig org = read_more(source + "format = 'json'\nrows = '/items'\n").config.orgs.at(0);
  const auto& command = std::get<CommandOrigin>(*org.sources.at(0).origin);
  EXPECT_EQ(command.kind, FileKind::kJson);
  EXPECT_EQ(command.rows, "/items");
  EXPECT_THAT(findings_of(read_more(source + "rows = '/items'\n")),
              HasSubstr("rows in [source.A] means nothing here; it belongs to format = \"json\""));
}

TEST_F(ConfigTest, KnowsByFingerprintsWhatHasChanged) {
  folder_.write("a.csv", "id\n1\n");
  const std::string text = "[source.A]\ncsv = 'a.csv'\n[source.B]\ncsv = 'a.csv'\n";
  const OrgConfig before = read_more(text).config.orgs.at(0);
  const OrgConfig same = read_more("# a remark\n" + text).config.orgs.at(0);
  EXPECT_EQ(before.fingerprint, same.fingerprint);
  EXPECT_EQ(before.sources[0].fingerprint, same.sources[0].fingerprint);
  const OrgConfig other = read_more(text + "settle = '3s'\n").config.orgs.at(0);
  EXPECT_EQ(before.fingerprint, other.fingerprint);
  EXPECT_EQ(before.sources[0].fingerprint, other.sources[0].fingerprint);
  EXPECT_NE(before.sources[1].fingerprint, other.sources[1].fingerprint);
  secret("integration-key", "an0ther");
  EXPECT_NE(before.fingerprint, read_more(text).config.orgs.at(0).fingerprint);
  EXPECT_NE(before.fingerprint, read_more(text + "weight = 5\n").config.orgs.at(0).fingerprint)
      << "weights belong to the client";
}

}  // namespace
}  // namespace weir::daemon
