#include "text/printable.h"

#include <gtest/gtest.h>

#include <string>

#include "text/shortened.h"

namespace weir::text {
namespace {

TEST(Printable, LeavesLettersOfEachLengthAsTheyAre) {
  for (const char* letter : {"a", "é", "€", "𝄞", "\u00a0", "\U0010FFFF"})
    EXPECT_EQ(printable(letter), letter);
}

TEST(Printable, MakesBlanksOfWhatSteersATerminal) {
  EXPECT_EQ(printable("a\x1b[31m\r\n\tb\x7f"), "a [31m   b ");
  EXPECT_EQ(printable("a\u009b31m\u0080\u009fb"), "a 31m  b");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a b");
}

TEST(Printable, MakesBlanksOfWhatTurnsATextOrEndsItsLines) {
  for (const char* mark : {"\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B",
                           "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"})
    EXPECT_EQ(printable("a" + std::string(mark) + "b"), "a b");
  for (const char* letter : {"\u061B", "\u200D", "\u2010", "\u2026", "\u202F", "\u2065", "\u206A"})
    EXPECT_EQ(printable(letter), letter);
}

TEST(Printable, MarksBytesThatAreNoText) {
  for (const char* bad :
       {"\xff", "\xc3", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    const std::string shown = printable("a" + std::string(bad) + "b");
    EXPECT_EQ(shown.find(bad), std::string::npos);
    EXPECT_TRUE(is_printable(shown));
    EXPECT_EQ(shown.front(), 'a');
    EXPECT_EQ(shown.back(), 'b');
  }
}

// The place of each cut, in letters of each length.
TEST(Shortened, CutsBetweenTwoLetters) {
  for (const std::string letter : {"a", "é", "€", "𝄞"}) {
    std::string text;
    for (int i = 0; i < 12; ++i) text += letter;
    for (std::size_t most = 0; most <= text.size() + 2; ++most) {
      const std::string cut = shortened(text, most);
      EXPECT_LE(cut.size(), most);
      EXPECT_GT(cut.size() + letter.size(), std::min(most, text.size()));
      EXPECT_TRUE(is_printable(cut)) << letter << " " << most;
      EXPECT_TRUE(text.starts_with(cut));
    }
  }
}

TEST(Shortened, CutsWhatIsNoTextToo) {
  EXPECT_EQ(shortened(std::string(100, '\x80'), 10).size(), 10U);
}

}  // namespace
}  // namespace weir::text
