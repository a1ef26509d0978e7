// Files of changes: no cell is emptied, and no key chosen, without a word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/row_files.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;

class ChangesTest : public testing::RowFilesTest {
 protected:
  std::vector<std::string> guessed(const std::string& content,
                                   const std::optional<std::string>& key = std::nullopt,
                                   const KnownColumns& known = {}) {
    const auto file = read_changes(folder_.write("rows.ndjson", content), key, {}, known);
    EXPECT_TRUE(file) << file.error().message;
    return file ? file->guessed : std::vector<std::string>();
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

TEST_F(ChangesTest, TellWhatIsGuessedOfTheColumns) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(guessed(kWhole), (Names{"id", "v", "w"}));
  EXPECT_EQ(guessed("{\"v\":\"V\",\"op\":\"upsert\",\"id\":\"5\"}\n"), (Names{"v", "id"}));
  EXPECT_EQ(guessed("{\"v\":\"V\",\"op\":\"upsert\",\"id\":\"5\"}\n", "id"), (Names{"id", "v"}));
  EXPECT_EQ(guessed("{\"op\":\"delete\",\"id\":\"5\"}\n"), (Names{"id"}));
  EXPECT_EQ(guessed("{\"op\":\"delete\",\"id\":\"5\"}\n", "id"), Names{});
  EXPECT_EQ(guessed(kWhole, std::nullopt, {.names = {"id", "v", "w"}}), Names{});
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
