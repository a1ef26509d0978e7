// Cells that a driver, a character set or SQLite itself would hand over as others: whole, or
// refused.
#include "sql_fixture.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;

// psqlODBC itself takes BC off a date, and makes the year 1000 of 10000 and 0000-00-00 of infinity.
TEST(SqlCells, HaveTheDatesThatPostgresHas) {
  postgres().sql("CREATE TABLE days (id int, \"day of \"\"it\"\"\" date)");
  const std::vector<std::string> days = {"2024-02-29",    "9999-12-31",    "10000-01-01",
                                         "99999-12-31",   "0001-01-01",    "0044-03-15",
                                         "0044-03-15 BC", "0001-01-01 BC", "4713-01-01 BC",
                                         "2024-01-01 BC", "infinity",      "-infinity"};
  std::vector<Row> wanted;
  for (const std::string& day : days) {
    wanted.push_back({std::to_string(wanted.size()), day});
    postgres().sql("INSERT INTO days VALUES (" + wanted.back()[0] + ", '" + day + "')");
  }
  for (const std::string& url : {postgres().url(), psqlodbc("Unicode"), psqlodbc("ANSI")}) {
    for (const std::string query :
         {"SELECT * FROM days ORDER BY id", "SELECT * FROM days ORDER BY id; -- all",
          "WITH d AS (TABLE days) SELECT * FROM d ORDER BY id -- all",
          "(SELECT * FROM days WHERE id < 5 UNION SELECT * FROM days WHERE id > 4) ORDER BY 1"}) {
      const Result<Table> read = read_table(url, query);
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_EQ(read->rows, wanted) << query;
      EXPECT_EQ(read->columns, (std::vector<std::string>{"id", "day of \"it\""})) << query;
    }
  }
}

TEST(SqlCells, HaveTheDatesOfAUser) {
  const std::string query =
      "SELECT 1 AS id, date '0044-03-15 BC' AS day, :email AS who WHERE :email IS NOT NULL";
  for (const std::string& url : {postgres().url(), psqlodbc("Unicode"), psqlodbc("ANSI")}) {
    const Result<Table> read = read_table(url, query, {.user = "ann@x.org"});
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->rows, (std::vector<Row>{{"1", "0044-03-15 BC", "ann@x.org"}}));
  }
}

TEST(SqlCells, RefusesADateThatAProcedureGivesToPsqlodbc) {
  postgres().sql(
      "CREATE PROCEDURE a_day(INOUT id int, INOUT day date) LANGUAGE plpgsql AS 'BEGIN END'");
  for (const std::string driver : {"Unicode", "ANSI"})
    EXPECT_THAT(message_of(psqlodbc(driver), "CALL a_day(1, '0044-03-15 BC')"),
                HasSubstr("column 'day': a moment"));
}

// psqlODBC makes 0000-00-00 or the year 9999 BC of what its moments have not.
TEST(SqlCells, RefusesMomentsThatADriverLoses) {
  for (const std::string moment : {"'-infinity'::timestamp", "'-infinity'::timestamptz",
                                   "'12345-01-01'::timestamp", "'12345-01-01'::timestamptz",
                                   "'0044-03-15 BC'::timestamp", "'0044-03-15 BC'::timestamptz"}) {
    const std::string query = "SELECT 1 AS id, " + moment + " AS day";
    EXPECT_THAT(message_of(psqlodbc("Unicode"), query), HasSubstr("'day': a moment")) << moment;
    EXPECT_THAT(message_of(psqlodbc("ANSI"), query), HasSubstr("day::text")) << moment;
    EXPECT_EQ(first_row(postgres().url(), query),
              first_row(psqlodbc("Unicode"), "SELECT 1 AS id, (" + moment + ")::text AS day"));
  }
}

// MariaDB's driver itself ends a text there.
TEST(SqlCells, HaveTheWholeOfATextWithANul) {
  const std::string nul(1, '\0');
  const std::vector<std::pair<std::string, std::string>> family = {
      {"concat('a', char(0 using utf8mb4), 'b')", "a" + nul + "b"},
      {"char(0 using utf8mb4)", nul},
      {"concat('a', char(0 using utf8mb4))", "a" + nul},
      {"concat('ü😀', char(0 using utf8mb4), '😀')", "ü😀" + nul + "😀"}};
  for (const auto& [literal, text] : family) {
    // As a key, too.
    const Result<Table> read =
        read_table(mariadb().url(), "SELECT " + literal + " AS id, " + literal + " AS v");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->rows, (std::vector<Row>{{text, text}})) << literal;
  }
}

// Letters that a character set lacks would arrive as others.
TEST(SqlCells, ComeByNoPoorerCharacterSet) {
  const std::string query = "SELECT '😀' AS id, '€' AS v";
  for (const std::string set : {"utf8", "latin1", "ascii", "cp1250"}) {
    const std::string message = message_of(mariadb().url() + ";CHARSET=" + set, query);
    EXPECT_THAT(message, HasSubstr("the character set of the connection is ")) << set;
    EXPECT_THAT(message, HasSubstr("Write CHARSET=utf8mb4")) << set;
  }
  EXPECT_EQ(first_row(mariadb().url(), query), "😀|€");
  EXPECT_EQ(first_row(mariadb().url() + ";CHARSET=utf8mb4", query), "😀|€");
}

// SQLite itself shows 15 digits, which is another number for some.
TEST(SqlCells, HaveTheWholeOfARealOfSqlite) {
  const std::vector<std::pair<std::string, std::string>> family = {
      {"1.5", "1.5"},
      {"0.1", "0.1"},
      {"20.0", "20.0"},
      {"1e21", "1.0e+21"},
      {"123456789012345.0", "123456789012345.0"},
      {"-99999.99", "-99999.99"},
      {"cast(9007199254740991 as real)", "9007199254740991.0"},
      {"cast(-9007199254740991 as real)", "-9007199254740991.0"},
      {"cast(1234567890123456 as real)", "1234567890123456.0"},
      {"cast(1234567890123457 as real)", "1234567890123457.0"},
      {"0.1 + 0.2", "0.30000000000000004"},
      {"1.2345678901234567", "1.2345678901234567"},
      {"1.0 / 3", "0.3333333333333333"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"2.2250738585072014e-308", "2.2250738585072014e-308"},
      {"9e999", "Inf"},
      {"-9e999", "-Inf"}};
  for (const auto& [literal, text] : family)
    EXPECT_EQ(first_row("sqlite3://" + sqlite_file(), "SELECT " + literal + ", 1 AS v"),
              text + "|1");
}

TEST(SqlCells, RefusesBytesThatTheDriverOfSqliteShowsAsText) {
  run_on_sqlite(
      "CREATE TABLE hidden (id int, t text, i integer, n); INSERT INTO hidden VALUES (1, "
      "x'4100ff', x'', x'41'), (2, 'X''4'' ', 'X''4''', 'x''41''')");
  const std::string url = sqliteodbc_way().url();
  for (const std::string column : {"t", "i", "n"}) {
    EXPECT_THAT(message_of(url, "SELECT id, " + column + " FROM hidden WHERE id = 1"),
                HasSubstr("'" + column + "'"))
        << column;
    EXPECT_THAT(message_of("sqlite3://" + sqlite_file(), "SELECT id, " + column + " FROM hidden"),
                HasSubstr("holds bytes"));
  }
  EXPECT_EQ(first_row(url, "SELECT id, t, i, n FROM hidden WHERE id = 2"), "2|X'4' |X'4'|x'41'");
  EXPECT_EQ(first_row(url, "SELECT id, hex(t) FROM hidden WHERE id = 1"), "1|4100FF");
}

TEST(SqlCells, HaveTheLettersThatTheDatabaseHas) {
  const std::string query = "SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS id, 'B' AS b";
  for (const std::string& url : {postgres().url(), psqlodbc("Unicode"), psqlodbc("ANSI")})
    EXPECT_EQ(first_row(url, query), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|B");
}

TEST(SqlCells, RefusesBytesWithTheColumnsName) {
  mariadb().sql(
      "CREATE TABLE bytes (id int, b1 bit(1), bits bit(8), bin binary(4), vbin varbinary(10), "
      "photo blob, big longblob); INSERT INTO bytes VALUES (1, b'1', b'101', 'ab', x'00ff', 'x', "
      "'y')",
      "crm");
  for (const std::string column : {"bits", "bin", "vbin", "photo", "big"}) {
    const std::string message = message_of(mariadb().url(), "SELECT id, " + column + " FROM bytes");
    EXPECT_THAT(message, HasSubstr("column '" + column + "' holds bytes")) << message;
    EXPECT_THAT(first_row(mariadb().url(), "SELECT id, hex(" + column + ") FROM bytes"),
                HasSubstr("1|"));
  }
  postgres().sql(
      "CREATE TABLE bytes (id int, photo bytea); INSERT INTO bytes VALUES (1, '\\x00ff')");
  EXPECT_THAT(message_of(psqlodbc("Unicode"), "SELECT id, photo FROM bytes"),
              HasSubstr("column 'photo' holds bytes"));
  EXPECT_EQ(first_row(postgres().url(), "SELECT id, photo FROM bytes"), "1|\\x00ff");
  run_on_sqlite("CREATE TABLE bytes (id int, photo blob); INSERT INTO bytes VALUES (1, x'00ff')");
  EXPECT_THAT(message_of("sqlite3://" + sqlite_file(), "SELECT id, photo FROM bytes"),
              HasSubstr("column 'photo' holds bytes"));
  EXPECT_EQ(first_row("sqlite3://" + sqlite_file(), "SELECT id, hex(photo) FROM bytes"), "1|00FF");
}

}  // namespace
}  // namespace weir::cli
