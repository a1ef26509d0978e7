// A query reads: whatever it says, nothing in the database is another when it has run. And what a
// procedure gives is whole, or refused.
#include <filesystem>
#include <fstream>

#include "sql_fixture.h"
#include "support/process.h"

namespace weir::cli {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Those who may change things, each with a database of its own kind.
std::vector<Way> writing_ways() {
  return {postgres_way(), psqlodbc_way("Unicode"), psqlodbc_way("ANSI"),
          sqlite_way(),   sqliteodbc_way(),        mariadb_writer_way()};
}

class OnEachWayThatMayWrite : public ::testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    GetParam().run("DROP TABLE IF EXISTS " + table_ + "; CREATE TABLE " + table_ +
                   " (id int, v int); INSERT INTO " + table_ + " VALUES (1, 10), (2, 20), (3, 5)");
  }
  std::string rows() const {
    const Result<Table> read =
        read_table(GetParam().url(), "SELECT id, v FROM " + table_ + " ORDER BY id");
    if (!read) return read.error().message;
    std::string all;
    for (const Row& row : read->rows) all += row.at(0) + ":" + row.at(1) + " ";
    return all;
  }
  const std::string table_ = "kept_" + GetParam().name;
};

TEST_P(OnEachWayThatMayWrite, ChangesNothing) {
  for (const std::string query :
       {"DROP TABLE {}", "drop table {};", "/* tidy */ DROP TABLE {}", "-- tidy\nDROP TABLE {}",
        "DELETE FROM {}", "DELETE FROM {} WHERE id = 1", "UPDATE {} SET v = 0",
        "INSERT INTO {} VALUES (4, 4)", "INSERT INTO {} VALUES (4, 4) RETURNING id, v",
        "DELETE FROM {} RETURNING id, v", "TRUNCATE TABLE {}", "ALTER TABLE {} ADD w int",
        "CREATE INDEX made ON {} (v)", "CREATE TABLE made AS SELECT id, v FROM {}",
        "CREATE TABLE made (id int)", "CREATE VIEW made AS SELECT id, v FROM {}"}) {
    std::string text = query;
    if (const std::size_t at = text.find("{}"); at != std::string::npos)
      text.replace(at, 2, table_);
    const Result<Table> read = read_table(GetParam().url(), text);
    EXPECT_FALSE(read) << text;
    // The names alone, too.
    EXPECT_FALSE(sql_source(GetParam().url(), text)->columns() &&
                 text.find("RETURNING") == std::string::npos)
        << text;
    EXPECT_EQ(rows(), "1:10 2:20 3:5 ") << text;
  }
  EXPECT_THAT(message_of(GetParam().url(), "SELECT id, v FROM made"), HasSubstr("made"));
}

INSTANTIATE_TEST_SUITE_P(Sql, OnEachWayThatMayWrite, ::testing::ValuesIn(writing_ways()), way_name);

TEST(SqlReadingOnly, ChangesNothingInPostgresByWhatGivesRows) {
  postgres().sql(
      "CREATE TABLE counted (id serial, v int); CREATE FUNCTION count_up() RETURNS int LANGUAGE "
      "plpgsql AS 'BEGIN INSERT INTO counted (v) VALUES (1); RETURN 1; END'; CREATE PROCEDURE "
      "change(INOUT a int, INOUT b int) LANGUAGE plpgsql AS 'BEGIN INSERT INTO counted (v) VALUES "
      "(1); END'; CREATE PROCEDURE silent() LANGUAGE plpgsql AS 'BEGIN INSERT INTO counted (v) "
      "VALUES (1); END'");
  for (const std::string& url : {postgres().url(), psqlodbc("Unicode"), psqlodbc("ANSI")}) {
    for (const std::string query :
         {"SELECT count_up() AS id, 2 AS v", "CALL change(1, 2)", "CALL silent()",
          "WITH x AS (INSERT INTO counted (v) VALUES (1) RETURNING id, v) SELECT id, v FROM x",
          "SELECT id, v INTO made_of_it FROM counted", "SELECT nextval('counted_id_seq'), 1 AS v",
          "DO 'BEGIN INSERT INTO counted (v) VALUES (1); END'",
          "SELECT set_config('transaction_read_only', 'off', false) AS id, count_up() AS v"}) {
      EXPECT_FALSE(read_table(url, query)) << query;
      EXPECT_EQ(postgres().sql("SELECT count(*) FROM counted"), "0\n") << query;
    }
  }
}

// A careful connection refuses all statements that are no queries.
TEST(SqlReadingOnly, ReadsByAConnectionThatIsReadOnlyByItself) {
  for (const std::string driver : {"Unicode", "ANSI"}) {
    for (const std::string option : {"ReadOnly=1", "A0=1", "ReadOnly=0", "UseDeclareFetch=0",
                                     "UseDeclareFetch=0;ReadOnly=1"}) {
      const Result<Table> read =
          read_table(psqlodbc(driver) + ";" + option,
                     "SELECT 1 AS id, current_setting('transaction_read_only') AS v");
      ASSERT_TRUE(read) << option << ": " << read.error().message;
      EXPECT_EQ(read->rows, (std::vector<Row>{{"1", "on"}})) << option;
    }
  }
}

// PostgreSQL takes such a parameter for a text only when it is told so, and fails before.
TEST(SqlReadingOnly, ChangesNothingAfterAParameterWithoutAType) {
  postgres().sql(
      "CREATE TABLE without_a_type (v int); CREATE FUNCTION type_it() RETURNS int LANGUAGE plpgsql "
      "AS "
      "'BEGIN "
      "INSERT INTO without_a_type VALUES (1); RETURN 1; END'");
  for (const std::string& url : {postgres().url(), psqlodbc("Unicode"), psqlodbc("ANSI")}) {
    EXPECT_THAT(message_of(url, "SELECT type_it() AS id, 1 AS v WHERE :email IS NULL"),
                HasSubstr("read-only transaction"));
    EXPECT_EQ(postgres().sql("SELECT count(*) FROM without_a_type"), "0\n");
  }
}

class OfProcedures : public ::testing::Test {
 protected:
  static void procedure(const std::string& name, const std::string& body) {
    mariadb().sql(
        "DELIMITER //\nCREATE OR REPLACE PROCEDURE " + name + "() BEGIN " + body + " END//", "crm");
  }
  static void SetUpTestSuite() {
    mariadb().sql(
        "CREATE TABLE IF NOT EXISTS base (id int, v int); DELETE FROM base; INSERT INTO base "
        "VALUES "
        "(1, 10), (2, 20); CREATE TABLE IF NOT EXISTS plain (id int) ENGINE=MyISAM",
        "crm");
  }
  static Result<Table> call(const std::string& name) {
    return read_table(mariadb_writer(), "CALL " + name + "()");
  }
  static std::string count(const std::string& table) {
    return mariadb().sql("SELECT count(*) FROM " + table, "crm");
  }
};

TEST_F(OfProcedures, AreReadWholeWhereTheyOnlyRead) {
  procedure("only_reads", "SET @a = 1; DO 1; SELECT id, v FROM base ORDER BY id;");
  for (const std::string query : {"CALL only_reads()", "call only_reads();",
                                  "/* x */ CALL only_reads() -- y", "{call only_reads()}"}) {
    const Result<Table> read = read_table(mariadb_writer(), query);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->columns, (std::vector<std::string>{"id", "v"}));
    EXPECT_EQ(read->rows, (std::vector<Row>{{"1", "10"}, {"2", "20"}}));
  }
}

TEST_F(OfProcedures, ChangeNothing) {
  procedure("inserts", "INSERT INTO base VALUES (3, 3); SELECT id, v FROM base;");
  procedure("inserts_later", "SELECT id, v FROM base; INSERT INTO base VALUES (3, 3);");
  procedure("commits", "COMMIT; INSERT INTO base VALUES (3, 3); COMMIT; SELECT id, v FROM base;");
  procedure("creates", "CREATE TABLE made (id int); SELECT id, v FROM base;");
  procedure("creates_after_commit", "COMMIT; CREATE TABLE made (id int); SELECT id, v FROM base;");
  procedure("drops", "DROP TABLE plain; SELECT id, v FROM base;");
  procedure("makes_temporary", "CREATE TEMPORARY TABLE made (id int); SELECT id, v FROM base;");
  procedure("fills_plain", "INSERT INTO plain VALUES (1); SELECT id, v FROM base;");
  for (const std::string name :
       {"inserts", "inserts_later", "commits", "creates", "creates_after_commit", "drops",
        "makes_temporary", "fills_plain"}) {
    const Result<Table> read = call(name);
    ASSERT_FALSE(read) << name;
    EXPECT_THAT(read.error().message, HasSubstr("READ ONLY transaction")) << name;
    EXPECT_EQ(count("base"), "2\n") << name;
    EXPECT_EQ(count("plain"), "0\n") << name;
    EXPECT_EQ(count("information_schema.tables WHERE table_name = 'made'"), "0\n") << name;
  }
}

TEST_F(OfProcedures, FailWhenTheyFailAfterTheirRows) {
  procedure("fails_later",
            "SELECT id, v FROM base; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'boom';");
  procedure("divides_later", "SELECT id, v FROM base; SELECT id FROM no_such_table;");
  procedure("fails_first", "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'boom'; SELECT 1 AS a;");
  for (const std::string name : {"fails_later", "divides_later", "fails_first"})
    EXPECT_FALSE(call(name)) << name;
}

TEST_F(OfProcedures, AreRefusedWhenTheyGiveSeveralTables) {
  procedure("gives_two", "SELECT id, v FROM base; SELECT 3 AS id, 4 AS v;");
  procedure("gives_an_empty_one", "SELECT id, v FROM base; SELECT id FROM base WHERE id = 0;");
  for (const std::string name : {"gives_two", "gives_an_empty_one"}) {
    const Result<Table> read = call(name);
    ASSERT_FALSE(read) << name;
    EXPECT_THAT(read.error().message, HasSubstr("several tables of rows")) << name;
  }
  procedure("gives_none", "DO 1;");
  ASSERT_FALSE(call("gives_none"));
  EXPECT_THAT(call("gives_none").error().message, HasSubstr("gives no rows"));
}

// What MariaDB executes though it looks like a comment, or gives no columns before it runs.
TEST(SqlReadingOnly, ChangesNothingInMariadbByWhatLooksHarmless) {
  mariadb().sql("CREATE TABLE IF NOT EXISTS quiet (id int, v int); INSERT INTO quiet VALUES (1, 1)",
                "crm");
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  for (const std::string& query :
       {std::string("/*! DROP TABLE quiet */"), std::string("/*M! DROP TABLE quiet */"),
        std::string("/*!50101 DELETE FROM quiet */"),
        std::string("BEGIN NOT ATOMIC DROP TABLE quiet; END"),
        std::string("EXECUTE IMMEDIATE 'DROP TABLE quiet'"), std::string("LOCK TABLES quiet WRITE"),
        std::string("RENAME TABLE quiet TO loud"), std::string("REPLACE INTO quiet VALUES (2, 2)"),
        std::string("OPTIMIZE TABLE quiet"), std::string("SET @a = 1"),
        "SELECT id, v INTO OUTFILE '" + folder.file("out") + "' FROM quiet"}) {
    EXPECT_FALSE(read_table(mariadb_writer(), query)) << query;
    EXPECT_EQ(first_row(mariadb_writer(), "SELECT id, v FROM quiet"), "1|1") << query;
    EXPECT_FALSE(std::filesystem::exists(folder.file("out"))) << query;
  }
}

TEST(SqlReadingOnly, MakesNoFileOfSqlite) {
  const TemporaryFolder folder;
  const std::string path = folder.file("mistyped.db");
  const std::string settings =
      folder.write("odbc.ini", "[Crews]\nDriver=SQLite3\nDatabase=" + path + "\n");
  ASSERT_EQ(::setenv("ODBCINI", settings.c_str(), 1), 0);
  for (const std::string& url :
       {"odbc://Driver=SQLite3;Database=" + path, "odbc://DRIVER={SQLite3};Database=" + path + ";",
        std::string("odbc://Crews"), std::string("odbc://DSN=crews;Timeout=1000")}) {
    EXPECT_THAT(message_of(url, "SELECT 1 AS a, 2 AS b"), HasSubstr("Is the path")) << url;
    EXPECT_FALSE(std::filesystem::exists(path)) << url;
  }
  ::unsetenv("ODBCINI");
}

}  // namespace
}  // namespace weir::cli
