// Bytes that no file of rows should have: what they would do unseen is refused with the line, and
// none of them reaches a terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "output/printable.h"
#include "support/row_files.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OddBytesTest : public testing::RowFilesTest {};

std::string with_nul(const std::string& before, const std::string& after) {
  return before + '\0' + after;
}

TEST_F(OddBytesTest, OfARecordAreAllReadOrTheRecordIsRefused) {
  const std::string one = "{\"id\":1,\"a\":2}";
  for (const std::string& content :
       {with_nul(one, "\n"), with_nul(one, "{\"id\":2,\"a\":3}\n"), with_nul(one, ",junk\n"),
        with_nul("  ", one + "\n"), with_nul("{\"id\":1,\"a\":", "2}\n"),
        with_nul("{\"id\":1,\"a\":\"x", "\"}\n"), with_nul(one, "")}) {
    EXPECT_THAT(ndjson(content), HasSubstr("a NUL byte")) << content;
    EXPECT_THAT(changes("rows.ndjson", content), HasSubstr("line 1: a NUL byte")) << content;
  }
  EXPECT_THAT(ndjson(one + "\n" + with_nul("{\"id\":2,\"a\":3}", "x\n")),
              HasSubstr("rows.ndjson, line 2: a NUL byte"));
}

// The first line says how lines end: another sign is part of a cell then, or of none.
TEST_F(OddBytesTest, ThatEndLinesElsewhereAreNoEndOfALine) {
  for (const std::string end : {"\n", "\r\n"}) {
    const std::string header = "id,v" + end;
    for (const std::string row :
         {"1,a\rb,c", "1,a\r\r", "a\rb,1", "1,\ra", "\r1,a", "1,\"a\"\r2,b"})
      EXPECT_THAT(csv(header + "0,z" + end + row + end), HasSubstr("line 3: a carriage return"))
          << row;
    EXPECT_EQ(csv(header + "1,\"a\rb\"" + end), "1|a\rb|\n") << "in quotes it is a part of a cell";
  }
  EXPECT_EQ(csv("id,v\n1,a\r\n2,b\n"), "1|a|\n2|b|\n") << "LF and CRLF in one file";
  EXPECT_EQ(csv("id,v\r\n1,a\n2,b\r\n"), "1|a|\n2|b|\n");
  EXPECT_EQ(csv("id,v\r\r\n1,a\r\r\n"), "1|a|\n") << "CRLF made longer once more";
  EXPECT_EQ(csv("id,v\r\n1,a\r"), "1|a|\n") << "cut off before the LF";
  EXPECT_EQ(csv("id,v\r1,a\r2,b\r"), "1|a|\n2|b|\n");
  EXPECT_THAT(csv("id,v\r1,a\nb,c\r"), HasSubstr("line 2: a line feed"));
}

TEST_F(OddBytesTest, ThatMeanNothingInAnEncodingAreRefusedWithTheirLine) {
  const auto read_as = [&](Encoding encoding, const std::string& bytes) {
    return csv("id,v\n1,a\n2,x" + bytes + "y\n3,b\n", {.format = {.encoding = encoding}});
  };
  for (int byte = 0x80; byte < 0xA0; ++byte) {
    const std::string bytes(1, static_cast<char>(byte));
    const bool is_in_windows = std::string("\x81\x8D\x8F\x90\x9D").find(bytes) == std::string::npos;
    const std::string latin1 = read_as(Encoding::kLatin1, bytes);
    EXPECT_THAT(latin1, HasSubstr("rows.csv, line 3: byte 0x")) << byte;
    EXPECT_EQ(latin1.find("give --encoding windows-1252") != std::string::npos, is_in_windows);
    const std::string windows = read_as(Encoding::kWindows1252, bytes);
    if (is_in_windows) {
      EXPECT_THAT(windows, HasSubstr("1|a|\n2|x")) << byte;
    } else {
      EXPECT_THAT(windows, HasSubstr("line 3: byte 0x")) << byte;
    }
    EXPECT_THAT(
        ndjson("{\"id\":1,\"v\":\"" + bytes + "\"}\n", {.format = {.encoding = Encoding::kLatin1}}),
        HasSubstr("line 1: byte 0x"));
  }
  for (int byte = 0xA0; byte <= 0xFF; ++byte) {
    for (const Encoding encoding : {Encoding::kLatin1, Encoding::kWindows1252})
      EXPECT_THAT(read_as(encoding, std::string(1, static_cast<char>(byte))), HasSubstr("3|b|"));
  }
  const std::string far = "id,v\n1,a\n2,\"" + std::string(70'000, 'x') + "\x81\"\n";
  EXPECT_THAT(csv(far, {.format = {.encoding = Encoding::kWindows1252}}),
              HasSubstr("line 3: byte 0x81"))
      << "behind the first piece";
}

TEST_F(OddBytesTest, ThatAreMostlyUtf8ButCalledOtherwiseAreTold) {
  std::vector<std::string> told;
  RowSourceOptions options{.format = {.encoding = Encoding::kWindows1252}};
  options.tell = [&](const std::string& doubt) { told.push_back(doubt); };
  const auto source =
      csv_source(folder_.write("rows.csv", "id,v\n1,Köln\n2,Müü\n3,\xFC\n"), options);
  EXPECT_THAT(read(*source), HasSubstr("1|KÃ¶ln|"));
  read(*source);
  ASSERT_EQ(told.size(), 1U) << "once";
  EXPECT_THAT(told.front(), HasSubstr("rows.csv: 3 of its 4 letters beyond ASCII look like UTF-8"));
  told.clear();
  csv("id,v\n1,K\xF6ln\n2,M\xFC\n3,Ã¼\n", options);
  csv("id,v\n1,Koeln\n", options);
  EXPECT_TRUE(told.empty());
  EXPECT_THAT(csv("id,v\n1,\xC3\x81\n", options), HasSubstr("the file is UTF-8"));
}

TEST_F(OddBytesTest, OfCompressedAndOtherFilesSayWhatToDo) {
  const std::string zip = std::string("PK\x03\x04", 4) + std::string(26, '\0');
  for (const auto& [bytes, words] : std::vector<std::pair<std::string, std::string>>{
           {"\x1F\x8B\x08", "gunzip -c " + folder_.file("rows.csv") + ", and give - for the file"},
           {"BZh91AY&SY", "bzip2 -dc"},
           {std::string("\xFD"
                        "7zXZ\0",
                        6),
            "xz -dc"},
           {"\x28\xB5\x2F\xFD", "zstd -dc"},
           {zip + "rows.csv", "unzip -p"},
           {zip + "[Content_Types].xml", "export the sheet as CSV"},
           {zip + "mimetypeapplication/vnd.oasis", "export the sheet as CSV"},
           {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "export its rows as CSV"},
           {"%PDF-1.7", "a PDF document"},
           {"SQLite format 3", "--sql sqlite3:///PATH"}}) {
    for (const Encoding encoding : {Encoding::kUtf8, Encoding::kLatin1, Encoding::kWindows1252}) {
      const std::string refused = csv(bytes + "\x01\x80\xFF", {.format = {.encoding = encoding}});
      EXPECT_THAT(refused, HasSubstr(words));
      EXPECT_THAT(refused, Not(HasSubstr("--encoding")));
    }
    EXPECT_THAT(changes("rows.csv", bytes), HasSubstr(words));
    EXPECT_THAT(csv(bytes, {.advises_settings = true}), Not(HasSubstr("--")));
  }
  for (const std::string name : {"PK", "PAR1", "BZh9", "%PDF", "7z"})
    EXPECT_EQ(csv(name + ",v\n1,a\n"), "1|a|\n") << "a name that begins like one";
}

TEST_F(OddBytesTest, OfNamesAndWordsReachNoTerminalAndFillNone) {
  const std::string steering = "\x1B[2J\u009B31m\u202E";
  const std::string json = "\\u001b[2J\\u009b31m\\u202e";
  const std::string longest(100'000, 'x');
  for (const std::string& name : {json, longest}) {
    const std::string named = "\"" + name + "\"";
    for (const std::string& message :
         {ndjson("{\"id\":1," + named + ":{}}\n"), ndjson("{\"id\":1," + named + ":[]}\n"),
          ndjson("{\"id\":1," + named + ":1," + named + ":2}\n"),
          ndjson("{\"id\":1," + named + ":1e999}\n"),
          ndjson("{\"id\":1,\"v\":2}\n{" + named + ":3}\n"), ndjson("{" + named + ":3}\n"),
          ndjson("{\"id\":1," + named + ":2}\n", {.columns = parse_columns("id,v=V")}),
          changes("rows.ndjson", "{\"op\":" + named + ",\"id\":1}\n"),
          changes("rows.ndjson", "{\"op\":\"upsert\",\"id\":1," + named + ":2}\n", std::nullopt,
                  {.names = {"id", "v"}}),
          changes("rows.ndjson",
                  "{\"op\":\"upsert\",\"id\":1,\"v\":2}\n{\"op\":\"upsert\",\"id\":1," + named +
                      ":2}\n")}) {
      EXPECT_THAT(message, HasSubstr("rows.ndjson")) << "it is refused";
      EXPECT_EQ(message, printable(message));
      EXPECT_LT(message.size(), 3'000U);
    }
  }
  for (const std::string& name : {steering, longest}) {
    for (const std::string& message :
         {csv("id," + name + "," + name + "\n"), csv(name + "\n"),
          csv("id,v\n1,2\n", {.key = name}),
          csv("id,v\n1,2\n", {.columns = parse_columns("id," + name)}),
          csv("id," + name + "\n", {.key = "none"}),
          changes("rows.csv", "op,id," + name + "," + name + "\n"),
          changes("rows.csv", "id," + name + "\n"), changes("rows.csv", "op,id\n" + name + ",1\n"),
          changes("rows.csv", "op,id," + name + "\n", std::nullopt, {.names = {"id", "v"}})}) {
      EXPECT_THAT(message, HasSubstr("rows.csv"));
      EXPECT_EQ(message, printable(message));
      EXPECT_LT(message.size(), 3'000U);
    }
  }
}

TEST(ShownMessage, KeepsItsLinesAndShortensWhatIsForeign) {
  const std::string longest(5'000, 'x');
  EXPECT_EQ(shown_message("one\ntwo “a” and “b”"), "one\ntwo “a” and “b”");
  EXPECT_EQ(shown_message("a\x1B[2Jb\u202Ec"), "a [2Jb c");
  const std::string shown = shown_message("begin “" + longest + "” end “" + longest);
  EXPECT_THAT(shown, HasSubstr("x…” end “x"));
  EXPECT_LT(shown.size(), 2'100U);
}

}  // namespace
}  // namespace weir::cli
