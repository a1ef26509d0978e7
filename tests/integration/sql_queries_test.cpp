// Queries as people write them: what runs in psql, sqlite3 or the mariadb client runs here as it
// stands.
#include <filesystem>

#include "sql_fixture.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Query {
  std::string text;
  std::string first_row;
};

// In every database.
const std::vector<Query> kEverywhere = {
    {"SELECT 1 AS a, 2 AS b", "1|2"},
    {"select 1 a, 2 b;", "1|2"},
    {"SELECT 1 AS a, 2 AS b ; ", "1|2"},
    {"SELECT 1 AS a, 2 AS b;;\n;", "1|2"},
    {"\n\n  SELECT 1 AS a,\r\n\t2 AS b\n", "1|2"},
    {"SELECT 1 AS a, 2 AS b -- open ones", "1|2"},
    {"SELECT 1 AS a, 2 AS b -- open ones\n", "1|2"},
    {"SELECT 1 AS a, 2 AS b; -- the end", "1|2"},
    {"-- crews\nSELECT 1 AS a, 2 AS b", "1|2"},
    {"-- it's; :email\nSELECT 1 AS a, 2 AS b", "1|2"},
    {"/* crews */ SELECT 1 AS a, /* ; */ 2 AS b", "1|2"},
    {"SELECT 1 AS a /* it's \" :email */, 2 AS b", "1|2"},
    {"SELECT 1 AS a, 2 AS b /* the end */", "1|2"},
    {"SELECT 1 AS a, 2 AS b; /* the\nend; */", "1|2"},
    {"SELECT 'a;b' AS a, ';' AS b", "a;b|;"},
    {"SELECT 'it''s' AS a, '''' AS b", "it's|'"},
    {"SELECT 'it''s :email' AS a, ':email' AS b", "it's :email|:email"},
    {"SELECT '-- no comment' AS a, '/* none' AS b", "-- no comment|/* none"},
    {"SELECT 'ü' AS a, '😀' AS b", "ü|😀"},
    {"SELECT '12:30' AS a, 'a::text' AS b", "12:30|a::text"},
    {"SELECT '' AS a, ' ' AS b", "| "},
    {"SELECT NULL AS a, 1 AS b", "|1"},
    {"SELECT '?' AS a, '$1' AS b", "?|$1"},
    {"SELECT '{x}' AS a, '%s %d' AS b", "{x}|%s %d"},
    {"SELECT 'a\nb' AS a, 'c\td' AS b", "a\nb|c\td"},
    {"WITH t AS (SELECT 1 AS a, 2 AS b) SELECT a, b FROM t", "1|2"},
    {"WITH t AS (SELECT 1 AS a), u AS (SELECT a + 1 AS b FROM t) SELECT * FROM t, u", "1|2"},
    {"WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n WHERE a < 5) "
     "SELECT max(a) AS a, min(a) AS b FROM n",
     "5|1"},
    {"SELECT 1 AS a, 2 AS b UNION ALL SELECT 3, 4 ORDER BY 1 DESC", "3|4"},
    {"SELECT 1 AS a, 2 AS b UNION SELECT 3, 4 ORDER BY a LIMIT 1", "1|2"},
    {"SELECT * FROM (SELECT 1 AS a, 2 AS b) AS t", "1|2"},
    {"SELECT a, count(*) AS b FROM (SELECT 1 AS a UNION ALL SELECT 1) t GROUP BY a HAVING count(*) "
     "> 1",
     "1|2"},
    {"SELECT CASE WHEN 1 = 1 THEN 'yes' ELSE 'no' END AS a, 2 AS b", "yes|2"},
    {"SELECT cast(1 AS char(1)) AS a, 2 AS b", "1|2"},
    {"SELECT coalesce(NULL, 'x') AS a, nullif(1, 1) AS b", "x|"},
    {"SELECT 1 AS a, (SELECT 2) AS b", "1|2"},
    {"SELECT 5%3 AS a, 7-3 AS b", "2|4"},
    {"SELECT 1 AS a, 2 AS b WHERE 1 IN (1, 2) AND 'x' LIKE '%x%'", "1|2"},
    {"SELECT row_number() OVER (ORDER BY t.a) AS n, a AS b FROM (SELECT 7 AS a) t", "1|7"},
    {"SELECT 1 AS a, 2 AS b WHERE NOT EXISTS (SELECT 1 WHERE 1 = 0)", "1|2"},
    {"SELECT lower('ABC') AS a, upper('abc') AS b", "abc|ABC"},
    {"SELECT replace('a:b', ':', ';') AS a, 'x' AS b", "a;b|x"},
    {"SELECT 1 AS a, 2 AS b -- 'not closed", "1|2"},
    {"SELECT 1 AS a, 2 AS b /* \"not closed */", "1|2"}};

const std::vector<Query> kOfPostgres = {
    {"SELECT 'a'::text AS a, 'b'::varchar(5) AS b", "a|b"},
    {"SELECT 1::text, '12:30'::time::text AS b", "1|12:30:00"},
    {"SELECT 'email'::text AS a, 'x' :: text AS b", "email|x"},
    {"SELECT now()::date = current_date AS a, 1 AS b WHERE '12:30'::time > '12:00'", "t|1"},
    {"SELECT (ARRAY[1,2,3])[2:3] AS a, 'x' AS b", "{2,3}|x"},
    {"SELECT (ARRAY[1,2,3])[1] AS a, (ARRAY['a','b'])[:1] AS b", "1|{a}"},
    {"SELECT $$it's; -- :email$$ AS a, $x$ $$ ; $x$ AS b", "it's; -- :email| $$ ; "},
    {"SELECT $tag$a$tag$ AS a, $a$b$a$ AS b", "a|b"},
    {"SELECT E'it\\'s; ' AS a, E'\\\\' AS b", "it's; |\\"},
    {"SELECT 'C:\\' AS a, 'b' AS b", "C:\\|b"},
    {"SELECT U&'\\00fc' AS a, 1 AS b", "ü|1"},
    {"/* outer /* inner; */ still */ SELECT 1 AS a, 2 AS b", "1|2"},
    {"SELECT '{\"a\":1}'::jsonb->>'a' AS a, '{\"a\":{\"b\":2}}'::jsonb#>>'{a,b}' AS b", "1|2"},
    {"SELECT '{\"a\":1}'::jsonb @> '{\"a\":1}'::jsonb AS a, 1 AS b", "t|1"},
    {"SELECT jsonb_path_query_first('{\"a\":[1,2]}', '$.a[1]') AS a, 1 AS b", "2|1"},
    {"SELECT a.\"x:email\" AS a, 1 AS b FROM (SELECT 1 AS \"x:email\") a", "1|1"},
    {"SELECT \"t;\".a, 2 AS b FROM (SELECT 1 AS a) \"t;\"", "1|2"},
    {"SELECT generate_series AS a, 1 AS b FROM generate_series(1, 3) ORDER BY 1 DESC", "3|1"},
    {"SELECT string_agg(x, ':' ORDER BY x) AS a, 1 AS b FROM unnest(ARRAY['p','q']) x", "p:q|1"},
    {"SELECT to_char(timestamp '2024-01-02 12:30', 'HH24:MI') AS a, 1 AS b", "12:30|1"},
    {"SELECT DISTINCT ON (a) a, b FROM (VALUES (1, 2), (1, 3)) t(a, b) ORDER BY a, b DESC", "1|3"},
    {"SELECT t.* FROM (SELECT 1 AS a, 2 AS b) t, LATERAL (SELECT 3) l(c)", "1|2"},
    {"TABLE one", "1|2"},
    {"VALUES (1, 2), (3, 4)", "1|2"},
    {"SELECT a, b FROM one TABLESAMPLE SYSTEM (100)", "1|2"},
    {"SELECT 5 !=3 AS a, 'a' ~ '^[:a]' AS b", "t|t"},
    {"SELECT regexp_replace('a:b', '[[:punct:]]', '') AS a, 1 AS b", "ab|1"},
    {"SELECT interval '1 day 02:03:04' AS a, 1 AS b", "1 day 02:03:04|1"},
    {"SELECT timestamptz '2024-01-02 12:30:00+00' AT TIME ZONE 'UTC' AS a, 1 AS b",
     "2024-01-02 12:30:00|1"},
    {"SELECT 1 AS \"a\", 2 AS \"b\" FROM one LIMIT 1 OFFSET 0", "1|2"}};

// psqlODBC has words of its own for true and times.
const std::vector<Query> kOfPsqlodbc = {
    {"SELECT 'a'::text AS a, 'b'::varchar(5) AS b", "a|b"},
    {"SELECT (ARRAY[1,2,3])[2:3] AS a, 'x'::text AS b", "{2,3}|x"},
    {"SELECT $$it's; -- :email$$ AS a, 'x' AS b", "it's; -- :email|x"},
    {"SELECT E'it\\'s; ' AS a, 'C:\\' AS b", "it's; |C:\\"},
    {"SELECT '{\"a\":1}'::jsonb->>'a' AS a, 1 AS b", "1|1"},
    {"/* outer /* inner; */ still */ SELECT 1 AS a, 2 AS b", "1|2"},
    {"SELECT \"t;\".a, 2 AS b FROM (SELECT 1 AS a) \"t;\"", "1|2"},
    {"SELECT to_char(timestamp '2024-01-02 12:30', 'HH24:MI') AS a, 1 AS b", "12:30|1"}};

const std::vector<Query> kOfSqlite = {
    {"SELECT [a;b] AS a, 2 AS b FROM (SELECT 1 AS [a;b])", "1|2"},
    {"SELECT `a:email` AS a, 2 AS b FROM (SELECT 1 AS `a:email`)", "1|2"},
    {"SELECT strftime('%H:%M', '2024-01-02 12:30') AS a, 1 AS b", "12:30|1"},
    {"SELECT '{\"a\":1}' ->> '$.a' AS a, json_extract('{\"a\":2}', '$.a') AS b", "1|2"},
    {"SELECT 'C:\\' AS a, 1 AS b", "C:\\|1"},
    {"SELECT printf('%05.2f', 1.5) AS a, 'x' || 'y' AS b", "01.50|xy"},
    {"SELECT group_concat(a, ':') AS a, 1 AS b FROM (SELECT 'p' AS a UNION ALL SELECT 'q')",
     "p:q|1"},
    {"VALUES (1, 2), (3, 4)", "1|2"},
    {"PRAGMA table_info(one)", "0|a||0||0"}};

const std::vector<Query> kOfMariadb = {
    {"SELECT 'it\\'s; :email' AS a, 1 AS b", "it's; :email|1"},
    {"SELECT \"it's; :email\" AS a, \"\\\"\" AS b", "it's; :email|\""},
    {"SELECT 1 AS `a;`, 2 AS `b:email`", "1|2"},
    {"SELECT 1 AS a, 2 AS b # it's :email", "1|2"},
    {"# crews;\nSELECT 1 AS a, 2 AS b", "1|2"},
    {"SELECT date_format('2024-01-02 12:30', '%H:%i') AS a, 1 AS b", "12:30|1"},
    {"SELECT json_value('{\"a\":1}', '$.a') AS a, 1 AS b", "1|1"},
    {"SELECT concat(1, 'x') AS a, group_concat('p' SEPARATOR ':') AS b", "1x|p"},
    {"SELECT if(1, 'yes', 'no') AS a, 10 DIV 3 AS b", "yes|3"},
    {"SELECT concat_ws(':', 'a', 'b') AS a, 1 AS b LIMIT 1", "a:b|1"},
    {"SELECT time('12:30:00') AS a, 1 AS b", "12:30:00|1"},
    {"SELECT 1 AS a, 5--1 AS b", "1|6"},
    {"SELECT count(*) AS a, 1 AS b FROM (SELECT 10 AS v UNION SELECT 11) t WHERE v > 4--6", "1|1"},
    {"SELECT 1 AS a, 5--(1) AS b -- 5--1", "1|6"},
    {"SELECT 1 AS a, 2 AS b --\t'", "1|2"},
    {"SELECT 1 AS a, 2 /*! + 1 */ AS b", "1|3"},
    {"SELECT 1 AS a, 2 AS b /*!, 3 AS c */", "1|2|3"},
    {"SELECT 1 AS a, 2 AS b /*M! , 3 AS c */;", "1|2|3"},
    {"SELECT 1 AS a, 2 AS b /*!50101 , 3 AS c */ -- '", "1|2|3"},
    {"SELECT 1 AS a, 2 AS b /*!999999 , 3 AS c */", "1|2"}};

std::vector<Query> queries_of(const Way& way) {
  std::vector<Query> queries = kEverywhere;
  const std::vector<Query>& more = way.name == "postgresql"           ? kOfPostgres
                                   : way.name.starts_with("psqlodbc") ? kOfPsqlodbc
                                   : way.name == "sqlite3"            ? kOfSqlite
                                   : way.name == "mariadb"            ? kOfMariadb
                                                                      : kEverywhere;
  queries.insert(queries.end(), more.begin(), more.end());
  return queries;
}

TEST_P(OnEachWay, RunsQueriesAsPeopleWriteThem) {
  if (GetParam().name == "postgresql")
    postgres().sql("CREATE TABLE IF NOT EXISTS one AS SELECT 1 AS a, 2 AS b");
  if (GetParam().name == "sqlite3") run_on_sqlite("CREATE TABLE one (a, b)");
  for (const Query& query : queries_of(GetParam())) {
    // The driver itself takes a semicolon in a comment for the end of the statement.
    if (GetParam().name == "sqliteodbc" && query.text.find("/* ; */") != std::string::npos)
      continue;
    EXPECT_EQ(first_row(GetParam().url(), query.text), query.first_row) << query.text;
  }
}

TEST_P(OnEachWay, RefusesSeveralStatements) {
  for (const std::string query :
       {"SELECT 1 AS a, 2 AS b; SELECT 3 AS a, 4 AS b", "SELECT 1 AS a, 2 AS b; DROP TABLE x",
        "SELECT ';' AS a, 2 AS b;\n-- then\nSELECT 3", ";SELECT 1 AS a, 2 AS b; x"}) {
    EXPECT_THAT(message_of(GetParam().url(), query), HasSubstr("several statements")) << query;
  }
  for (const std::string query : {"", " ", ";", "-- nothing", "/* nothing */ ;"})
    EXPECT_THAT(message_of(GetParam().url(), query), HasSubstr("the query is empty")) << query;
}

TEST_P(OnEachWay, SaysWhatIsWrongWithAQuery) {
  EXPECT_THAT(message_of(GetParam().url(), "SELECT 1 AS a, x FROM no_such_table"),
              HasSubstr("no_such_table"));
  EXPECT_NE(message_of(GetParam().url(), "SELEC 1"), "no error");
  EXPECT_NE(message_of(GetParam().url(), "SELECT 'not closed"), "no error");
}

TEST(SqlQueries, ReadsAndNeverWrites) {
  postgres().sql("CREATE TABLE IF NOT EXISTS kept (id int, v text)");
  for (const std::string query :
       {"INSERT INTO kept VALUES (1, 'x') RETURNING id, v", "DELETE FROM kept RETURNING id, v",
        "CREATE TABLE made (id int)", "DROP TABLE kept"}) {
    EXPECT_THAT(message_of(postgres().url(), query), HasSubstr("read-only transaction")) << query;
  }
  run_on_sqlite("CREATE TABLE IF NOT EXISTS kept (id int, v text)");
  EXPECT_THAT(
      message_of("sqlite3://" + sqlite_file(), "INSERT INTO kept VALUES (1, 'x') RETURNING id, v"),
      HasSubstr("readonly"));
  EXPECT_THAT(message_of("sqlite3://" + sqlite_file(), "CREATE TABLE made (id int)"),
              HasSubstr("gives no rows"));
}

// A question mark of jsonb is a parameter to the driver.
TEST(SqlQueries, SayHowToWriteWhatPsqlodbcTakesForAParameter) {
  for (const std::string driver : {"Unicode", "ANSI"}) {
    for (const std::string query : {"SELECT 1 AS a, 2 AS b WHERE '{}'::jsonb ? 'a'",
                                    "SELECT 1 AS a, 2 AS b WHERE '{}'::jsonb ?| ARRAY['a']",
                                    "SELECT 1 AS a, 2 AS b WHERE '{}'::jsonb @? '$.a'"})
      EXPECT_THAT(message_of(psqlodbc(driver), query), HasSubstr("jsonb_exists(a, b)")) << query;
    EXPECT_EQ(first_row(psqlodbc(driver),
                        "SELECT 1 AS a, '?' AS b WHERE jsonb_exists('{\"a\":1}'::jsonb, 'a')"),
              "1|?");
  }
}

TEST(SqlQueries, PrintNothingOfWhatTheServerSaysAside) {
  postgres().sql(
      "CREATE FUNCTION talks() RETURNS int LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''n''; RAISE "
      "WARNING ''w''; RAISE INFO ''i''; RETURN 1; END'");
  for (const std::string& url : {postgres().url(), psqlodbc("Unicode")}) {
    ::testing::internal::CaptureStderr();
    const std::string row = first_row(url, "SELECT talks() AS a, 2 AS b");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(row, "1|2");
  }
}

TEST(SqlQueries, OpensAnSqliteFileByAnyName) {
  const TemporaryFolder folder;
  for (const std::string name : {"a b.db", "50%.db", "what?.db", "a=b.db", "größe.db", "a#b.db",
                                 "a&b;c.db", "%41.db", "a'b\".db", ":x:.db"}) {
    std::filesystem::copy_file(
        [] {
          run_on_sqlite("CREATE TABLE IF NOT EXISTS named (a, b)");
          return sqlite_file();
        }(),
        folder.file(name));
    EXPECT_EQ(first_row("sqlite3://" + folder.file(name), "SELECT 1 AS a, 2 AS b"), "1|2") << name;
  }
}

TEST(SqlQueries, TakesEveryFormOfAPostgresAddress) {
  const std::string port = postgres().port();
  for (const std::string& address :
       {"postgresql://weir@127.0.0.1:" + port + "/postgres",
        "postgres://weir@127.0.0.1:" + port + "/postgres",
        "postgresql://weir@127.0.0.1:" + port + "/postgres?sslmode=prefer&application_name=x",
        "postgresql://127.0.0.1/postgres?user=weir&port=" + port,
        "postgresql:///postgres?host=127.0.0.1&user=weir&port=" + port,
        "postgresql://we%69r:p%40ss@127.0.0.1:" + port + "/postgres",
        "postgresql://weir@127.0.0.1:1,127.0.0.1:" + port + "/postgres",
        "host=127.0.0.1 port=" + port + " user=weir dbname=postgres",
        "host='127.0.0.1' port=" + port + " user=weir password='it\\'s' dbname=postgres"}) {
    EXPECT_EQ(first_row(address, "SELECT 1 AS a, 2 AS b"), "1|2") << address;
  }
}

}  // namespace
}  // namespace weir::cli
