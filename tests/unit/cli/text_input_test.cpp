// Files as other systems write them: delimiters, encodings, pipes, empty, sparse and cut-off files.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "input/changes_file.h"
#include "input/row_sources.h"
#include "input/utf16.h"
#include "support/temporary_folder.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;

struct Table {
  std::vector<std::string> columns;
  std::vector<Row> rows;
};

Result<Table> all_of(RowSource& source) {
  Result<std::vector<std::string>> columns = source.columns();
  if (!columns) return columns.error();
  Table table{.columns = *columns, .rows = {}};
  const Result<void> read = source.read({}, [&](const Row& row) -> Result<void> {
    table.rows.push_back(row);
    return {};
  });
  if (!read) return read.error();
  return table;
}

class TextInputTest : public ::testing::Test {
 protected:
  Result<Table> csv(const std::string& content, const RowSourceOptions& options = {}) {
    return all_of(*csv_source(folder_.write("rows.csv", content), options));
  }
  Result<Table> ndjson(const std::string& content, const RowSourceOptions& options = {}) {
    return all_of(*ndjson_source(folder_.write("rows.ndjson", content), options));
  }
  static std::string problem(const Result<Table>& table) {
    return table ? "no problem" : table.error().message;
  }

  const weir::testing::TemporaryFolder folder_;
};

std::string encoded(const std::string& text, const std::string& encoding, bool with_mark) {
  const std::u16string units = *to_utf16(text);
  std::string bytes;
  if (encoding == "utf-8") return (with_mark ? "\xEF\xBB\xBF" : "") + text;
  if (encoding == "utf-16") {
    bytes = with_mark ? "\xFF\xFE" : "";
    for (const char16_t unit : units) {
      bytes += static_cast<char>(unit & 0xFF);
      bytes += static_cast<char>(unit >> 8);
    }
    return bytes;
  }
  if (encoding == "utf-16be") {
    bytes = "\xFE\xFF";
    for (const char16_t unit : units) {
      bytes += static_cast<char>(unit >> 8);
      bytes += static_cast<char>(unit & 0xFF);
    }
    return bytes;
  }
  for (const char16_t unit : units) bytes += static_cast<char>(unit == 0x20AC ? 0x80 : unit);
  return bytes;
}

// Every combination is the same table.
TEST_F(TextInputTest, ReadsEveryDelimiterEncodingAndLineEnd) {
  for (const std::string delimiter : {",", ";", "tab", "|"}) {
    const std::string sign = delimiter == "tab" ? "\t" : delimiter;
    for (const std::string encoding : {"utf-8", "latin1", "windows-1252", "utf-16", "utf-16be"}) {
      for (const std::string end : {"\n", "\r\n", "\r"}) {
        for (const bool with_mark : {false, true}) {
          const std::string price = encoding == "latin1" ? "£" : "€";
          const std::string text = "id" + sign + "name" + sign + "\"a; b\"" + end + "1" + sign +
                                   "Jürgen" + sign + "\"" + price + sign + " \"\"x\"\"\"" + end +
                                   "2" + sign + sign + end;
          const std::string flag = encoding == "utf-16be" ? "utf-16" : encoding;
          const Result<TextFormat> format = parse_text_format(delimiter, flag);
          ASSERT_TRUE(format);
          const Result<Table> table = csv(encoded(text, encoding, with_mark), {.format = *format});
          ASSERT_TRUE(table) << table.error().message;
          EXPECT_EQ(table->columns, (Row{"id", "name", "a; b"}));
          EXPECT_EQ(table->rows,
                    (std::vector<Row>{{"1", "Jürgen", price + sign + " \"x\""}, {"2", "", ""}}));
        }
      }
    }
  }
}

TEST_F(TextInputTest, ReadsUtf16LettersThatLieOverTheEndOfABlock) {
  std::string text = "id,name\n";
  std::string faces;
  for (int i = 0; i < 30'000; ++i) faces += "😀";
  for (const std::string before : {"", "a", "ab", "abc"}) {
    const Result<Table> table = csv(encoded(text + "1," + before + faces + "\n", "utf-16", true),
                                    {.format = {.encoding = Encoding::kUtf16}});
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->rows.at(0).at(1), before + faces);
  }
  EXPECT_THAT(problem(csv(std::string("i\0d\0,\0a\0\n\0001\0,\0x", 15),
                          {.format = {.encoding = Encoding::kUtf16}})),
              HasSubstr("not valid UTF-16"));
}

TEST_F(TextInputTest, NamesTheFlagThatWouldHelp) {
  EXPECT_THAT(
      problem(csv("id;city;status\n1;a;b\n")),
      HasSubstr("rows.csv, line 1: the first line is “id;city;status”: give --delimiter ';'"));
  EXPECT_THAT(problem(csv("id\tcity\n")), HasSubstr("give --delimiter tab"));
  EXPECT_THAT(problem(csv("id|city\n")), HasSubstr("give --delimiter '|'"));
  EXPECT_THAT(problem(csv("id,city\n", {.format = {.delimiter = ';'}})),
              HasSubstr("give --delimiter ','"));
  EXPECT_THAT(problem(csv("\xFF\xFEi")), HasSubstr("give --encoding utf-16"));
  EXPECT_THAT(problem(csv("\xEF\xBB\xBFid,a\n", {.format = {.encoding = Encoding::kLatin1}})),
              HasSubstr("leave --encoding out"));
  EXPECT_THAT(problem(csv("id,gr\xF6\xDF"
                          "e\n1,a\n")),
              HasSubstr("--encoding latin1"));
  EXPECT_THAT(problem(csv("id,city,\n1,a,\n")), HasSubstr("column 3 has no name"));
  EXPECT_THAT(problem(csv("id,city,\n1,a,\n")), HasSubstr("--columns"));
  for (const auto& [delimiter, encoding] : std::vector<std::pair<std::string, std::string>>{
           {"", "utf-8"}, {"ab", "utf-8"}, {"\"", "utf-8"}, {"\n", "utf-8"}, {",", "ebcdic"}})
    EXPECT_FALSE(parse_text_format(delimiter, encoding)) << delimiter << encoding;
}

TEST_F(TextInputTest, JudgesOnlyTheColumnsThatAreUsed) {
  const RowSourceOptions chosen = {.columns = parse_columns("id,town=city")};
  for (const std::string content : {"id,city,\n1,a,\n", "id,,city\n1,x,a\n",
                                    "id,city,x,x\n1,a,2,3\n", "id,city,\xF6\n1,a,b\n"}) {
    const Result<Table> table = csv(content, chosen);
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->columns, (Row{"id", "town"}));
    EXPECT_EQ(table->rows, (std::vector<Row>{{"1", "a"}}));
  }
  EXPECT_THAT(problem(csv("id,city,city\n1,a,b\n", chosen)), HasSubstr("'city' comes twice"));
}

TEST_F(TextInputTest, RefusesBadNamesOfColumns) {
  for (const std::string& name : {std::string("\xF6"), std::string("a\x01"), std::string(),
                                  std::string(2000, 'x'), std::string("id")}) {
    EXPECT_NE(problem(csv("id,\"" + name + "\"\n1,a\n")), "no problem") << name;
    EXPECT_NE(problem(csv("id,b\n1,a\n", {.columns = {{"id", "id"}, {name, "b"}}})), "no problem");
  }
  EXPECT_NE(problem(ndjson("{\"id\":1,\"a\\u0000b\":2}\n")), "no problem");
}

TEST_F(TextInputTest, TakesAnEmptyFileWhereThatIsMeant) {
  const RowSourceOptions allowed = {.allow_empty = true};
  for (const std::string content : {"", "\n", "\n\n \n", "\r\n"}) {
    const Result<Table> none = ndjson(content, allowed);
    ASSERT_TRUE(none) << none.error().message;
    EXPECT_TRUE(none->columns.empty());
    EXPECT_TRUE(none->rows.empty());
    EXPECT_THAT(problem(ndjson(content)), HasSubstr("--allow-empty"));
    const Result<Table> chosen = ndjson(content, {.columns = parse_columns("id,city")});
    ASSERT_TRUE(chosen) << chosen.error().message;
    EXPECT_EQ(chosen->columns, (Row{"id", "city"}));
    EXPECT_TRUE(chosen->rows.empty());
  }
  ASSERT_TRUE(csv("", allowed));
  EXPECT_THAT(problem(csv("")), HasSubstr("--allow-empty"));
  EXPECT_EQ(csv("id,city\n")->columns, (Row{"id", "city"}));
}

TEST_F(TextInputTest, ReadsSparseObjectsByTheColumnsThatAreNamed) {
  const RowSourceOptions chosen = {.columns = parse_columns("id,city,status")};
  const std::vector<Row> wanted = {{"1", "a", ""}, {"2", "", "on"}};
  for (const std::string content :
       {"{\"id\":1,\"city\":\"a\"}\n{\"id\":2,\"status\":\"on\"}\n",
        "{\"city\":\"a\",\"id\":1,\"more\":3}\n{\"status\":\"on\",\"id\":2,\"city\":null}\n"}) {
    const Result<Table> table = ndjson(content, chosen);
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->rows, wanted);
  }
  EXPECT_THAT(problem(ndjson("{\"id\":1,\"city\":\"a\"}\n{\"id\":2,\"status\":\"on\"}\n")),
              HasSubstr("line 2: member 'status'"));
}

TEST_F(TextInputTest, TellsWhereAFileEndsWithoutALineBreak) {
  const auto line = [&](const std::string& content) {
    return line_without_end(folder_.write("rows.csv", content), Encoding::kUtf8).value();
  };
  EXPECT_EQ(line("id,a\n1,b\n"), std::nullopt);
  EXPECT_EQ(line("id,a\r\n1,b\r\n"), std::nullopt);
  EXPECT_EQ(line(""), std::nullopt);
  EXPECT_EQ(line("id,a\n1,b"), 2U);
  EXPECT_EQ(line("id,a"), 1U);
}

TEST_F(TextInputTest, KeepsTheRowsOfBeforeWhenAServedFileLooksCutOff) {
  std::string whole = "id,a\n";
  for (int i = 0; i < 100; ++i) whole += std::to_string(100 + i) + ",x\n";
  const std::string path = folder_.write("rows.csv", whole);
  const std::unique_ptr<RowSource> source = csv_source(path, {.is_read_again = true});
  const auto rows = [&]() -> std::string {
    const Result<Table> table = all_of(*source);
    return table ? std::to_string(table->rows.size()) : table.error().message;
  };
  EXPECT_EQ(rows(), "100");
  for (std::size_t size = whole.size(); size > 5; --size) {
    folder_.write("rows.csv", whole.substr(0, size));
    const std::string now = rows();
    const std::size_t lines = (size - 5) / 6;
    const bool ends = (size - 5) % 6 == 0;
    if (!ends && lines < 89) {
      EXPECT_THAT(now, ::testing::AnyOf(HasSubstr("looks cut off"), HasSubstr("1 cell,")));
    }
    folder_.write("rows.csv", whole);
    EXPECT_EQ(rows(), "100");
  }
}

// Bytes that can be read once, through each kind of file.
class OnceTest : public TextInputTest {
 protected:
  // A pipe that the content is written into, as a path.
  std::string pipe_of(const std::string& content) {
    int ends[2] = {};
    EXPECT_EQ(::pipe(ends), 0);
    writers_.emplace_back([content, end = ends[1]] {
      for (std::size_t at = 0; at < content.size();) {
        const ssize_t size = ::write(end, content.data() + at, content.size() - at);
        if (size <= 0) break;
        at += static_cast<std::size_t>(size);
      }
      ::close(end);
    });
    return "/dev/fd/" + std::to_string(ends[0]);
  }
  std::string fifo_of(const std::string& content) {
    static int number = 0;
    const std::string path = folder_.file("fifo" + std::to_string(++number));
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    writers_.emplace_back([content, path] {
      const int end = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
      EXPECT_EQ(::write(end, content.data(), content.size()), static_cast<ssize_t>(content.size()));
      ::close(end);
    });
    return path;
  }
  void TearDown() override {
    for (std::thread& writer : writers_) writer.join();
  }
  std::vector<std::thread> writers_;
};

TEST_F(OnceTest, IsReadAsOftenAsNeeded) {
  const std::string text = "id,city\n1,a\n2,b\n";
  for (const std::string& path : {pipe_of(text), fifo_of(text)}) {
    const std::unique_ptr<RowSource> source = csv_source(path);
    for (int time = 0; time < 3; ++time) {
      const Result<Table> table = all_of(*source);
      ASSERT_TRUE(table) << table.error().message;
      EXPECT_EQ(table->rows, (std::vector<Row>{{"1", "a"}, {"2", "b"}}));
    }
    std::string raw;
    ASSERT_TRUE(source->read_raw([&](std::string_view bytes) { raw += bytes; }));
    EXPECT_THAT(raw, HasSubstr(text));
    EXPECT_EQ(source->version().value(), source->version().value());
  }
}

TEST_F(OnceTest, MayBeLargerThanAPipe) {
  std::string text = "id,city\n";
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i + 1) + ",abcdefghij\n";
  EXPECT_EQ(all_of(*csv_source(pipe_of(text)))->rows.size(), 100'000U);
}

TEST_F(OnceTest, IsReadAsObjectsAndChanges) {
  EXPECT_EQ(all_of(*ndjson_source(pipe_of("{\"id\":1,\"a\":2}\n")))->rows,
            (std::vector<Row>{{"1", "2"}}));
  const Result<ChangesFile> objects =
      read_changes(pipe_of("{\"op\":\"delete\",\"id\":\"7\"}\n"), std::nullopt);
  ASSERT_TRUE(objects) << objects.error().message;
  EXPECT_EQ(std::get<Erase>(objects->changes.at(0)).key, "7");
  const Result<ChangesFile> lines = read_changes(pipe_of("op,id,a\ndelete,8,\n"), std::nullopt);
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_EQ(std::get<Erase>(lines->changes.at(0)).key, "8");
}

}  // namespace
}  // namespace weir::cli
