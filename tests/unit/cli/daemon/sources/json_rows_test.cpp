#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "daemon/sources/file_rows.h"
#include "support/temporary_folder.h"

namespace weir::daemon {
namespace {

Result<std::string> lines(const std::string& document, const std::string& pointer = "",
                          cli::Encoding encoding = cli::Encoding::kUtf8) {
  const testing::TemporaryFolder folder;
  Result<cli::TemporaryInput> rows =
      ndjson_of_json(folder.write("document.json", document), pointer, encoding);
  if (!rows) return rows.error();
  std::ostringstream text;
  text << std::ifstream(rows->path()).rdbuf();
  return text.str();
}

TEST(JsonRows, AreTheObjectsOfTheArrayThatThePointerNames) {
  EXPECT_EQ(lines(R"([{"a":1},{"a":2}])").value(), "{\"a\":1}\n{\"a\":2}\n");
  EXPECT_EQ(lines(R"({"x":[{"a":0}],"data":{"items":[{"a":1}]}})", "/data/items").value(),
            "{\"a\":1}\n");
  EXPECT_EQ(lines(R"([[{"a":0}],[{"a":1}]])", "/1").value(), "{\"a\":1}\n");
  EXPECT_EQ(lines(R"({"a/b":[{"a":1}]})", "/a~1b").value(), "{\"a\":1}\n");
  EXPECT_EQ(lines(R"({"a":{"b":1},"items":[{"c":2}],"z":[1,{"q":[]}]})", "/items").value(),
            "{\"c\":2}\n");
  EXPECT_EQ(lines("[]").value(), "");
}

TEST(JsonRows, KeepTheDigitsOfNumbersAndTheOrderOfMembers) {
  EXPECT_EQ(lines(R"([{"z":1.10,"a":12345678901234567890.5,"b":true,"c":null,"d":1e3}])").value(),
            "{\"z\":1.10,\"a\":12345678901234567890.5,\"b\":true,\"c\":null,\"d\":1e3}\n");
}

TEST(JsonRows, KeepTheSignOfZero) {
  EXPECT_EQ(lines(R"([{"a":-0,"b":0,"c":-0.0,"d":[-0,0],"e":-1}])").value(),
            "{\"a\":-0,\"b\":0,\"c\":-0.0,\"d\":\"[-0,0]\",\"e\":-1}\n");
}

// The parser takes one for the end of the document.
TEST(JsonRows, AreRefusedWithANulByteWhereverItIs) {
  const std::string nul(1, '\0');
  const std::string items = R"({"items":[{"a":1},{"a":2}]})";
  for (const std::string& document :
       {items + nul, items + nul + "junk", items + std::string(300'000, ' ') + nul,
        "{\"items\":[{\"a\":1}]" + nul + "}", "{\"items\":[{\"a\":\"x" + nul + "\"}]}"}) {
    const Result<std::string> rows = lines(document, "/items");
    ASSERT_FALSE(rows);
    EXPECT_THAT(rows.error().message, ::testing::HasSubstr("it has a NUL byte, at byte " +
                                                           std::to_string(document.find(nul) + 1)));
  }
}

TEST(JsonRows, HaveWhatIsNestedAsText) {
  EXPECT_EQ(lines(R"([{"a":{"b":[1,"x\"y",{}],"c":{"d":2}},"e":[]}])").value(),
            R"({"a":"{\"b\":[1,\"x\\\"y\",{}],\"c\":{\"d\":2}}","e":"[]"})"
            "\n");
}

TEST(JsonRows, SayWhatIsWrongWithADocumentAndWhereInWordsThatAreTrue) {
  for (const auto& [value, words] : std::vector<std::pair<std::string, std::string>>{
           {"1e400", "item 2 of the array: member 'v' is a number beyond what JSON readers take"},
           {"\"\\ud800\"", "item 2 of the array: half of a letter"},
           {"\"K\xF6ln\"", "it is not UTF-8 text; --encoding latin1"},
           {"NaN", "it is not valid JSON at byte "}}) {
    const Result<std::string> rows = lines(R"({"items":[{"v":1},{"v":)" + value + "}]}", "/items");
    ASSERT_FALSE(rows) << value;
    EXPECT_THAT(rows.error().message, ::testing::HasSubstr(words));
  }
  EXPECT_THAT(lines("\x1F\x8B\x08").error().message, ::testing::HasSubstr("compressed by gzip"));
  EXPECT_THAT(lines(std::string("[\0]\0", 4)).error().message,
              ::testing::HasSubstr("the file is UTF-16: give --encoding utf-16"));
  EXPECT_THAT(lines(R"({"a":[{"v":1}],"a":[{"v":2}]})", "/a").error().message,
              ::testing::HasSubstr("comes twice"));
}

TEST(JsonRows, AreReadInTheEncodingThatIsSaid) {
  const std::string latin1 = "[{\"v\":\"K\xF6ln\"}]";
  std::string utf16;
  for (const char letter : latin1) utf16 += std::string(1, letter) + '\0';
  EXPECT_EQ(lines(latin1, "", cli::Encoding::kLatin1).value(), "{\"v\":\"K\u00F6ln\"}\n");
  EXPECT_EQ(lines(utf16, "", cli::Encoding::kUtf16).value(), "{\"v\":\"K\u00F6ln\"}\n");
}

TEST(JsonRows, ThatAreNoneAreAnError) {
  for (const auto& [document, pointer, words] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"{\"a\":[", "/a", "not valid JSON"},
           {"", "", "not valid JSON"},
           {"{\"a\":1}", "/a", "no array"},
           {"{\"b\":[]}", "/a", "no array"},
           {"[1]", "", "item 1 of the array is no object"},
           {"[{\"a\":1},[]]", "", "item 2 of the array is no object"}}) {
    const Result<std::string> rows = lines(document, pointer);
    ASSERT_FALSE(rows) << document;
    EXPECT_THAT(rows.error().message, ::testing::HasSubstr(words));
  }
}

}  // namespace
}  // namespace weir::daemon
