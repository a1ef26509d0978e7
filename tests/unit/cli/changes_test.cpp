// Files of changes: no cell is emptied, and no key chosen, without a word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/row_files.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ChangesTest : public testing::RowFilesTest {
 protected:
  ChangesFile changes_of(const std::string& name, const std::string& content,
                         const std::optional<std::string>& key = std::nullopt,
                         const KnownColumns& known = {}) {
    auto file = read_changes(folder_.write(name, content), key, {}, known);
    EXPECT_TRUE(file) << file.error().message;
    return file ? *file : ChangesFile();
  }
};

constexpr const char* kWhole = "{\"op\":\"upsert\",\"id\":\"5\",\"v\":\"V\",\"w\":\"W\"}\n";
constexpr const char* kSparse = "{\"op\":\"upsert\",\"id\":\"6\",\"v\":\"V3\"}\n";
constexpr const char* kOther = "{\"op\":\"upsert\",\"id\":\"6\",\"w\":\"W3\"}\n";
constexpr const char* kKeyAlone = "{\"op\":\"upsert\",\"id\":\"6\"}\n";

TEST_F(ChangesTest, BindEveryUpsertToTheColumnsOfTheFirst) {
  const std::string whole = kWhole;
  for (const std::string sparse : {kSparse, kOther, kKeyAlone}) {
    const std::string missing = sparse == kSparse ? "w" : "v";
    EXPECT_THAT(changes("rows.ndjson", whole + sparse),
                HasSubstr("line 2: there is no '" + missing +
                          "', which the first upsert has; --fill-empty"));
    EXPECT_THAT(changes("rows.ndjson", sparse + whole), HasSubstr("is not in the first upsert"));
    EXPECT_THAT(changes("rows.ndjson", whole + sparse, "id", {.names = {"id", "v", "w"}}),
                HasSubstr("a column of the data source; --fill-empty"));
  }
  EXPECT_EQ(changes("rows.ndjson", whole + kSparse, "id", {.names = {}, .fill_empty = true}),
            "+5|V|W|\n+6|V3||\n");
  EXPECT_EQ(changes("rows.ndjson", whole + "{\"op\":\"set\",\"id\":6,\"v\":1}\n" +
                                       "{\"op\":\"delete\",\"id\":7}\n"),
            "+5|V|W|\n~6\n-7\n");
}

TEST_F(ChangesTest, NameTheColumnsOfTheirUpsertsWhereNoneAreKnown) {
  using Names = std::vector<std::string>;
  const std::string key_last = "{\"v\":\"V\",\"op\":\"upsert\",\"id\":\"5\"}\n";
  EXPECT_EQ(changes_of("a.ndjson", kWhole).columns, (Names{"id", "v", "w"}));
  EXPECT_EQ(changes_of("a.ndjson", key_last).columns, (Names{"v", "id"}));
  EXPECT_EQ(changes_of("a.ndjson", key_last, "id").columns, (Names{"id", "v"}));
  EXPECT_EQ(changes_of("a.csv", "v,op,id\nV,upsert,5\n").columns, (Names{"v", "id"}));
  EXPECT_EQ(changes_of("a.csv", "v,op,id\nV,upsert,5\n", "id").columns, (Names{"id", "v"}));
  for (const char* name : {"a.csv", "a.ndjson"}) {
    const bool is_csv = name == std::string("a.csv");
    const std::string erase = is_csv ? "op,id\ndelete,5\n" : "{\"op\":\"delete\",\"id\":\"5\"}\n";
    const std::string upsert =
        is_csv ? "op,id,v\nupsert,5,V\n" : "{\"op\":\"upsert\",\"id\":5,\"v\":1}";
    EXPECT_EQ(changes_of(name, erase).columns, Names{}) << "the key alone says nothing of them";
    EXPECT_EQ(changes_of(name, erase).guessed_key, "id");
    EXPECT_EQ(changes_of(name, erase, "id").guessed_key, std::nullopt);
    EXPECT_EQ(changes_of(name, upsert, std::nullopt, {.names = {"id", "v"}}).columns, Names{});
  }
}

TEST_F(ChangesTest, SayWhoNamedTheColumnsAmongWhichANameIsMissing) {
  for (const bool are_certain : {true, false}) {
    const KnownColumns known{.names = {"id", "v"}, .are_certain = are_certain};
    const char* words = are_certain ? "is no column of the data source; they are id, v"
                                    : "known from earlier changes: id, v; if those were wrong";
    EXPECT_THAT(changes("a.csv", "op,id,town\nupsert,1,a\n", std::nullopt, known),
                HasSubstr(words));
    EXPECT_THAT(changes("a.ndjson", "{\"op\":\"upsert\",\"id\":1,\"town\":2}", std::nullopt, known),
                HasSubstr(words));
    EXPECT_THAT(changes("a.ndjson", "{\"op\":\"set\",\"id\":1,\"town\":2}", std::nullopt, known),
                HasSubstr(words));
  }
}

TEST_F(ChangesTest, RefuseNamesThatNoColumnMayHaveInTheWordsOfTheirVerb) {
  const std::string longest(1025, 'x');
  const std::vector<std::pair<std::string, std::string>> names = {
      {"gr\xf6\xdf"
       "e",
       "not valid UTF-8 text; --encoding latin1"},
      {"na\x01me", "a control character"},
      {"", "has no name; give it one"},
      {" city", "a blank around its name: ' city'; mend it in the file"},
      {"city\u200B", "a sign in its name that is not seen"},
      {longest, "more than 1,024 bytes"}};
  for (const auto& [name, problem] : names) {
    const std::string told = changes("a.csv", "op,id," + name + "\nupsert,1,a\n");
    EXPECT_THAT(told, HasSubstr("line 1: column 3 "));
    EXPECT_THAT(told, HasSubstr(problem));
    EXPECT_THAT(told, Not(HasSubstr("--columns")));
  }
  for (const std::string& name : {std::string(), std::string(" city"), longest}) {
    const std::string object = "{\"op\":\"upsert\",\"id\":1,\"" + name + "\":2}\n";
    EXPECT_THAT(changes("a.ndjson", object), HasSubstr("column 2 has "));
  }
  EXPECT_EQ(changes("a.csv", "op,id, city\nupsert,1,a\n", std::nullopt, {.names = {"id", " city"}}),
            "+1|a|\n")
      << "the platform has named it so";
}

TEST_F(ChangesTest, AreReadInTheFormThatTheirNameOrTheirFirstSignTells) {
  std::filesystem::create_directory(folder_.path() / "in.d");
  const std::string objects = "{\"op\":\"delete\",\"id\":\"1\"}\n";
  const std::string lines = "op,id,v\ndelete,1,\n";
  for (const std::string name : {"changes", "in.d/changes", "in.d/../changes", "./changes",
                                 "changes.txt", "changes.2024", "changes.", "tmp.Xy1"}) {
    EXPECT_EQ(changes(name, objects), "-1\n") << name;
    EXPECT_EQ(changes(name, "\n\t " + objects), "-1\n") << name;
    EXPECT_EQ(changes(name, lines), "-1\n") << name;
  }
  for (const std::string name : {"a.ndjson", "a.JSONL", "in.d/a.Json", "a.csv.ndjson"})
    EXPECT_EQ(changes(name, objects), "-1\n") << name;
  for (const std::string name : {"a.csv", "a.CSV", "a.ndjson.csv"})
    EXPECT_EQ(changes(name, lines), "-1\n") << name;
  EXPECT_EQ(form_by_name("/in.csv/rows"), std::nullopt);
  EXPECT_EQ(form_by_name("ROWS.NDJSON"), FileForm::kNdjson);
}

}  // namespace
}  // namespace weir::cli
