// Databases that refuse, break off or hang: no row too few is taken for a whole table, everything
// ends in its time, and no password is shown.
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include "sql_fixture.h"

// Asked for by LeakSanitizer, where this program has one.
extern "C" {
const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() { return weir::cli::kLeaksOfDrivers; }
}

namespace weir::cli {
namespace {

using std::chrono::seconds;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Clock = std::chrono::steady_clock;

// Reads until `at` rows have come, then does something, and reads on.
Result<int> read_with(const std::string& url, const std::string& query, int at,
                      const std::function<void()>& then, const RowSourceOptions& options = {}) {
  int rows = 0;
  const Result<void> read =
      sql_source(url, query, options)->read({}, [&](const Row&) -> Result<void> {
        if (++rows == at) then();
        return {};
      });
  if (!read) return read.error();
  return rows;
}

TEST(SqlFailures, FailsTheWholeReadingWhenARowFails) {
  const std::string query = "SELECT g AS id, 1 / (500 - g) AS v FROM generate_series(1, 1000) g";
  for (const std::string& url : {postgres().url(), psqlodbc("Unicode"), psqlodbc("ANSI")}) {
    const Result<Table> read = read_table(url, query);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("division by zero"));
  }
  run_on_sqlite(
      "CREATE TABLE IF NOT EXISTS numbers (g int); DELETE FROM numbers; WITH RECURSIVE "
      "n(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM n WHERE g < 1000) INSERT INTO "
      "numbers SELECT g FROM n");
  for (const std::string& url :
       {"sqlite3://" + sqlite_file(), "odbc://Driver=SQLite3;Database=" + sqlite_file()}) {
    EXPECT_THAT(message_of(url,
                           "SELECT g AS id, CASE WHEN g = 500 THEN abs(-9223372036854775807 - "
                           "1) END AS v FROM numbers"),
                HasSubstr("integer overflow"));
  }
  mariadb().sql("CREATE TABLE IF NOT EXISTS words (id int, v varchar(9))", "crm");
  mariadb().sql(
      "DELETE FROM words; INSERT INTO words SELECT seq, '{\"a\":1}' FROM seq_1_to_1000; "
      "INSERT INTO words VALUES (500, 'x')",
      "crm");
  EXPECT_NE(message_of(mariadb().url(),
                       "SELECT id, (SELECT 1 UNION SELECT 2 FROM dual WHERE v = 'x') AS v "
                       "FROM words"),
            "no error");
}

TEST(SqlFailures, FailsWhenTheSessionIsEndedInMidStream) {
  const std::string query =
      "SELECT g AS id, repeat('weir marker', 1000) AS v FROM generate_series(1, 100000) g";
  const Result<int> read = read_with(postgres().url(), query, 10, [] {
    postgres().sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE "
        "'%weir marker%' AND pid <> pg_backend_pid()");
  });
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message,
              AnyOf(HasSubstr("terminating connection"), HasSubstr("closed the connection")));
}

TEST(SqlFailures, FailsWhenTheServersOwnLimitIsReached) {
  const std::string url = postgres().url() + "%20-cstatement_timeout%3D50";
  const Result<Table> read = read_table(url, "SELECT 1 AS id, pg_sleep(60)::text AS v");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("statement timeout"));
  EXPECT_THAT(read.error().message, HasSubstr("--query-timeout"));
}

TEST(SqlFailures, EndsAQueryThatTakesTooLong) {
  RowSourceOptions options;
  options.longest_query = std::chrono::milliseconds{300};
  EXPECT_THAT(message_of(postgres().url(), "SELECT 1 AS id, pg_sleep(60)::text AS v", options),
              HasSubstr("statement timeout"));
  options.longest_query = seconds{1};
  EXPECT_THAT(message_of(psqlodbc("Unicode"), "SELECT 1 AS id, pg_sleep(60)::text AS v", options),
              AnyOf(HasSubstr("timeout"), HasSubstr("did not end within 1 s")));
  EXPECT_THAT(message_of("sqlite3://" + sqlite_file(),
                         "WITH RECURSIVE n(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM n) SELECT "
                         "count(*) AS id, 1 AS v FROM n",
                         options),
              HasSubstr("did not end within 1 s"));
  EXPECT_NE(message_of(mariadb().url(), "SELECT sleep(60) AS id, benchmark(1000000000000, 1) AS v",
                       options),
            "no error");
}

// A stop ends a reading wherever it is, and the server does not work on.
TEST_P(OnEachWay, EndsWhenAStopIsAskedFor) {
  const std::string endless =
      GetParam().name.starts_with("sqlite") ? "WITH RECURSIVE n(g) AS (SELECT 1 UNION ALL SELECT g "
                                              "+ 1 FROM n) SELECT count(*) AS id, "
                                              "1 AS v FROM n"
      : GetParam().name == "mariadb"        ? "SELECT sleep(100) AS id, 1 AS v"
                                            : "SELECT 1 AS id, pg_sleep(100)::text AS v";
  for (const bool is_asked_before : {true, false}) {
    std::stop_source stop;
    RowSourceOptions options;
    options.stop = stop.get_token();
    if (is_asked_before) stop.request_stop();
    const auto began = Clock::now();
    auto reading = std::async(std::launch::async, [&] {
      return sql_source(GetParam().url(), endless, options)->read({}, [](const Row&) {
        return Result<void>();
      });
    });
    if (!is_asked_before) {
      EXPECT_EQ(reading.wait_for(std::chrono::milliseconds{500}), std::future_status::timeout);
      stop.request_stop();
    }
    const Result<void> read = reading.get();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kCancelled) << read.error().message;
    EXPECT_LT(Clock::now() - began, seconds{10});
  }
}

TEST_P(OnEachWay, EndsWhenTheOneWhoTakesTheRowsHasEnough) {
  const std::string many =
      GetParam().name.starts_with("sqlite") || GetParam().name == "mariadb"
          ? "WITH RECURSIVE n(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM n WHERE g < 900) SELECT "
            "n.g AS id, m.g AS v FROM n, n AS m"
          : "SELECT g AS id, 1 AS v FROM generate_series(1, 1000000) g";
  int rows = 0;
  const Result<void> read =
      sql_source(GetParam().url(), many)->read({}, [&](const Row&) -> Result<void> {
        if (++rows < 1000) return {};
        return Error{.code = ErrorCode::kStoreFull, .message = "enough"};
      });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "enough");
  EXPECT_EQ(rows, 1000);
}

// A server that hangs rather than refuses: the kernel still answers for it.
class HangingServer : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const pid_t process : stopped_) ::kill(process, SIGCONT);
  }
  void hang_those_that(const std::string& query_has) {
    const std::string pids = postgres().sql("SELECT pid FROM pg_stat_activity WHERE query LIKE '%" +
                                            query_has + "%' AND pid <> pg_backend_pid()");
    std::istringstream lines(pids);
    for (pid_t process = 0; lines >> process;) {
      ::kill(process, SIGSTOP);
      stopped_.push_back(process);
    }
    ASSERT_FALSE(stopped_.empty());
  }
  std::vector<pid_t> stopped_;
};

TEST_F(HangingServer, IsLeftInTime) {
  RowSourceOptions options;
  options.longest_query = seconds{1};
  for (const std::string& url : {postgres().url(), psqlodbc("Unicode")}) {
    const auto began = Clock::now();
    auto reading = std::async(std::launch::async, [&] {
      return message_of(url, "SELECT 1 AS hanging, pg_sleep(0.9)::text AS v", options);
    });
    while (
        postgres().sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%AS hanging%' AND "
                       "state = 'active' AND pid <> pg_backend_pid()") == "0\n") {
    }
    hang_those_that("AS hanging");
    EXPECT_THAT(reading.get(), HasSubstr("did not end within 1 s"));
    EXPECT_LT(Clock::now() - began, seconds{12});
    TearDown();
    stopped_.clear();
  }
}

TEST(SqlFailures, ReadsAMillionRowsInLittleMemory) {
  const auto peak = [] {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) return std::stol(line.substr(6)) / 1024;
    }
    return 0L;
  };
  const auto read_many = [&](const std::string& url, int rows) {
    std::ofstream("/proc/self/clear_refs") << 5;
    const long before = peak();
    const Result<int> read =
        read_with(url,
                  "SELECT g AS id, repeat('x', 200) AS v FROM generate_series(1, " +
                      std::to_string(rows) + ") g",
                  0, [] {});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, rows);
    EXPECT_LT(peak() - before, 20) << "MiB";
  };
  read_many(postgres().url(), 1'000'000);
  // The driver is slower; all of them would be some 60 MiB.
  for (const char* driver : {"Unicode", "ANSI"}) read_many(psqlodbc(driver), 150'000);
}

// A writer that is killed leaves its journal, which only a writer can roll back.
TEST(SqlFailures, SaysThatTheLastWriterOfASqliteFileDidNotEnd) {
  const TemporaryFolder folder;
  const std::string file = folder.file("half.db");
  const pid_t writer = ::fork();
  if (writer == 0) {
    sqlite3* database = nullptr;
    sqlite3_open(file.c_str(), &database);
    std::string statements = "PRAGMA cache_size = 1; CREATE TABLE t (id, v); BEGIN;";
    for (int i = 0; i < 2'000; ++i)
      statements += "INSERT INTO t VALUES (" + std::to_string(i) + ", hex(randomblob(100)));";
    sqlite3_exec(database, statements.c_str(), nullptr, nullptr, nullptr);
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(writer, nullptr, 0), writer);
  const auto read = sql_source("sqlite3://" + file, "SELECT id, v FROM t")->columns();
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("its last writer did not end, and has left " + file +
                                              "-journal: open the database once"));
}

// What lasts long here is the wait of each way.
TEST(SqlFailures, SaysThatASqliteFileIsBeingWritten) {
  const TemporaryFolder folder;
  const std::string file = folder.file("locked.db");
  sqlite3* writer = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &writer), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(writer, "CREATE TABLE t (id, v); BEGIN EXCLUSIVE", nullptr, nullptr, nullptr),
      SQLITE_OK);
  for (const std::string& url : {"sqlite3://" + file, "odbc://Driver=SQLite3;Database=" + file}) {
    const auto read = sql_source(url, "SELECT id, v FROM t")->columns();
    ASSERT_FALSE(read) << url;
    EXPECT_THAT(read.error().message, HasSubstr("database is locked")) << url;
  }
  sqlite3_close(writer);
}

struct Refusal {
  std::string address;
  std::string says;
};

// A password in each spelling; no failure may show it.
TEST(SqlFailures, TellsFailuresToConnectApartAndShowsNoPassword) {
  const std::string pg = postgres().port();
  const std::string my = mariadb().port();
  const std::string odbc_pg = "odbc://Driver=PostgreSQL Unicode;Servername=127.0.0.1;Port=" + pg;
  const std::string odbc_my = "odbc://Driver=MariaDB Unicode;Server=127.0.0.1;Port=" + my;
  postgres().sql(
      "DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nologin') THEN CREATE ROLE "
      "nologin NOLOGIN; END IF; END$$");
  const std::vector<Refusal> refusals = {
      {"postgresql://nobody:s3cret@127.0.0.1:" + pg + "/postgres",
       "role \"nobody\" does not exist"},
      {"postgresql://nologin:s3cret@127.0.0.1:" + pg + "/postgres", "is not permitted to log in"},
      {"postgresql://weir:s3cret@127.0.0.1:" + pg + "/nope", "database \"nope\" does not exist"},
      {"postgresql://weir:s3cret@127.0.0.1:1/postgres", "Connection refused"},
      {"postgresql://weir:s3cret@no.such.host.invalid/x", "could not translate host name"},
      {"postgresql://127.0.0.1:1/x?user=weir&password=s3cret", "Connection refused"},
      {"postgresql://127.0.0.1:1/x?password=s3cret&user=weir", "Connection refused"},
      {"postgresql://weir:s3%63ret@127.0.0.1:1/x", "Connection refused"},
      {"host=127.0.0.1 port=1 user=weir password=s3cret", "Connection refused"},
      {"host=127.0.0.1 port=1 user=weir password='s3cret'", "Connection refused"},
      {"host=127.0.0.1 port=1 pasword=s3cret", "sqlite3:///path, postgresql://"},
      {"postgresql://weir:s3%cret@127.0.0.1:1/x", "write % as %25"},
      {"postgresql://weir:p@s3cret@127.0.0.1:1/x", "@ as %40"},
      {"postgresql://weir:p/s3cret@127.0.0.1:1/x", "/ as %2F"},
      {"postgresql://weir:s3cret?@127.0.0.1:1/x", "Connection refused"},
      {"postgresql://weir:s3cret@127.0.0.1:1/x?sslmod=require", "cannot read this address"},
      {"postgresql://weir:s3cret@127.0.0.1:1/x?sslmode=s3cret", "invalid sslmode value"},
      {"mysql://weir:s3cret@127.0.0.1/x", "MariaDB and MySQL are read by ODBC"},
      {"s3cret", "odbc://dsn"},
      {"sqlite3://", "the path of the database's file is missing"},
      {"sqlite3:///no/such/file.db", "No such file"},
      {odbc_my + ";Database=crm;UID=reader;PWD=s3cret", "Access denied"},
      {odbc_my + ";Database=crm;UID=reader;Password=s3cret", "Access denied"},
      {odbc_my + ";Database=crm;UID=reader;pwd={s3cret}", "Access denied"},
      {odbc_my + ";Database=nope;UID=reader;PWD={s3;}}cret}", "to database 'nope'"},
      {"odbc://Driver=MariaDB Unicode;Server=127.0.0.1;Port=1;UID=r;PWD=s3cret", "Can't connect"},
      {"odbc://Driver=MariaDB Unicode;Server=no.such.host.invalid;UID=r;PWD=s3cret",
       "no.such.host.invalid"},
      {"odbc://Driver=MariaDB Unicode;Socket=/no/such/socket;UID=r;PWD=s3cret", "/no/such/socket"},
      {odbc_pg + ";Database=nope;Uid=weir;Pwd=s3cret", "database \"nope\" does not exist"},
      {odbc_pg + ";Database=postgres;Uid=nobody;Pwd=s3cret", "role \"nobody\" does not exist"},
      {"odbc://Driver=PostgreSQL Unicode;Servername=127.0.0.1;Port=1;Uid=w;Pwd=s3cret",
       "Connection refused"},
      {"odbc://Driver=No Such Driver;Server=x;PWD=s3cret", "No Such Driver"},
      {"odbc://DSN=no_such_dsn;PWD=s3cret", "Data source name not found"},
      {"odbc://no_such_dsn", "Data source name not found"},
      {"odbc://weir:s3cret@dsn", "odbc://DSN=crm"},
      {"odbc://", "odbc://DSN=crm"},
      {"odbc://Driver=SQLite3;Database=/no/such/folder/x.db;PWD=s3cret", ""}};
  std::set<std::string> all;
  for (const auto& [address, says] : refusals) {
    const std::string message = message_of(address, "SELECT 1 AS a, 2 AS b");
    EXPECT_NE(message, "no error") << address;
    EXPECT_THAT(message, HasSubstr(says)) << address;
    EXPECT_THAT(message, Not(HasSubstr("cret"))) << address;
    EXPECT_EQ(message.find('\n'), std::string::npos) << address;
  }
}

TEST(SqlFailures, ShowsNoUserOfTheApp) {
  const Result<Table> read =
      read_table(postgres().url(), "SELECT 1 AS a, 2 AS b WHERE :email = 1", {.user = "ann@x.org"});
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, Not(HasSubstr("ann@x.org")));
  EXPECT_THAT(read.error().message, HasSubstr(":email"));
}

}  // namespace
}  // namespace weir::cli
