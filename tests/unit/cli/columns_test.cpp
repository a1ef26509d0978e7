// Columns of files and queries: each cell arrives in the column that was named for it, or the file
// is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "support/row_files.h"

namespace weir::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ColumnsTest : public testing::RowFilesTest {
 protected:
  static RowSourceOptions with_columns(const std::string& columns) {
    return {.columns = parse_columns(columns)};
  }
  // The same row from a CSV, an NDJSON, and a query.
  std::vector<std::string> from_all(const std::string& columns) {
    const RowSourceOptions options = with_columns(columns);
    const std::string database = "sqlite3://" + folder_.file("none.db");
    sqlite3* made = nullptr;
    EXPECT_EQ(sqlite3_open(folder_.file("none.db").c_str(), &made), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(made, "CREATE TABLE IF NOT EXISTS t (a)", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(made);
    return {csv("id,v,w\n1,a,b\n", options),
            ndjson("{\"id\":1,\"v\":\"a\",\"w\":\"b\"}\n", options),
            read(*sql_source(database, "SELECT 1 AS id, 'a' AS v, 'b' AS w", options))};
  }
};

TEST_F(ColumnsTest, ComeFromWhereTheyWereNamedHoweverOftenAndInWhateverOrder) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"id,v,w", "1|a|b|\n"},
      {"id,name=v,alias=v", "1|a|a|\n"},
      {"id,v=w,w=w", "1|b|b|\n"},
      {"id,v=id,w=id", "1|1|1|\n"},
      {"id,v=id,w", "1|1|b|\n"},
      {"id,v=w,w=v", "1|b|a|\n"},
      {"id=w,v,w=id", "b|a|1|\n"},
      {"id=v,v,w", "a|a|b|\n"},
      {"id,v=id", "1|1|\n"},
      {"id,a=v,b=v,c=v,d=w", "1|a|a|a|b|\n"},
      {"id,a=id,v=id,w=v", "1|1|1|a|\n"},
      {"x=id,y=v,z=w", "1|a|b|\n"}};
  for (const auto& [columns, row] : cases)
    EXPECT_THAT(from_all(columns), ::testing::Each(row)) << columns;
  EXPECT_EQ(csv("id,v\n1,x\n", with_columns("id,v=id")), "1|1|\n");
}

TEST_F(ColumnsTest, ThatNoRecordHasAreRefusedWithTheMembersThatAreThere) {
  const std::string two = "{\"id\":1,\"v\":\"a\"}\n{\"id\":2,\"v\":\"b\",\"w\":\"c\"}\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"id,v=V", "'V'"}, {"id,v=", "''"}, {"id,*", "'*'"}, {"ID,v", "'ID'"}};
  for (const auto& [columns, name] : cases) {
    const std::string refused = ndjson(two, with_columns(columns));
    EXPECT_THAT(refused, HasSubstr("there is no column " + name)) << columns;
    EXPECT_THAT(refused, AllOf(HasSubstr("v"), HasSubstr("w"))) << columns;
  }
  EXPECT_EQ(ndjson(two, with_columns("id,v,w")), "1|a||\n2|b|c|\n") << "a sparse file";
  EXPECT_EQ(ndjson("{\"id\":1,\"v\":null}\n", with_columns("id,v")), "1||\n") << "null is there";
  EXPECT_EQ(ndjson("", with_columns("id,v")), "") << "without records nothing is missing";
}

// JSON has no order.
TEST_F(ColumnsTest, ThatAreKnownHaveTheMembersOfTheirNamesInWhateverOrder) {
  RowSourceOptions options;
  options.known_columns = [] { return std::vector<std::string>{"id", "v", "w"}; };
  for (const char* record :
       {"{\"id\":1,\"v\":\"a\",\"w\":\"b\"}\n", "{\"id\":1,\"w\":\"b\",\"v\":\"a\"}\n",
        "{\"w\":\"b\",\"v\":\"a\",\"id\":1}\n", "{\"v\":\"a\",\"id\":1,\"w\":\"b\"}\n"})
    EXPECT_EQ(ndjson(record, options), "1|a|b|\n") << record;
  EXPECT_EQ(ndjson("{\"w\":\"b\",\"id\":1}\n{\"id\":2,\"v\":3}\n", options), "1||b|\n2|3||\n");
  EXPECT_THAT(ndjson("{\"w\":\"b\",\"id\":1}\n", options),
              AllOf(HasSubstr("there is no column 'v' in any record"), HasSubstr("--replace")));
  EXPECT_THAT(ndjson("{\"id\":1,\"b\":2,\"a\":3}\n", options),
              HasSubstr("there is no column 'v' in any record"));
  EXPECT_EQ(ndjson("{\"b\":2,\"w\":4,\"id\":1,\"v\":3}\n", options), "1|3|4|2|\n")
      << "a new one comes last, and whoever publishes the rows refuses it";
  options.may_change_columns = true;
  EXPECT_EQ(ndjson("{\"b\":2,\"w\":4,\"id\":1}\n", options), "1|4|2|\n");
  EXPECT_THAT(ndjson("{\"b\":2,\"w\":4}\n", options), HasSubstr("say with --key"));
  options.may_change_columns = false;
  options.columns = parse_columns("w,id");
  EXPECT_EQ(ndjson("{\"id\":1,\"v\":\"a\",\"w\":\"b\"}\n", options), "b|1|\n");
}

TEST_F(ColumnsTest, DividedByAnotherSignAreRefusedUnlessTheSignIsGiven) {
  for (const auto& [header, sign] :
       std::vector<std::pair<std::string, std::string>>{{"Kunde;Name,Vorname;Ort", "';'"},
                                                        {"a;b,c", "';'"},
                                                        {"a|b,c|d", "'|'"},
                                                        {"a\tb,c\td", "tab"},
                                                        {"id,\"city; country\"", "';'"},
                                                        {"a;b;c", "';'"}}) {
    EXPECT_THAT(csv(header + "\n1;Smith,J;Bonn\n"), HasSubstr("give --delimiter " + sign))
        << header;
  }
  TextFormat commas;
  commas.is_delimiter_given = true;
  EXPECT_EQ(csv("id,\"city; country\"\n1,a\n", {.format = commas}), "1|a|\n");
  EXPECT_EQ(csv("id,\"city; country\",x\n1,a,b\n"), "1|a|b|\n") << "more commas than others";
  EXPECT_THAT(changes("rows.csv", "op;id,x;name\ndelete;1,2;a\n"), HasSubstr("--delimiter ';'"));
  EXPECT_THAT(ndjson("{\"a;b\":1,\"c\":2}\n"), Not(HasSubstr("delimiter")));
}

TEST_F(ColumnsTest, WithNamesThatEndInWhatIsNotSeenAreRefused) {
  for (const char* blank : {" ", "\u00A0", "\u2003", "\u202F", "\u3000"}) {
    for (const std::string& name : {"city" + std::string(blank), blank + std::string("city")}) {
      EXPECT_THAT(csv("id," + name + "\n1,a\n"),
                  HasSubstr("column 2 has a blank around its name: '" + name + "'"));
      EXPECT_THAT(ndjson("{\"id\":1,\"" + name + "\":2}\n"), HasSubstr("a blank around its name"));
      EXPECT_EQ(csv("id," + name + "\n1,a\n", {.columns = {{"id", "id"}, {"city", name}}}),
                "1|a|\n");
    }
  }
  for (const char* unseen : {"\u200B", "\u2060", "\u00AD", "\u202E", "\u200D"}) {
    for (const std::string& name : {"city" + std::string(unseen), unseen + std::string("city")})
      EXPECT_THAT(csv("id," + name + "\n1,a\n"), HasSubstr("a sign in its name that is not seen"));
  }
  EXPECT_THAT(csv("id,ci\u200Bty\n1,a\n"), HasSubstr("(U+200B)"));
  for (const char* control : {"\u0085", "\u0080", "\u009B", "\t", "\x7F"})
    EXPECT_THAT(csv("id,v,ci" + std::string(control) + "ty\n1,a,b\n"),
                HasSubstr("a control character"));
  for (const char* name : {"N°\u00A0client", "می\u200Cخواهم", "क्\u200Dष", "a\u2003b"})
    EXPECT_EQ(csv("id," + std::string(name) + "\n1,a\n"), "1|a|\n") << name;
}

}  // namespace
}  // namespace weir::cli
