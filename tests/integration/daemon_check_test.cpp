// `weir check` builds what a start of `weir run` builds: a file that passes starts, and one that
// does not pass does not start, with the same exit code.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "daemon_run_fixture.h"
#include "support/broken_settings.h"
#include "support/free_port.h"

namespace weir {
namespace {

using nlohmann::json;
using testing::BrokenSettings;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kHook = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// What databases, folders and other programs have to do with, and the places that a start cannot do
// without.
const std::vector<BrokenSettings> kUnbuildable = {
    {"[poll.P]\nform = 'F'\ndatabase = 'sqlite3://crm.db'\ninsert = 'INSERT OR IGNORE INTO t "
     "VALUES "
     "(:idd)'\n",
     {"weir.toml:9:10: insert in [poll.P] cannot be used: :idd is no parameter of an entry"}},
    {"[poll.P]\nform = 'F'\ndatabase = 'sqlite3://crm.db'\ninsert = 'INSERT OR IGNORE INTO t "
     "VALUES "
     "(:nothing)'\n[poll.Q]\nform = 'G'\nwebhook = 'https://h.example'\nsecret_file = 'short'\n",
     {"weir.toml:9:10: insert in [poll.P] cannot be used: :nothing is no parameter of an entry",
      "weir.toml:13:15: secret_file in [poll.Q] must hold a secret of Standard Webhooks"}},
    {"[poll.P]\nform = 'F'\ncommand = []\n[source.A]\ncommand = ['']\n",
     {"weir.toml:8:11: command in [poll.P]", "weir.toml:10:"}},
    {"[sync]\nlisten = '127.0.0.1:0'\nprivate_token_file = 'token'\n[source.A]\ndirectory = "
     "'drop'\n"
     "deliver = 'sync'\n[source.A.sync]\nsame_rows_for_all = true\n[source.B]\ndirectory = 'drop'\n"
     "deliver = 'both'\n[source.B.sync]\nsame_rows_for_all = true\n",
     {"weir.toml:11:11: deliver in [source.A] gives whole tables to Platform Sync",
      "weir.toml:16:11: deliver in [source.B] gives whole tables to Platform Sync",
      "weir.toml:15:13: directory in [source.B] is "}},
    {"[daemon]\nlisten = '203.0.113.7:9464'\nreceive = 'no-such-host.invalid:1'\n",
     {"weir.toml:7:10: listen cannot be listened at: 203.0.113.7:9464 is no address of this "
      "machine",
      "weir.toml:8:11: receive cannot be listened at: no-such-host.invalid:1 is no address of this "
      "machine"}},
    {"[daemon]\nlisten = 'unix:/none/status.sock'\n",
     {"weir.toml:7:10: listen cannot be listened at: unix:/none/status.sock is in a folder that is "
      "not there. Run: mkdir -p /none"}},
    {"[daemon]\nlisten = ''\nstate_directory = 'a.csv'\n",
     {"weir.toml:5:9: store cannot be used: ", "weir.toml:8:19: state_directory cannot be used: "}},
};

class CheckTest : public testing::DaemonRunTest {
 protected:
  void SetUp() override {
    DaemonRunTest::SetUp();
    environment_ = {{"PATH", "/usr/bin:/bin"}};
    secret("integration-key", "k3y");
    secret("token", "t0ken");
    secret("hook", kHook);
    secret("short", "whsec_!");
    folder_.write("a.csv", "id,name\n1,a\n");
    folder_.write("d", "");
    std::filesystem::create_directory(folder_.file("drop"));
    ASSERT_EQ(testing::run({"/usr/bin/sqlite3", folder_.file("crm.db"),
                            "CREATE TABLE t (id TEXT PRIMARY KEY, name TEXT);"},
                           {})
                  .exit_code,
              0);
  }

  void secret(const std::string& name, const std::string& value) {
    ::chmod(folder_.write(name, value + "\n").c_str(), 0600);
  }

  void with_organization(const std::string& more) {
    folder_.write("weir.toml", testing::kOrganizationSettings + more);
  }

  Finished check(std::vector<std::string> more = {}) {
    more.insert(more.begin(), "check");
    return told(more);
  }

  // Without the folder.
  std::string bare(std::string text) const {
    const std::string folder = folder_.path().string() + "/";
    for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder))
      text.erase(at, folder.size());
    return text;
  }

  static std::size_t faults_in(const std::string& text) {
    std::istringstream lines(text);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);)
      count += testing::has(line, ": warning: ") ? 0 : 1;
    return count;
  }

  // The names of all that is in the folder.
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path()))
      names.insert(entry.path().string());
    return names;
  }

  void expect_refused(const BrokenSettings& broken) {
    SCOPED_TRACE(broken.text);
    with_organization(broken.text);
    const std::set<std::string> before = files();
    const Finished checked = check();
    EXPECT_EQ(files(), before) << "a check makes nothing";
    EXPECT_EQ(checked.exit_code, 3) << checked.err;
    for (const char* fault : broken.told) EXPECT_THAT(bare(checked.out), HasSubstr(fault));
    EXPECT_EQ(faults_in(checked.out), broken.told.size()) << checked.out;
    const Finished started = told({"run"});
    EXPECT_EQ(started.exit_code, 3) << started.err;
    EXPECT_EQ(started.out, "");
    for (const char* fault : broken.told) EXPECT_THAT(bare(started.err), HasSubstr(fault));
    EXPECT_EQ((checked.out + started.err).find("k3y"), std::string::npos) << "the key is told";
    for (const char* of_store : {"weir.db", "daemon.lock"})
      std::filesystem::remove(folder_.file(of_store));
  }
};

TEST_F(CheckTest, WhatIsRefusedDoesNotStartAndEveryFaultIsToldInItsPlace) {
  std::size_t files = 0;
  for (const auto* family : {&testing::kBrokenNames, &testing::kBrokenValues,
                             &testing::kBrokenSources, &testing::kBrokenPolls, &kUnbuildable}) {
    for (const BrokenSettings& broken : *family) expect_refused(broken);
    files += family->size();
  }
  EXPECT_GE(files, 40U);
}

// Every kind of origin, handler and listener.
std::string everything() {
  return "[daemon]\nlisten = '127.0.0.1:0'\nreceive = 'unix:/tmp/weir-check-test.sock'\n"
         "[sync]\nlisten = '127.0.0.1:0'\nprivate_token_file = 'token'\n"
         "[source.A]\ncsv = 'a.csv'\n[source.B]\nndjson = 'none.ndjson'\ndeliver = 'sync'\n"
         "[source.B.sync]\nuser_column = 'name'\n[source.C]\ndirectory = 'drop'\n"
         "[source.D]\ndatabase = 'sqlite3://crm.db'\nquery = 'SELECT * FROM t'\nat = ['06:00']\n"
         "[source.E]\ncommand = ['/bin/true']\nevery = '1h'\n"
         "[source.F]\nhttp = 'https://h.example/x'\nrows = '/items'\n"
         "[poll.P]\nform = 'P'\nappend = 'p'\nrotate = '1d'\n[poll.Q]\nform = 'Q'\ncommand = "
         "['/bin/true']\n[poll.R]\nsource = 'A'\nwebhook = 'https://h.example/x'\nsecret_file = "
         "'hook'\n[poll.S]\nform = 'S'\ndatabase = 'sqlite3://crm.db'\ninsert = 'INSERT INTO t "
         "VALUES (:id, :form) ON CONFLICT DO NOTHING'\n";
}

TEST_F(CheckTest, WhatPassesStarts) {
  std::string text = everything();
  text.replace(text.find("/tmp/weir-check-test.sock"), 25, folder_.file("receive.sock"));
  with_organization(text);
  const std::set<std::string> before = files();
  const Finished checked = check();
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
  EXPECT_THAT(bare(checked.out),
              HasSubstr("weir.toml:15:10: warning: ndjson in [source.B] is not there yet: "
                        "none.ndjson"));
  EXPECT_THAT(checked.out, HasSubstr("1 organization, 6 data sources, 4 polls"));
  EXPECT_EQ(files(), before) << "neither a store nor anything else was made";
  run_daemon();
  EXPECT_EQ(end_daemon(SIGTERM), 0);
}

TEST_F(CheckTest, WhatMayComeRightByItselfIsAWarningUnlessItIsStrict) {
  with_organization(
      "[source.A]\ncsv = 'none.csv'\n[source.B]\ndirectory = 'none'\n[source.C]\ncommand = "
      "['./none']\n[source.D]\ncommand = ['no-such-program']\n[source.E]\ndatabase = "
      "'sqlite3://none.db'\nquery = 'SELECT 1'\n[poll.P]\nform = 'F'\nappend = 'nowhere/p'\n");
  const Finished checked = check({"--json"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
  const json report = json::parse(checked.out);
  EXPECT_EQ(report.at("findings").size(), 6U) << report;
  for (const json& finding : report.at("findings")) EXPECT_EQ(finding.at("level"), "warning");
  EXPECT_EQ(check({"--strict"}).exit_code, 3);
}

TEST_F(CheckTest, AStoreThatCannotBeUsedIsTold) {
  const auto told_of = [&](const std::string& store) {
    folder_.write("weir.toml", std::string(testing::kOrganizationSettings) + "");
    std::string text = content("weir.toml");
    text.replace(text.find("'weir.db'"), 9, "'" + store + "'");
    folder_.write("weir.toml", text);
    const Finished checked = check();
    EXPECT_EQ(checked.exit_code, 3) << store;
    EXPECT_EQ(told({"run"}).exit_code, 3) << store;
    return bare(checked.out);
  };
  EXPECT_THAT(
      told_of("none/weir.db"),
      HasSubstr("weir.toml:5:9: store cannot be used: the folder of the store is not there. "
                "Run: mkdir -p none"));
  EXPECT_THAT(told_of("a.csv"), HasSubstr("a.csv is not a store of Weir"));
  EXPECT_THAT(told_of("crm.db"), HasSubstr("crm.db is another program's database"));
  EXPECT_THAT(told_of("drop"), HasSubstr("drop is no file"));
  EXPECT_THAT(told_of(std::string(300, 's')), HasSubstr("File name too long"));
  for (const char* target : {"crm.db", "gone.db"}) {
    std::filesystem::create_symlink(folder_.file(target), folder_.file("link.db"));
    EXPECT_THAT(told_of("link.db"), HasSubstr("link.db is a link"));
    std::filesystem::remove(folder_.file("link.db"));
  }
  folder_.write("weir.db", "");
  std::filesystem::create_directory(folder_.file("weir.db.lock"));
  EXPECT_THAT(told_of("weir.db"), HasSubstr("weir.db.lock is no plain file"));
}

// No line of weir.toml would mend it.
TEST_F(CheckTest, AStoreOfTheEnvironmentIsToldByItsVariable) {
  with_organization("");
  environment_["WEIR_STORE"] = "/none/weir.db";
  const Finished checked = check();
  EXPECT_EQ(checked.exit_code, 3);
  EXPECT_THAT(checked.out, StartsWith("WEIR_STORE: store cannot be used: the folder of the store"));
}

TEST_F(CheckTest, NamesTheLineThatIsMissingInAUnitOfSystemd) {
  environment_["INVOCATION_ID"] = "1";
  std::filesystem::remove(folder_.file("integration-key"));
  with_organization(
      "[daemon]\nlisten = 'unix:/none/s'\n[poll.P]\nform = 'F'\nwebhook = "
      "'https://h.example'\nsecret_file = 'other'\n");
  const std::string told = check().out;
  EXPECT_THAT(told, HasSubstr("in the unit: LoadCredential=integration-key:/etc/weir/"
                              "integration-key"));
  EXPECT_THAT(told, HasSubstr("in the unit: LoadCredential=other:/etc/weir/other"));
  EXPECT_THAT(told, HasSubstr("in the unit: RuntimeDirectory=weir"));
  environment_.erase("INVOCATION_ID");
  EXPECT_THAT(check().out, Not(HasSubstr("in the unit")));
}

TEST_F(CheckTest, AnAddressThatARunningDaemonHoldsIsNotTakenFromIt) {
  for (const std::string& address :
       {"127.0.0.1:" + testing::lasting_port(), "unix:" + folder_.file("live.sock")}) {
    settings("");
    std::string text = content("weir.toml");
    text.replace(text.find("listen = ''"), 11, "listen = '" + address + "'");
    folder_.write("weir.toml", text);
    run_daemon();
    const Finished beside = check({"--strict"});
    EXPECT_EQ(beside.exit_code, 0) << beside.out;
    text.replace(text.find("listen"), 6, "state_directory = 'other'\nlisten");
    folder_.write("other.toml", text);
    const Finished other = weir({"check", "--config", folder_.file("other.toml")});
    EXPECT_EQ(other.exit_code, 0) << other.out;
    EXPECT_THAT(other.out, HasSubstr("warning: listen: another program listens at " + address));
    end_daemon(SIGTERM);
  }
}

TEST_F(CheckTest, AStateDirectoryThatNoDaemonCanUseIsTold) {
  const std::string deep = std::string(60, 'a') + "/" + std::string(60, 'b');
  std::filesystem::create_directories(folder_.file(deep));
  std::filesystem::create_directory(folder_.file("piped"));
  ASSERT_EQ(::mkfifo(folder_.file("piped/daemon.lock").c_str(), 0600), 0);
  std::filesystem::create_directories(folder_.file("taken/control.sock"));
  std::filesystem::create_directories(folder_.file("told/notify.json"));
  for (const std::string& state : {deep, std::string("piped"), std::string("taken"),
                                   std::string("told"), std::string("a.csv/state")}) {
    settings("state_directory = '" + state + "'\n");
    const Finished checked = check();
    EXPECT_EQ(checked.exit_code, 3) << checked.out;
    EXPECT_THAT(bare(checked.out), HasSubstr("weir.toml:8:19: "));
    EXPECT_NE(told({"run"}).exit_code, 0);
  }
}

TEST_F(CheckTest, ReachesForHostsAndDatabasesWithoutACall) {
  settings(
      "[source.A]\ndatabase = 'sqlite3://crm.db'\nquery = 'SELECT * FROM t'\n[source.B]\n"
      "http = 'http://127.0.0.1:1/x'\n[source.C]\ndatabase = "
      "'postgresql://u:pA55word@127.0.0.1:1/x'\nquery = 'SELECT 1'\n"
      "[notify]\nwebhook = 'http://127.0.0.1:1/hook'\n");
  EXPECT_EQ(check({"--strict"}).exit_code, 0);
  const Finished reached = check({"--reach"});
  EXPECT_EQ(reached.exit_code, 0) << reached.out;
  EXPECT_THAT(bare(reached.out), HasSubstr(": warning: data source B cannot be reached now: "));
  EXPECT_THAT(bare(reached.out), HasSubstr(": warning: data source C cannot be reached now: "));
  EXPECT_THAT(
      bare(reached.out),
      HasSubstr("weir.toml:16:1: warning: the webhook of [notify] cannot be reached now: "));
  EXPECT_THAT(reached.out, Not(HasSubstr("data source A")));
  EXPECT_THAT(reached.out, Not(HasSubstr("the platform")));
  EXPECT_THAT(reached.out, Not(HasSubstr("pA55word")));
  EXPECT_EQ(server_->usage().calls_today, 0);
  EXPECT_THAT(server_->usage().log, IsEmpty());
  EXPECT_EQ(check({"--reach", "--strict"}).exit_code, 3);
}

}  // namespace
}  // namespace weir
