// Files that look right and are not: each is refused with its line and with what to do, for a row
// that is lost or false would be sent with exit 0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "input/changes_file.h"
#include "input/row_sources.h"
#include "support/temporary_folder.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;

class StrangeFilesTest : public ::testing::Test {
 protected:
  // The rows as "1|a|b", one after the other, or what is wrong.
  static std::string read(RowSource& source) {
    std::string text;
    const Result<std::vector<std::string>> columns = source.columns();
    if (!columns) return columns.error().message;
    const Result<void> read = source.read({}, [&](const Row& row) -> Result<void> {
      for (const std::string& cell : row) text += cell + "|";
      text += "\n";
      return {};
    });
    return read ? text : read.error().message;
  }
  std::string csv(const std::string& content, const RowSourceOptions& options = {}) {
    return read(*csv_source(folder_.write("rows.csv", content), options));
  }
  std::string ndjson(const std::string& content, const RowSourceOptions& options = {}) {
    return read(*ndjson_source(folder_.write("rows.ndjson", content), options));
  }
  std::string changes(const std::string& name, const std::string& content) {
    const Result<ChangesFile> file = read_changes(folder_.write(name, content), std::nullopt);
    return file ? std::to_string(file->changes.size()) + " changes" : file.error().message;
  }

  const weir::testing::TemporaryFolder folder_;
};

constexpr const char* kMark = "\xEF\xBB\xBF";

TEST_F(StrangeFilesTest, ThatWereJoinedAreRefused) {
  const std::string header = "id,city\n";
  EXPECT_THAT(csv(header + "1,a\n" + header + "2,b\n"),
              HasSubstr("line 3: this line is the header again"));
  EXPECT_THAT(csv(header + "1,a\n" + kMark + "2,b\n"), HasSubstr("line 3: a byte order mark"));
  EXPECT_THAT(csv(header + "1,a\n" + kMark + header + "2,b\n"), HasSubstr("byte order mark"));
  EXPECT_THAT(csv(std::string(kMark) + kMark + header + "1,a\n"), HasSubstr("byte order mark"));
  EXPECT_EQ(csv(header + "id,town\n1,city\n"), "id|town|\n1|city|\n") << "rows like any other";
  EXPECT_THAT(changes("rows.csv", "op,id,a\ndelete,1,\nop,id,a\n"), HasSubstr("line 3"));
}

// Its columns are asked for first, and then its rows by another opening: cells would be laid over
// the columns of before, and one user's rows would be another's.
TEST_F(StrangeFilesTest, ThatAreReplacedWhileTheyAreReadAreRefused) {
  const auto after = [&](RowSource& source, const std::string& name, const std::string& content) {
    const Result<std::vector<std::string>> columns = source.columns();
    folder_.write(name, content);
    const Result<void> read = source.read({}, [](const Row&) -> Result<void> { return {}; });
    return read ? std::string() : read.error().message;
  };
  const std::string path = folder_.write("rows.csv", "id,label,crew,boss\n1,a,bob,ada\n");
  const auto csv = csv_source(path, {.allow_empty = true});
  EXPECT_EQ(after(*csv, "rows.csv", "id,label,crew,boss\n2,b,bob,ada\n"), "");
  EXPECT_THAT(after(*csv, "rows.csv", "id,label,boss,crew\n1,a,ada,bob\n"),
              HasSubstr("it was replaced while it was read. Try again"));
  EXPECT_EQ(after(*csv, "rows.csv", "id,label,boss,crew\n1,a,ada,bob\n"), "");
  EXPECT_THAT(after(*csv, "rows.csv", ""), HasSubstr("replaced while it was read"));
  const std::string objects = folder_.write("rows.ndjson", R"({"id":1,"crew":"bob"})"
                                                           "\n");
  const auto ndjson = ndjson_source(objects, {});
  EXPECT_THAT(after(*ndjson, "rows.ndjson",
                    R"({"id":1,"boss":"bob"})"
                    "\n"),
              HasSubstr("replaced while it was read"));
}

// A pipe without a writer would be waited for, for ever.
TEST_F(StrangeFilesTest, ThatCanBeReadOnceAreRefusedWhereTheyAreReadAgain) {
  const std::string pipe = folder_.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {pipe, folder_.path().string(), std::string("/dev/null")}) {
    EXPECT_THAT(read(*csv_source(path, {.is_read_again = true})), HasSubstr("no plain file"));
    EXPECT_THAT(read(*ndjson_source(path, {.is_read_again = true})), HasSubstr("no plain file"));
  }
}

TEST_F(StrangeFilesTest, WhoseFirstLineNamesNoColumnsAreRefused) {
  for (const std::string first : {"1", "007", "-5", "3.14", "2024-01-05"}) {
    EXPECT_THAT(csv(first + ",Dinuba\n2,Visalia\n"),
                HasSubstr("line 1: the first line must name the columns"))
        << first;
  }
  EXPECT_EQ(csv("1,2\n7,a\n", {.columns = parse_columns("id=1,city=2")}), "7|a|\n")
      << "columns that are named may be called anything";
  EXPECT_EQ(csv("id,2023\n1,a\n"), "1|a|\n");
  EXPECT_THAT(csv("sep=;\nid;city\n1;a\n"), HasSubstr("line 1: 'sep=;' is a mark for Excel"));
  EXPECT_THAT(csv("sep=;\nid;city\n1;a\n"), HasSubstr("give --delimiter ';'"));
  EXPECT_THAT(csv("sep=;\nid;city\n1;a\n", {.format = {.delimiter = ';'}}),
              HasSubstr("remove this line"));
  EXPECT_THAT(csv("# exported\nid,city\n"), HasSubstr("only “# exported”"));
}

TEST_F(StrangeFilesTest, WithBlanksAroundNamesAreRefused) {
  EXPECT_THAT(csv("id, city\n1, a\n"), HasSubstr("column 2 has a blank around its name: ' city'"));
  EXPECT_THAT(csv("id,city \n1,a\n"), HasSubstr("column 2 has a blank"));
  EXPECT_EQ(csv("id, city\n1,a\n", {.columns = {{"id", "id"}, {"city", " city"}}}), "1|a|\n");
}

TEST_F(StrangeFilesTest, NameTheRightLineWhateverEndsTheLines) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    EXPECT_THAT(csv("id,city" + end + "1,\"a" + end + "b\"" + end + "2" + end),
                HasSubstr("line 4: the row has 1 cell, but the header has 2"));
    EXPECT_EQ(line_without_end(folder_.file("rows.csv"), Encoding::kUtf8).value(), std::nullopt);
  }
  EXPECT_THAT(csv("id,city\r1,a\r2\r\n"), HasSubstr("line 3: the row has 1 cell"));
}

TEST_F(StrangeFilesTest, ThatEndInAHalfRowSaySo) {
  EXPECT_THAT(csv("id,city\n1,a\n2"), HasSubstr("so it may be cut off"));
  EXPECT_THAT(ndjson("{\"id\":1,\"a\":2}\n{\"id\":2,\"a"), HasSubstr("so it may be cut off"));
  EXPECT_THAT(csv("id,city\n1,a\n2\n"), ::testing::Not(HasSubstr("cut off")));
}

TEST_F(StrangeFilesTest, InAnEncodingThatIsNotTheirsAreRefused) {
  const std::string text = "id,city\n1,a\n";
  std::string little;
  std::string big;
  std::string wide(std::string_view("\xFF\xFE\0\0", 4));
  for (const char c : text) {
    little += std::string({c, '\0'});
    big += std::string({'\0', c});
    wide += std::string({c, '\0', '\0', '\0'});
  }
  for (const std::string& content : {little, big}) {
    EXPECT_THAT(csv(content), HasSubstr("give --encoding utf-16"));
    EXPECT_EQ(csv(content, {.format = {.encoding = Encoding::kUtf16}}), "1|a|\n");
  }
  EXPECT_THAT(csv(wide), HasSubstr("UTF-32"));
  for (const Encoding encoding : {Encoding::kLatin1, Encoding::kWindows1252}) {
    const RowSourceOptions called = {.format = {.encoding = encoding}};
    EXPECT_THAT(csv("id,city\n1,München\n2,€\n3,😀\n", called), HasSubstr("the file is UTF-8"));
    EXPECT_EQ(csv("id,city\n1,a\n", called), "1|a|\n");
    EXPECT_EQ(csv("id,city\n1,M\xFCnchen\n2,\xC3\n", called), "1|München|\n2|Ã|\n");
  }
}

TEST_F(StrangeFilesTest, OfObjectsKeepTheTextOfTheirNumbersOrAreRefused) {
  EXPECT_EQ(ndjson("{\"id\":1,\"a\":-0,\"b\":-0.0,\"c\":1E5,\"d\":1e-400}\n"),
            "1|-0|-0.0|1E5|1e-400|\n");
  EXPECT_EQ(ndjson("{\"id\":1,\"a\":0.30000000000000004,\"b\":18446744073709551616}\n"),
            "1|0.30000000000000004|18446744073709551616|\n");
  EXPECT_THAT(ndjson("{\"id\":1,\"a\":1e400}\n"),
              HasSubstr("line 1: member 'a' is a number beyond what JSON readers take (1e400)"));
}

TEST_F(StrangeFilesTest, OfObjectsSayWhatALineMustBe) {
  EXPECT_THAT(ndjson("[{\"id\":1,\"a\":2}]\n"), HasSubstr("jq -c '.[]'"));
  for (const std::string content :
       {"{\n\"id\":1,\"a\":2}\n", "{\"id\":1,\"a\":2},\n", "{\"id\":1,\"a\":2}{\"id\":2,\"a\":2}\n",
        "{\"id\":1,\"a\":NaN}\n", "// rows\n{\"id\":1,\"a\":2}\n", "id,city\n1,a\n"}) {
    EXPECT_THAT(ndjson(content), HasSubstr("each line must be one JSON object")) << content;
  }
  EXPECT_THAT(ndjson("{\"id\":1,\"a\":\"M\xFC\"}\n"), HasSubstr("--encoding latin1"));
  EXPECT_THAT(ndjson("{\"id\":1,\"a\":\"\\ud83d\"}\n"), HasSubstr("half of a letter"));
}

TEST_F(StrangeFilesTest, OfChangesAreRecognizedAndNameTheirFlags) {
  EXPECT_THAT(changes("rows.csv", "op;id;city\ndelete;1;\n"), HasSubstr("give --delimiter ';'"));
  EXPECT_THAT(changes("rows.csv", "id,city\n1,a\n"), HasSubstr("the columns are “id, city”"));
  EXPECT_EQ(changes("pipe", "\n  {\"op\":\"delete\",\"id\":\"1\"}\n"), "1 changes");
  EXPECT_THAT(changes("pipe", "[{\"op\":\"delete\",\"id\":\"1\"}]\n"), HasSubstr("jq -c"));
  EXPECT_EQ(changes("rows.ndjson", ""), "0 changes") << "an export without changes";
  const auto open_end = [&](const std::string& content) {
    return read_changes(folder_.write("rows.csv", content), std::nullopt)->open_end;
  };
  EXPECT_EQ(open_end("op,id,a\nupsert,1,on\n"), std::nullopt);
  EXPECT_EQ(open_end("op,id,a\nupsert,1,o"), 2U);
}

// The daemon and weir serve have settings, not the flags of weir push.
TEST_F(StrangeFilesTest, AreExplainedInTheWordsOfTheOneWhoReads) {
  const RowSourceOptions settings = {.advises_settings = true};
  EXPECT_THAT(csv("id;city\n", settings), HasSubstr("set delimiter to ';'"));
  EXPECT_THAT(csv("\xFF\xFEi", settings), HasSubstr("set encoding to utf-16"));
  EXPECT_THAT(ndjson("{\"id\":1,\"a\":2}\n{\"id\":2,\"b\":2}\n", settings),
              HasSubstr("name all columns in columns"));
  const std::string flag = "--";
  for (const std::string content : {"id;city\n", "sep=;\nid;city\n", "\xFF\xFEi", "id,gr\xF6\xDF\n",
                                    "id, city\n", "id,city,\n", "", "id,city\n1,M\xFC\n"}) {
    EXPECT_THAT(csv(content), ::testing::AnyOf(HasSubstr(flag), HasSubstr("|"))) << content;
    EXPECT_THAT(csv(content, settings), ::testing::Not(HasSubstr(flag))) << content;
  }
}

TEST_F(StrangeFilesTest, ThatCannotBeOpenedSayWhy) {
  EXPECT_THAT(read(*csv_source(folder_.file("none.csv"))), HasSubstr("No such file or directory"));
  EXPECT_THAT(read(*csv_source(folder_.path().string())), HasSubstr("it is a folder"));
  for (const auto& [address, words] : std::vector<std::pair<std::string, std::string>>{
           {"rows.db", "sqlite3:///path"},
           {"sqlite:///x.db", "sqlite3:///path"},
           {"mysql://u:p@h/db", "MariaDB Unicode"},
           {"jdbc:oracle:thin:@h", "ODBC"},
           {"nonsense", "postgresql://"},
           {"sqlite3://" + folder_.file("none.db"), "No such file or directory"},
           {"sqlite3://" + folder_.path().string(), "it is a folder"}}) {
    EXPECT_THAT(read(*sql_source(address, "SELECT 1 AS a, 2 AS b")), HasSubstr(words)) << address;
  }
}

}  // namespace
}  // namespace weir::cli
