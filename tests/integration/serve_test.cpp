// The real weir serve, asked over real sockets.
#include <gmock/gmock.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <thread>

#include "support/process.h"
#include "support/raw_client.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using ::testing::AllOf;
using testing::Finished;
using ::testing::HasSubstr;
using testing::RawClient;
using ::testing::StartsWith;

constexpr const char* kTokenCanary = "CANARY-0815-token";
constexpr const char* kOutages = R"(
[service]
company_id = 12345
port = 0
[[source]]
id = "OUTAGES"
key = "outage_id"
csv = "outages.csv"
user_column = "crew_email"
columns = ["outage_id", "label"]
[[source]]
id = "CODES"
csv = "codes.csv"
same_rows_for_all = true
)";

class ServeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("outages.csv",
                  "crew_email,outage_id,label\nann@x.org,1,pole\nBOB@x.org,2,wire\n,3,nobody's\n");
    folder_.write("codes.csv", "code,text\nA,open\n");
    folder_.write("sync.toml", kOutages);
  }
  void TearDown() override {
    if (child_ > 0) stop();
  }

  std::vector<std::string> command(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {std::string(WEIR_BINARIES) + "/weir", "serve", "--config",
                                      folder_.file("sync.toml")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  Finished run(const std::vector<std::string>& more = {}) {
    return testing::run(command(more), environment_);
  }

  void start(const std::vector<std::string>& more = {}) {
    std::remove(folder_.file("out").c_str());  // of a service that was started before
    child_ = testing::start(command(more), environment_, folder_.file("out"), folder_.file("err"));
    // The first line says that it listens.
    const std::string before = "listening on http://127.0.0.1:";
    while (content("out").find('\n') == std::string::npos &&
           ::waitpid(child_, nullptr, WNOHANG) == 0)
      std::this_thread::yield();
    ASSERT_THAT(content("out"), StartsWith(before)) << content("err");
    port_ = std::stoi(content("out").substr(before.size()));
  }

  int stop() {
    ::kill(child_, SIGTERM);
    int status = 0;
    ::waitpid(std::exchange(child_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  void run_sql(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(folder_.file("jobs.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }

  std::string content(const std::string& name) const {
    std::ifstream file(folder_.file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // As a program would that exports: write beside it, then rename.
  void replace(const std::string& name, const std::string& text) {
    const std::string beside = folder_.write(name + ".new", text);
    ASSERT_EQ(std::rename(beside.c_str(), folder_.file(name).c_str()), 0);
  }

  std::string get(const std::string& target) const {
    const RawClient client(port_);
    client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return client.read_answer();
  }
  std::string ask(const std::string& more) const {
    return get("/?providerId=12345&integrationkey=" + std::string(kTokenCanary) + "&" + more);
  }
  static std::string body(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }
  static std::string last_updated(const std::string& answer) {
    return answer.substr(answer.find("LastUpdated\":\"") + 14, 19);
  }

  testing::TemporaryFolder folder_;
  testing::Environment environment_ = {{"WEIR_PRIVATE_TOKEN", kTokenCanary}};
  pid_t child_ = 0;
  int port_ = 0;
};

TEST_F(ServeTest, ServesEachUserThatUsersRows) {
  start();
  EXPECT_THAT(body(ask("ids=OUTAGES&email=ann@x.org")),
              HasSubstr(R"("DataSources":[{"Id":"OUTAGES","Rows":[["1","pole"]]}]})"));
  EXPECT_THAT(body(get("/api/v2/datasources?ids=CODES&providerid=12345&integrationkey=" +
                       std::string(kTokenCanary))),
              HasSubstr(R"("Rows":[["A","open"]])"));
  EXPECT_THAT(get("/healthz"), HasSubstr("200 OK"));
  const std::string metrics = get("/metrics");
  EXPECT_THAT(metrics, HasSubstr("weir_sync_answers_total"));
  EXPECT_THAT(metrics, HasSubstr("\nweir_sync_cut_off_total{reason=\"late\"} 0\n"));
  EXPECT_EQ(stop(), 0);
}

TEST_F(ServeTest, AnswersFromAFileThatWasJustReplaced) {
  start();
  std::string known = last_updated(ask("ids=OUTAGES&email=bob@x.org"));
  for (int i = 0; i < 20; ++i) {
    const std::string label = "wire " + std::to_string(i);
    replace("outages.csv", "crew_email,outage_id,label\nbob@x.org,2," + label + "\n");
    const std::string answer = ask("ids=OUTAGES&email=bob@x.org&lastupdated=" + known);
    EXPECT_THAT(body(answer), HasSubstr(R"("NewRows":[["2",")" + label + R"("]]})"));
    known = last_updated(answer);
  }
}

TEST_F(ServeTest, TellsTheDifferenceOverARestart) {
  start();
  const std::string known = last_updated(ask("ids=OUTAGES&email=ann@x.org"));
  stop();
  replace("outages.csv", "crew_email,outage_id,label\nann@x.org,4,van\n");
  start();
  EXPECT_THAT(body(ask("ids=OUTAGES&email=ann@x.org&lastupdated=" + known)),
              HasSubstr(R"("DeletedRows":[["1"]],"NewRows":[["4","van"]])"));
}

TEST_F(ServeTest, StartsAnewForEveryPhone) {
  start();
  const std::string known = last_updated(ask("ids=OUTAGES&email=ann@x.org"));
  EXPECT_THAT(ask("ids=OUTAGES&email=ann@x.org&lastupdated=" + known), Not(HasSubstr("Rows")));
  const Finished anew = run({"--start-anew"});
  EXPECT_EQ(anew.exit_code, 0) << anew.err;
  EXPECT_THAT(anew.out, HasSubstr("every phone gets all rows"));
  stop();
  start();
  EXPECT_THAT(ask("ids=OUTAGES&email=ann@x.org&lastupdated=" + known),
              HasSubstr(R"("Rows":[["1","pole"]])"));
}

TEST_F(ServeTest, AsksADatabaseForTheRowsOfTheUser) {
  run_sql(
      "CREATE TABLE jobs (id INTEGER, label TEXT, crew TEXT);"
      "INSERT INTO jobs VALUES (1, 'pole', 'ann@x.org'), (2, 'wire', 'bob@x.org')");
  folder_.write("sync.toml", R"(
[service]
company_id = 12345
port = 0
[[source]]
id = "JOBS"
database = "sqlite3://jobs.db"
query = "SELECT id, label FROM jobs WHERE crew = :email"
read_again_after_seconds = 0
)");
  start();
  const std::string first = ask("ids=JOBS&email=ann@x.org");
  EXPECT_THAT(body(first), HasSubstr(R"("Rows":[["1","pole"]])"));
  run_sql("UPDATE jobs SET crew = 'ann@x.org' WHERE id = 2; DELETE FROM jobs WHERE id = 1");
  EXPECT_THAT(body(ask("ids=JOBS&email=ann@x.org&lastupdated=" + last_updated(first))),
              HasSubstr(R"("DeletedRows":[["1"]],"NewRows":[["2","wire"]])"));
  EXPECT_THAT(body(ask("ids=JOBS&email=bob@x.org")), HasSubstr(R"("Rows":[])"));
}

TEST_F(ServeTest, KeepsRowsBackWhileTheirFileIsBroken) {
  start();
  replace("outages.csv", "crew_email,outage_id,label\nann@x.org,1\n");
  EXPECT_THAT(ask("ids=OUTAGES&email=ann@x.org"), HasSubstr("HTTP/1.1 424"));
  EXPECT_THAT(ask("ids=CODES&email=ann@x.org"), HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(get("/healthz"), HasSubstr("HTTP/1.1 503"));
}

TEST_F(ServeTest, NeverPrintsTheTokenOrAQuery) {
  start({"--verbose"});
  ask("ids=OUTAGES&email=ann@x.org");
  get("/?ids=OUTAGES&providerid=12345&integrationkey=wrong-" + std::string(kTokenCanary));
  stop();
  const std::string printed = content("out") + content("err");
  EXPECT_THAT(printed, HasSubstr("GET /?… 200"));
  EXPECT_EQ(printed.find("CANARY"), std::string::npos);
  EXPECT_EQ(printed.find("ann@x.org"), std::string::npos);
}

TEST_F(ServeTest, ExplainsWhatAUserGets) {
  const Finished explained = run({"--explain", "ann@x.org", "OUTAGES"});
  EXPECT_EQ(explained.exit_code, 0) << explained.err;
  EXPECT_THAT(explained.out, HasSubstr("OUTAGES for ann@x.org: 1 row(s)"));
  EXPECT_THAT(explained.out, HasSubstr("'crew_email' is their e-mail address"));
  EXPECT_THAT(explained.out, HasSubstr("outage_id | label\n1 | pole"));
}

// A file of weir run, whose other tables are left alone.
constexpr const char* kWeirToml = R"(
url = "https://h.example"
company_id = 12345
time_zone = "UTC"
integration_key_file = "key"
store = "weir.db"
[sync]
listen = "127.0.0.1:0"
private_token_file = "key"
[source.OUTAGES]
csv = "outages.csv"
key = "outage_id"
deliver = "both"
[source.OUTAGES.sync]
user_column = "crew_email"
columns = ["outage_id", "label"]
[source.TASKS]
database = "sqlite3://jobs.db"
query = "SELECT id, title FROM jobs WHERE crew = :email"
deliver = "sync"
[source.PUSHED]
csv = "codes.csv"
)";

class ServeWeirTomlTest : public ServeTest {
 protected:
  void SetUp() override {
    ServeTest::SetUp();
    ::chmod(folder_.write("key", std::string(kTokenCanary) + "\n").c_str(), 0600);
    environment_.clear();
    folder_.write("sync.toml", kWeirToml);
  }
};

TEST_F(ServeWeirTomlTest, ServesTheDataSourcesThatAreNotOnlyPushed) {
  run_sql("CREATE TABLE jobs (id, title, crew); INSERT INTO jobs VALUES (7, 'mend', 'ann@x.org')");
  start();
  EXPECT_THAT(body(ask("ids=OUTAGES&email=ann@x.org")), HasSubstr(R"(["1","pole"])"));
  EXPECT_THAT(body(ask("ids=TASKS&email=ann@x.org")), HasSubstr(R"(["7","mend"])"));
  EXPECT_EQ(content("err").find("PUSHED"), std::string::npos);
  EXPECT_EQ(stop(), 0);
}

TEST_F(ServeWeirTomlTest, RefusesWhatItCannotServe) {
  const std::vector<std::array<std::string, 3>> mistakes = {
      {"csv = \"outages.csv\"", "command = [\"/bin/true\"]",
       "sync.toml:10:1: data source OUTAGES can be served by weir run alone"},
      {"[sync]", "[sync]\nlistn = \"\"", "sync.toml:8:1: listn in [sync] is not a setting"},
      {"listen = \"127.0.0.1:0\"", "listen = \"8088\"", "sync.toml:8:10: listen in [sync]"}};
  for (const auto& [right, mistake, message] : mistakes) {
    std::string text = kWeirToml;
    text.replace(text.find(right), right.size(), mistake);
    folder_.write("sync.toml", text);
    const Finished refused = run();
    EXPECT_EQ(refused.exit_code, 3) << mistake;
    EXPECT_THAT(refused.err, HasSubstr(message));
  }
  folder_.write("sync.toml",
                std::string(kWeirToml).substr(0, std::string(kWeirToml).find("[sync]")));
  const Finished refused = run();
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("has no [sync]"));
}

TEST_F(ServeTest, TakesNoFlagsThatDoNothing) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--explain", "a@x.org", "OUTAGES", "--start-anew"},
        {"--explain", "", "OUTAGES"}}) {
    const Finished refused = run(more);
    EXPECT_EQ(refused.exit_code, 2) << refused.out;
    EXPECT_THAT(refused.err, HasSubstr("--explain"));
  }
}

// As a database that is away when the machine starts.
TEST_F(ServeTest, StartsAndServesTheOthersWhileADataSourceCannotBeRead) {
  const std::vector<std::array<std::string, 3>> mistakes = {
      {"user_column = \"crew_email\"", "user_column = \"crew\"", "no column 'crew'"},
      {"csv = \"outages.csv\"", "csv = \"none.csv\"", "none.csv"},
      {"[\"outage_id\", \"label\"]", "[\"label\"]", "must begin with the key"}};
  for (const auto& [right, mistake, message] : mistakes) {
    std::string text = kOutages;
    text.replace(text.find(right), right.size(), mistake);
    folder_.write("sync.toml", text);
    start();
    EXPECT_THAT(content("err"), AllOf(HasSubstr(message), HasSubstr("the others are served")));
    EXPECT_THAT(ask("ids=OUTAGES&email=ann@x.org"), HasSubstr(" 424 "));
    EXPECT_THAT(ask("ids=CODES&email=ann@x.org"), HasSubstr(" 200 "));
    EXPECT_EQ(stop(), 0);
  }
}

TEST_F(ServeTest, NamesTheSettingThatIsWrong) {
  const std::vector<std::array<std::string, 3>> mistakes = {
      {"company_id = 12345", "", "company_id in [service]"},
      {"port = 0", "port = 99999", "port in [service]"},
      {"port = 0", "prot = 0", "prot in [service]"},
      {"port = 0", "port = \"0\"", "port in [service]"},
      {"user_column = \"crew_email\"", "", "user_column in [[source]] OUTAGES"},
      {"same_rows_for_all = true", "same_rows_for_all = false", "user_column in [[source]] CODES"},
      {"same_rows_for_all = true", "same_rows_for_all = true\nuser_column = \"code\"", "exclude"},
      {"csv = \"codes.csv\"", "", "csv in [[source]] CODES"},
      {"csv = \"codes.csv\"", "database = \"sqlite3://x.db\"", "query in [[source]] CODES"},
      {"id = \"CODES\"", "id = \"OUTAGES\"", "OUTAGES is set twice"},
      {"[service]", "[service", "sync.toml:2:9: not valid TOML"},
      {"[service]", "[[service]]", "must be one table, [service]"},
      {"port = 0", "private_token_file = \"none\"", "none"}};
  for (const auto& [right, mistake, message] : mistakes) {
    std::string text = kOutages;
    text.replace(text.find(right), right.size(), mistake);
    folder_.write("sync.toml", text);
    const Finished refused = run();
    EXPECT_NE(refused.exit_code, 0) << mistake;
    EXPECT_THAT(refused.err, HasSubstr(message));
  }
  environment_.clear();
  folder_.write("sync.toml", kOutages);
  EXPECT_THAT(run().err, HasSubstr("no private token is set"));
}

}  // namespace
}  // namespace weir
