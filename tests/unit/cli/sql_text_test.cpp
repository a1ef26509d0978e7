#include "input/sql_text.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

// Where the parameters stand, written as <>.
std::string marked(const std::string& query, const SqlDialect& dialect) {
  const Result<SqlText> text = SqlText::scan(query, dialect);
  return text ? text->with("<>") : text.error().message;
}

TEST(SqlText, FindsTheUserOutsideOfLiteralsCommentsAndNames) {
  const std::vector<std::pair<std::string, std::string>> everywhere = {
      {"a = :email", "a = <>"},
      {":email", "<>"},
      {"a=:email", "a=<>"},
      {"a in (:email,:email)", "a in (<>,<>)"},
      {"lower(:email)", "lower(<>)"},
      {"a = :email;", "a = <>"},
      {"a = :email -- :email", "a = <> -- :email"},
      {"a = :email -- :email\n", "a = <> -- :email\n"},
      {"a = :email; -- :email", "a = <>"},
      {"a = :email /* :email */", "a = <> /* :email */"},
      {"a = :email /* ; */ ; /* :email */", "a = <> /* ; */ "},
      {"a = :email /* :email */ and b", "a = <> /* :email */ and b"},
      {"-- :email\na = :email", "-- :email\na = <>"},
      {"a = ':email'", "a = ':email'"},
      {"a = ':email''' or b = :email", "a = ':email''' or b = <>"},
      {"\":email\" = :email", "\":email\" = <>"},
      {"a = :emails", "a = :emails"},
      {"a = :email_address", "a = :email_address"},
      {"a = :e", "a = :e"},
      {"a = :EMAIL", "a = :EMAIL"},
      {"x ::email", "x ::email"},
      {"x::email", "x::email"},
      {"x:::email", "x:::email"},
      {"12:email", "12:email"},
      {"a[1:email]", "a[1:email]"},
      {"a[b:email]", "a[b:email]"},
      {"a[(1):email]", "a[(1):email]"},
      {"'k':email", "'k':email"},
      {"a = :email'", "a = <>'"},
      {"a = 'x", "a = 'x"},
      {"/* :email", "the query is empty"}};
  for (const auto& [query, wanted] : everywhere) {
    for (const SqlDialect& dialect : {kPostgresDialect, kMysqlDialect})
      EXPECT_EQ(marked(query, dialect), wanted) << query;
  }
}

TEST(SqlText, KnowsTheDialects) {
  EXPECT_EQ(marked("$$ :email $$ = :email", kPostgresDialect), "$$ :email $$ = <>");
  EXPECT_EQ(marked("$a$ $$ :email $a$, :email", kPostgresDialect), "$a$ $$ :email $a$, <>");
  EXPECT_EQ(marked("a$b$c = :email", kPostgresDialect), "a$b$c = <>");
  EXPECT_EQ(marked("$1 = :email", kPostgresDialect), "$1 = <>");
  EXPECT_EQ(marked("e'\\':email' = :email", kPostgresDialect), "e'\\':email' = <>");
  EXPECT_EQ(marked("'\\' = :email", kPostgresDialect), "'\\' = <>");
  EXPECT_EQ(marked("/* /* */ :email */ :email", kPostgresDialect), "/* /* */ :email */ <>");
  EXPECT_EQ(marked("array[:email]", kPostgresDialect), "array[<>]");
  EXPECT_EQ(marked("a ? 'b' and c ?| d and :email", kPostgresDialect), "a ? 'b' and c ?| d and <>");
  EXPECT_EQ(marked("'\\':email' = :email", kMysqlDialect), "'\\':email' = <>");
  EXPECT_EQ(marked("# :email\n:email", kMysqlDialect), "# :email\n<>");
  EXPECT_EQ(marked("/* /* */ :email", kMysqlDialect), "/* /* */ <>");
  EXPECT_EQ(marked("`:email` = :email", kMysqlDialect), "`:email` = <>");
  EXPECT_EQ(marked("[:email] = :email", kSqliteDialect), "[:email] = <>");
}

// Two dashes begin a comment of MySQL only before a blank, and it executes /*! … */.
TEST(SqlText, KnowsTheCommentsOfMysql) {
  const std::vector<std::pair<std::string, std::string>> of_mysql = {
      {"v > 4--6 or :email", "v > 4--6 or <>"},
      {"5--:email", "5--<>"},
      {"5--1;", "5--1"},
      {"5--(1) -- :email", "5--(1) -- :email"},
      {"5--'1'", "5--'1'"},
      {"a --\t:email\n:email", "a --\t:email\n<>"},
      {"a --\x01:email", "a --\x01:email"},
      {"a --\n:email", "a --\n<>"},
      {"a --", "a --"},
      {"a /*! where :email */", "a /*! where <> */"},
      {"a /*M! where :email */", "a /*M! where <> */"},
      {"a /*!50101 where :email */ and b", "a /*!50101 where <> */ and b"},
      {"a /*! b /* :email */ */", "a /*! b /* :email */ */"},
      {"a /*+ :email */", "a /*+ :email */"},
      {"a /* ! :email */", "a /* ! :email */"},
      {"a; /*! b */", "there are several statements in it, but it must be one"},
      {"/*! a */", "/*! a */"}};
  for (const auto& [query, wanted] : of_mysql)
    EXPECT_EQ(marked(query, kMysqlDialect), wanted) << query;
  for (const SqlDialect& dialect : {kPostgresDialect, kSqliteDialect}) {
    EXPECT_EQ(marked("a --:email\n:email", dialect), "a --:email\n<>");
    EXPECT_EQ(marked("a /*! :email */, :email", dialect), "a /*! :email */, <>");
    EXPECT_EQ(marked("/*! a */", dialect), "the query is empty");
  }
}

TEST(SqlText, KnowsTheFirstWord) {
  const std::vector<std::pair<std::string, std::string>> family = {{"SELECT 1", "select"},
                                                                   {"select*from t", "select"},
                                                                   {"(SELECT 1)", "select"},
                                                                   {" ;\n-- x\nWith a", "with"},
                                                                   {"/* a */ Call p()", "call"},
                                                                   {"{call p()}", "call"},
                                                                   {"{ CALL p()}", "call"},
                                                                   {"'a'", ""},
                                                                   {"$1", ""},
                                                                   {"delete", "delete"}};
  for (const auto& [query, wanted] : family)
    EXPECT_EQ(SqlText::scan(query, kPostgresDialect)->first_word(), wanted) << query;
  EXPECT_EQ(SqlText::scan("/*! DROP TABLE t */", kMysqlDialect)->first_word(), "");
}

// Nothing but the parameter is changed, and every prefix of a query can be scanned.
TEST(SqlText, LosesNothing) {
  const std::string query =
      "SELECT 'a;''b' AS \"x;\", e'\\'', $t$ ; $t$, /* ; */ [y] FROM t -- ;\nWHERE u = :email";
  for (const SqlDialect& dialect :
       {kPostgresDialect, kMysqlDialect, kSqliteDialect, SqlDialect{}}) {
    for (std::size_t size = 0; size <= query.size(); ++size) {
      const std::string prefix = query.substr(0, size);
      const Result<SqlText> text = SqlText::scan(prefix, dialect);
      if (text) {
        EXPECT_TRUE(prefix.starts_with(text->with(":email"))) << prefix;
      }
    }
  }
}

struct Named {
  std::string statement;
  std::string marked;
  std::vector<std::string> names;
};

TEST(NamedSql, FindsEachParameterWhereItStands) {
  const std::vector<Named> family = {
      {"INSERT INTO t VALUES (:id, :answer.page.size)",
       "INSERT INTO t VALUES (<1>, <2>)",
       {"id", "answer.page.size"}},
      {":id,:id", "<1>,<2>", {"id", "id"}},
      {"':id' || \":id\" || :id;", "':id' || \":id\" || <1>", {"id"}},
      {":id::text", "<1>::text", {"id"}},
      {"a[1:2] = :json::jsonb -- :user", "a[1:2] = <1>::jsonb -- :user", {"json"}},
      {":answer.x.", "<1>.", {"answer.x"}},
      {":answer.größe", "<1>", {"answer.größe"}},
      {"x = :1 and y = :_a1", "x = :1 and y = <1>", {"_a1"}},
      {"$$ :id $$, E'\\':id'", "$$ :id $$, E'\\':id'", {}},
      {"SELECT 1", "SELECT 1", {}}};
  for (const Named& named : family) {
    const Result<NamedSql> sql = NamedSql::scan(named.statement, kPostgresDialect);
    ASSERT_TRUE(sql) << named.statement;
    EXPECT_EQ(sql->with([](std::size_t number) { return "<" + std::to_string(number) + ">"; }),
              named.marked);
    EXPECT_EQ(sql->names(), named.names) << named.statement;
  }
}

TEST(NamedSql, IsOneStatement) {
  for (const char* statement : {"", " ; ", "-- :id", "INSERT INTO t VALUES (:id); DROP TABLE t"})
    EXPECT_FALSE(NamedSql::scan(statement, kPostgresDialect)) << statement;
}

}  // namespace
}  // namespace weir::cli
