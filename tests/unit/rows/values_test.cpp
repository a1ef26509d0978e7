#include <gtest/gtest.h>

#include "rows/cells_codec.h"
#include "rows/row_check.h"
#include "rows/row_hash.h"

namespace weir::outbox {
namespace {

TEST(RowHash, TellsRowsApartWhoseTextIsSplitDifferently) {
  EXPECT_EQ(unkeyed_hash({"ab", "c"}), unkeyed_hash({"ab", "c"}));
  EXPECT_NE(unkeyed_hash({"ab", "c"}), unkeyed_hash({"a", "bc"}));
  EXPECT_NE(unkeyed_hash({"a", ""}), unkeyed_hash({"a"}));
  EXPECT_EQ(unkeyed_hash({"a", "b"}).size(), 16U);
}

TEST(CellsCodec, ReadsBackWhatItWrote) {
  for (const Row& cells : {Row{}, Row{""}, Row{"a", "", "ümlaut \xF0\x9F\x9A\x92"},
                           Row{std::string(100000, 'x'), "\n\"'"}}) {
    EXPECT_EQ(decode_cells(encode_cells(cells)).value(), cells);
  }
}

TEST(CellsCodec, RefusesThemWhateverBitHasFlipped) {
  const Row cells = {"hello", "world"};
  const std::string good = encode_cells(cells);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string damaged = good;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_cells(damaged)) << bit;
  }
}

TEST(CellsCodec, ReadsCellsOfAnEarlierVersionWithoutAChecksum) {
  EXPECT_EQ(decode_cells("00000005hello00000000").value(), (Row{"hello", ""}));
}

TEST(CellsCodec, RefusesDamagedBytes) {
  const std::string good = encode_cells({"hello", "world"});
  for (std::size_t cut = 1; cut < good.size(); ++cut) {
    if (cut == 13 || cut == 26) continue;  // just after a cell, as in an earlier version
    EXPECT_FALSE(decode_cells(good.substr(0, cut))) << cut;
  }
  EXPECT_FALSE(decode_cells("zzzzzzzz"));
  EXPECT_FALSE(decode_cells("ffffffffx"));
}

TEST(Text, AcceptsValidUtf8) {
  for (const std::string text :
       {"", "plain", "Grüße", "日本語", "\xF0\x9F\x9A\x92", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_FALSE(first_invalid_byte(text)) << text;
  }
}

TEST(Text, NamesTheFirstByteThatIsNotUtf8) {
  EXPECT_EQ(first_invalid_byte("ab\xFF"), 2U);
  EXPECT_EQ(first_invalid_byte("\xC0\x80"), 0U) << "overlong";
  EXPECT_EQ(first_invalid_byte("a\xED\xA0\x80"), 1U) << "surrogate";
  EXPECT_EQ(first_invalid_byte("\xF4\x90\x80\x80"), 0U) << "above U+10FFFF";
  EXPECT_EQ(first_invalid_byte("abc\xE2\x82"), 3U) << "cut short";
  EXPECT_EQ(first_invalid_byte(std::string("a\0b", 3)), 1U);
}

TEST(RowCheck, FindsNoKeyInWhatIsNotSeen) {
  for (const char* key : {" ", "\t", "\n", "\r\n", "\u00A0", "\u0085", "\u200B", "\uFEFF", "\u3000",
                          "\u2060", "  \u00A0\u200B "}) {
    const auto problem = row_problem({key, "x"});
    ASSERT_TRUE(problem) << key;
    EXPECT_NE(problem->find("only blanks"), std::string::npos);
    EXPECT_FALSE(key_problem(key)) << "its row can be deleted";
  }
  for (const char* key : {" a", "ä", "\u00A0x", "-", "a\u200B", "𝄞", "0"})
    EXPECT_FALSE(row_problem({key, "x"})) << key;
}

TEST(RowCheck, TakesNoNameWithWhatIsNotSeen) {
  for (const auto& [name, words] :
       std::vector<std::pair<std::string, std::string>>{{" a", "a blank around"},
                                                        {"a\u00A0", "a blank around"},
                                                        {"\u3000a", "a blank around"},
                                                        {"a\u200B", "(U+200B)"},
                                                        {"\uFEFFa", "(U+FEFF)"},
                                                        {"a\u2060b", "(U+2060)"},
                                                        {"a\u200D", "(U+200D)"},
                                                        {"a\u0085b", "a control character"},
                                                        {"\x1B", "a control"},
                                                        {" ", "a blank"}}) {
    const auto problem = column_name_problem(name);
    ASSERT_TRUE(problem) << name;
    EXPECT_NE(problem->find(words), std::string::npos) << *problem;
  }
  for (const char* name : {"a b", "a\u00A0b", "a\u200Db", "ä", "Straße"})
    EXPECT_FALSE(column_name_problem(name)) << name;
}

TEST(Text, SaysWhatIsWrongWithARow) {
  EXPECT_FALSE(row_problem({"1", ""}));
  EXPECT_NE(row_problem({"1"})->find("at least one more"), std::string::npos);
  EXPECT_NE(row_problem({"", "x"})->find("key"), std::string::npos);
  EXPECT_NE(row_problem({"7", "ok", "\xFF"})->find("cell 3 of the row with key “7”"),
            std::string::npos);
}

}  // namespace
}  // namespace weir::outbox
