// The weir command with --sql, and weir serve with a query, against each real database.
#include <fcntl.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "mock_server/mock_server.h"
#include "sql_fixture.h"
#include "support/process.h"
#include "support/raw_client.h"

namespace weir::cli {
namespace {

using mock::MockServer;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using weir::testing::Environment;
using weir::testing::Finished;
using weir::testing::RawClient;

const std::string kWeir = std::string(WEIR_BINARIES) + "/weir";

class SqlCommandTest : public ::testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    mock::Options options;
    options.company_id = 7;
    options.integration_key = "k";
    options.time_zone = "UTC";
    options.data_sources = {{"CREWS", {"id", "name"}}};
    server_ = MockServer::start(options);
    ASSERT_TRUE(server_);
    environment_ = {{"WEIR_URL", server_->url()},
                    {"WEIR_COMPANY_ID", "7"},
                    {"WEIR_INTEGRATION_KEY", "k"},
                    {"WEIR_TIME_ZONE", "UTC"},
                    {"WEIR_STORE", folder_.file("weir.db")},
                    {"WEIR_PRIVATE_TOKEN", "token"},
                    {"LSAN_OPTIONS", "suppressions=" + folder_.write("leaks", kLeaksOfDrivers)}};
    table_ = "crews_" + std::to_string(++tables_);
    GetParam().run("CREATE TABLE " + table_ + " (id int, name varchar(20), crew varchar(20)); " +
                   "INSERT INTO " + table_ +
                   " VALUES (1, 'Ärger', 'ann@x.org'), (2, '😀', 'bob@x.org')");
  }

  std::vector<std::string> push_words(const std::string& query) const {
    return {kWeir,     "push", "--source", "CREWS", "--sql", GetParam().url(),
            "--query", query,  "--json"};
  }
  Finished push(const std::string& query) {
    return weir::testing::run(push_words(query), environment_);
  }

  std::vector<Row> rows() { return server_->rows("CREWS").value(); }

  const TemporaryFolder folder_;
  std::unique_ptr<MockServer> server_;
  Environment environment_;
  std::string table_;
  static inline int tables_ = 0;
};

TEST_P(SqlCommandTest, PushesTheRowsOfAQuery) {
  const std::string query = "SELECT id, name FROM " + table_ + " ORDER BY id";
  const Finished pushed = push(query);
  EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
  EXPECT_EQ(rows(), (std::vector<Row>{{"1", "Ärger"}, {"2", "😀"}}));
  EXPECT_THAT(push(query).out, HasSubstr("\"unchanged\":2,\"calls\":0"));
}

TEST_P(SqlCommandTest, SendsNothingWhenTheReadingFails) {
  ASSERT_EQ(push("SELECT id, name FROM " + table_).exit_code, 0);
  const Finished failed = push("SELECT id, name FROM " + table_ + "_gone");
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_EQ(rows().size(), 2U);
}

TEST_P(SqlCommandTest, RefusesFlagsThatAreForFiles) {
  const std::vector<std::vector<std::string>> family = {
      {"--encoding", "latin1"},
      {"--delimiter", ";"},
      {"--encoding", "utf-8"},
      {"--delimiter", ";", "--encoding", "latin1"}};
  for (const std::vector<std::string>& flags : family) {
    std::vector<std::string> words = push_words("SELECT id, name FROM " + table_);
    words.insert(words.end(), flags.begin(), flags.end());
    const Finished refused = weir::testing::run(words, environment_);
    EXPECT_EQ(refused.exit_code, 2) << flags.front();
    EXPECT_THAT(refused.err, HasSubstr("do nothing with --sql"));
  }
  EXPECT_TRUE(rows().empty());
}

TEST_P(SqlCommandTest, RefusesFlagsThatDoNothingWithAFile) {
  const std::string csv = folder_.write("rows.csv", "id,name\n1,a\n");
  const std::string ndjson = folder_.write("rows.ndjson", "{\"id\":1,\"name\":\"a\"}\n");
  const std::vector<std::vector<std::string>> family = {
      {"--csv", csv, "--query-timeout", "5"},
      {"--ndjson", ndjson, "--query-timeout", "5"},
      {"--ndjson", ndjson, "--delimiter", ";"}};
  for (const std::vector<std::string>& flags : family) {
    std::vector<std::string> words = {kWeir, "push", "--source", "CREWS"};
    words.insert(words.end(), flags.begin(), flags.end());
    EXPECT_EQ(weir::testing::run(words, environment_).exit_code, 2) << flags[0] << flags[2];
  }
  EXPECT_TRUE(rows().empty());
}

// What reads files of older systems is no advice for a query.
TEST_P(SqlCommandTest, SaysOfATextThatIsNotUtf8WhoMustMakeItSo) {
  if (GetParam().name != "sqlite3") GTEST_SKIP() << "only SQLite gives bytes as a text";
  const Finished refused = push("SELECT 1 AS id, cast(x'41ff' AS text) AS name");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("is not valid UTF-8"));
  EXPECT_THAT(refused.err, HasSubstr("the query or the connection must make UTF-8 of it"));
  EXPECT_THAT(refused.err, ::testing::Not(HasSubstr("--encoding")));
}

TEST_P(SqlCommandTest, IsEndedByASignalWhileItReads) {
  const std::string endless =
      GetParam().name.starts_with("sqlite") ? "WITH RECURSIVE n(g) AS (SELECT 1 UNION ALL SELECT g "
                                              "+ 1 FROM n) SELECT count(*) AS id, "
                                              "1 AS v FROM n"
      : GetParam().name == "mariadb"        ? "SELECT sleep(1000) AS id, 1 AS v"
                                            : "SELECT 1 AS id, pg_sleep(1000)::text AS v";
  const pid_t child = weir::testing::start(push_words(endless), environment_, folder_.file("out"),
                                           folder_.file("err"));
  // It heeds signals from its first line on; where it is then does not matter.
  const std::string status = "/proc/" + std::to_string(child) + "/status";
  const auto threads = [&] {
    std::ifstream file(status);
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
    }
    return 0;
  };
  while (threads() < 2) std::this_thread::yield();
  ::kill(child, SIGTERM);
  int ended = 0;
  ::waitpid(child, &ended, 0);
  EXPECT_EQ(WEXITSTATUS(ended), 128 + SIGTERM);
  EXPECT_TRUE(rows().empty());
}

TEST_P(SqlCommandTest, ServesEachUserThatUsersRows) {
  std::ofstream(folder_.file("sync.toml"))
      << "[service]\ncompany_id = 7\nport = 0\n[[source]]\nid = \"CREWS\"\ndatabase = '"
      << GetParam().url() << "'\nquery = \"SELECT id, name FROM " << table_
      << " WHERE crew = :email -- theirs\"\nread_again_after_seconds = 0\n";
  const pid_t child = weir::testing::start({kWeir, "serve", "--config", folder_.file("sync.toml")},
                                           environment_, folder_.file("out"), folder_.file("err"));
  const auto printed = [&] {
    std::ifstream file(folder_.file("out"));
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  while (printed().find('\n') == std::string::npos && ::waitpid(child, nullptr, WNOHANG) == 0)
    std::this_thread::yield();
  const std::string before = "listening on http://127.0.0.1:";
  ASSERT_THAT(printed(), StartsWith(before));
  const int port = std::stoi(printed().substr(before.size()));
  const auto ask = [&](const std::string& email) {
    const RawClient client(port);
    client.send("GET /?providerId=7&integrationkey=token&ids=CREWS&email=" + email +
                " HTTP/1.1\r\nHost: x\r\n\r\n");
    return client.read_answer();
  };
  EXPECT_THAT(ask("ann@x.org"), HasSubstr(R"("Rows":[["1","Ärger"]])"));
  EXPECT_THAT(ask("bob@x.org"), HasSubstr(R"("Rows":[["2","😀"]])"));
  EXPECT_THAT(ask("eve@x.org"), HasSubstr(R"("Rows":[])"));
  ::kill(child, SIGTERM);
  int ended = 0;
  ::waitpid(child, &ended, 0);
  EXPECT_EQ(WEXITSTATUS(ended), 0);
}

INSTANTIATE_TEST_SUITE_P(Sql, SqlCommandTest, ::testing::ValuesIn(all_ways()), way_name);

}  // namespace
}  // namespace weir::cli
