// Form entries into a table, by each way to a database.
#include "daemon/entries/insert_recipient.h"
#include "integration/sql_fixture.h"

namespace weir::daemon {
namespace {

using cli::Way;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

const TimePoint kReceived{std::chrono::sys_days{std::chrono::year{2026} / 11 / 1} + 8h + 250ms};

const std::string kInsert =
    "INSERT INTO visits (entry, received, form, who, size, body) VALUES (:id, :received, :form, "
    ":user, :answer.size, :json)";

QueuedEntry visit(const std::string& id, const std::string& size = "\"12\"") {
  return {.number = 1,
          .queue = "P",
          .id = id,
          .body = R"({"AnswersJson":{"page":{"size":)" + size +
                  R"(,"note":"it's; -- ü 😀"}},"FormId":"VISIT","Id":")" + id +
                  R"(","UserFirstName":"Ana","UserLastName":"Ng"})",
          .received = kReceived};
}

class InsertTest : public ::testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    run("DROP TABLE IF EXISTS visits");
    run("CREATE TABLE visits (entry VARCHAR(40) PRIMARY KEY, received VARCHAR(40), form "
        "VARCHAR(40), who VARCHAR(40), size INT, body TEXT)");
    if (GetParam().name == "mariadb")
      cli::mariadb().sql("GRANT ALL ON crm.* TO reader@'127.0.0.1'");
  }
  static void run(const std::string& sql) { GetParam().run(sql); }

  static std::unique_ptr<Recipient> make(const std::string& statement, Milliseconds timeout = 30s) {
    Result<std::unique_ptr<Recipient>> made =
        insert_recipient({.database = {.address = GetParam().url()},
                          .statement = statement,
                          .batch = 10,
                          .timeout = timeout});
    if (!made) throw std::runtime_error(made.error().message);
    return std::move(*made);
  }

  static Handed give(Recipient& recipient, const std::vector<QueuedEntry>& entries) {
    return recipient.hand_over(entries, {});
  }

  // The first row; what reads it asks for two columns at least.
  static std::string row(const std::string& columns, const std::string& condition = "") {
    const std::string found = cli::first_row(
        GetParam().url(), "SELECT 'row' AS k, " + columns + " FROM visits" + condition);
    return found.starts_with("row|") ? found.substr(4) : found;
  }
  static std::string count(const std::string& condition = "") {
    return row("count(*) AS n", condition);
  }
};

INSTANTIATE_TEST_SUITE_P(EachWay, InsertTest, ::testing::ValuesIn(cli::all_ways()), cli::way_name);

TEST_P(InsertTest, WritesWhatTheEntryHas) {
  const auto recipient = make(kInsert);
  const QueuedEntry entry = visit("e'1");
  const Handed handed = give(*recipient, {entry});
  ASSERT_EQ(handed.verdict, HandlerAnswer::kDone) << handed.reason;
  const std::string moment =
      GetParam().url().starts_with("odbc") ? "2026-11-01 08:00:00.250" : "2026-11-01T08:00:00.250Z";
  EXPECT_EQ(row("entry, received, form, who, size"), "e'1|" + moment + "|VISIT|Ana Ng|12");
  EXPECT_EQ(row("body"), entry.body);
}

TEST_P(InsertTest, WritesNullForAnAnswerThatIsNotThere) {
  const auto recipient = make(kInsert);
  ASSERT_EQ(give(*recipient, {visit("1", "null")}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(count(" WHERE size IS NULL"), "1");
}

TEST_P(InsertTest, WritesABatchWhollyOrNotAtAll) {
  const auto recipient = make(kInsert);
  ASSERT_EQ(give(*recipient, {visit("1"), visit("2"), visit("3")}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(count(), "3");
  const Handed handed = give(*recipient, {visit("4"), visit("2"), visit("5")});
  // The driver of SQLite says of every failure that it is a general one.
  const bool tells = GetParam().name != "sqliteodbc";
  EXPECT_EQ(handed.verdict, tells ? HandlerAnswer::kNever : HandlerAnswer::kAgain) << handed.reason;
  EXPECT_EQ(count(), "3");
  EXPECT_EQ(give(*recipient, {visit("4"), visit("5")}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(count(), "5");
}

TEST_P(InsertTest, IsTriedAgainWhenTheTableIsNotThereYet) {
  run("DROP TABLE visits");
  const auto recipient = make(kInsert);
  const Handed handed = give(*recipient, {visit("1")});
  EXPECT_EQ(handed.verdict, HandlerAnswer::kAgain) << handed.reason;
  EXPECT_THAT(handed.reason, HasSubstr("visits"));
  run("CREATE TABLE visits (entry VARCHAR(40) PRIMARY KEY, received VARCHAR(40), form "
      "VARCHAR(40), who VARCHAR(40), size INT, body TEXT)");
  EXPECT_EQ(give(*recipient, {visit("1")}).verdict, HandlerAnswer::kDone);
}

TEST_P(InsertTest, TakesALargeEntry) {
  const auto recipient = make("INSERT INTO visits (entry, body) VALUES (:id, :json)");
  QueuedEntry entry = visit("1");
  entry.body = R"({"x":")" + std::string(60'000, 'y') + "\"}";
  const Handed handed = give(*recipient, {entry});
  ASSERT_EQ(handed.verdict, HandlerAnswer::kDone) << handed.reason;
  EXPECT_TRUE(row("body") == entry.body);
}

// Wholly or not at all: a database must not take it for the end of the text.
TEST_P(InsertTest, CutsNoValueOffAtANul) {
  const auto recipient = make("INSERT INTO visits (entry, who) VALUES (:id, :answer.note)");
  QueuedEntry entry = visit("1");
  entry.body = R"({"AnswersJson":{"note":"pay 100\u0000000 now"}})";
  const Handed handed = give(*recipient, {entry});
  if (handed.verdict == HandlerAnswer::kDone) {
    EXPECT_EQ(count(" WHERE who = 'pay 100'"), "0");
    EXPECT_EQ(count(), "1");
  } else {
    EXPECT_EQ(handed.verdict, HandlerAnswer::kNever) << handed.reason;
    EXPECT_THAT(handed.reason, HasSubstr("NUL"));
    EXPECT_EQ(count(), "0");
  }
}

// A parameter is data, whatever it holds.
TEST_P(InsertTest, ExecutesNothingOfAnEntry) {
  const auto recipient = make(kInsert);
  ASSERT_EQ(give(*recipient, {visit("'); DROP TABLE visits; --")}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(row("entry"), "'); DROP TABLE visits; --");
}

TEST_P(InsertTest, GivesItsConnectionBackAndWorksOn) {
  const auto recipient = make(kInsert);
  ASSERT_EQ(give(*recipient, {visit("1")}).verdict, HandlerAnswer::kDone);
  recipient->rest();
  ASSERT_EQ(give(*recipient, {visit("2")}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(count(), "2");
}

class InsertIntoPostgres : public ::testing::Test {
 protected:
  static Handed give(const std::string& statement, const std::vector<QueuedEntry>& entries,
                     Milliseconds timeout = 30s) {
    const auto made = insert_recipient({.database = {.address = cli::postgres().url()},
                                        .statement = statement,
                                        .timeout = timeout});
    return (*made)->hand_over(entries, {});
  }
};

TEST_F(InsertIntoPostgres, FillsTypedColumnsAndIgnoresWhatIsThere) {
  cli::postgres().sql(
      "DROP TABLE IF EXISTS typed; CREATE TABLE typed (entry text PRIMARY KEY, at timestamptz, "
      "size int, body jsonb)");
  const std::string insert =
      "INSERT INTO typed VALUES (:id, :received, :answer.page.size, :json) ON CONFLICT (entry) DO "
      "NOTHING;";
  ASSERT_EQ(give(insert, {visit("1"), visit("1")}).verdict, HandlerAnswer::kDone);
  EXPECT_EQ(cli::postgres().sql("SELECT size, at AT TIME ZONE 'UTC', body->>'Id' FROM typed"),
            "12|2026-11-01 08:00:00.25|1\n");
}

TEST_F(InsertIntoPostgres, RefusesForGoodWhatDoesNotFit) {
  cli::postgres().sql("DROP TABLE IF EXISTS small; CREATE TABLE small (size int CHECK (size < 5))");
  const std::string insert = "INSERT INTO small VALUES (:answer.size)";
  for (const char* size : {"\"many\"", "\"12\"", "\"99999999999999\""})
    EXPECT_EQ(give(insert, {visit("1", size)}).verdict, HandlerAnswer::kNever) << size;
  EXPECT_EQ(give(insert, {visit("1", "3")}).verdict, HandlerAnswer::kDone);
}

// What the row was would stand in DETAIL.
TEST_F(InsertIntoPostgres, ShowsNoCellOfTheRow) {
  cli::postgres().sql("DROP TABLE IF EXISTS keyed; CREATE TABLE keyed (entry text PRIMARY KEY)");
  const Handed handed = give("INSERT INTO keyed VALUES (:answer.note)", {visit("1"), visit("2")});
  EXPECT_EQ(handed.verdict, HandlerAnswer::kNever);
  EXPECT_THAT(handed.reason, Not(HasSubstr("it's")));
}

TEST_F(InsertIntoPostgres, EndsAStatementThatTakesTooLong) {
  const Handed handed = give("SELECT pg_sleep(600), :id::text", {visit("1")}, 200ms);
  EXPECT_EQ(handed.verdict, HandlerAnswer::kAgain);
  EXPECT_EQ(cli::postgres().sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
                                "'%pg_sleep(600)%' AND pid <> pg_backend_pid() AND state = "
                                "'active'"),
            "0\n");
}

TEST_F(InsertIntoPostgres, IsTriedAgainWhenTheServerIsAway) {
  const auto made = insert_recipient(
      {.database = {.address = "postgresql://weir:CANARY@127.0.0.1:1/x"}, .statement = kInsert});
  ASSERT_TRUE(made);
  const std::vector<QueuedEntry> entries = {visit("1")};
  const Handed handed = (*made)->hand_over(entries, {});
  EXPECT_EQ(handed.verdict, HandlerAnswer::kAgain);
  EXPECT_THAT(handed.reason, Not(HasSubstr("CANARY")));
}

TEST(InsertIntoSqlite, MakesNoFileThatIsNotThere) {
  const cli::TemporaryFolder folder;
  const auto made = insert_recipient(
      {.database = {.address = "sqlite3://" + folder.file("none.db")}, .statement = kInsert});
  const std::vector<QueuedEntry> entries = {visit("1")};
  EXPECT_EQ((*made)->hand_over(entries, {}).verdict, HandlerAnswer::kAgain);
  EXPECT_FALSE(std::filesystem::exists(folder.file("none.db")));
}

TEST(InsertStatement, WithAParameterThatNoEntryHasIsRefused) {
  for (const char* statement :
       {"INSERT INTO t VALUES (:key)", "INSERT INTO t VALUES (:answer)", "",
        "INSERT INTO t VALUES (:id); DROP TABLE t", "INSERT INTO t VALUES (:email)"}) {
    const auto made =
        insert_recipient({.database = {.address = "sqlite3:///x.db"}, .statement = statement});
    ASSERT_FALSE(made) << statement;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidConfig);
  }
}

TEST(InsertStatement, IsWarnedOfWhenAnEntryCannotComeTwice) {
  for (const char* safe :
       {"INSERT INTO t VALUES (:id) ON CONFLICT DO NOTHING", "insert or ignore into t values (:id)",
        "MERGE INTO t USING x ON 1=1", "REPLACE INTO t VALUES (:id)",
        "INSERT INTO t VALUES (:id) ON  DUPLICATE\nKEY UPDATE a=1"})
    EXPECT_FALSE(insert_warning(safe)) << safe;
  for (const char* unsafe : {"INSERT INTO t VALUES (:id)", "INSERT INTO conflict VALUES (:id)",
                             "INSERT INTO merged VALUES (:id)"})
    EXPECT_TRUE(insert_warning(unsafe)) << unsafe;
}

}  // namespace
}  // namespace weir::daemon
