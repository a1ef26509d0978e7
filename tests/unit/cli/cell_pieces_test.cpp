// What drivers may do with a long cell, good ones and bad ones.
#include "input/cell_pieces.h"

#include <gtest/gtest.h>

#include "input/utf16.h"

namespace weir::cli {
namespace {

using PieceResult = CellPieces::Result;

TEST(CellPieces, TakesACellThatFits) {
  CellPieces pieces;
  EXPECT_EQ(pieces.add_last("abc#####", 3), PieceResult::kWhole);
  EXPECT_EQ(pieces.text(), "abc");
  EXPECT_EQ(CellPieces().add_last("########", 0), PieceResult::kWhole);
  EXPECT_EQ(CellPieces().add_last("abcdefgh", 8), PieceResult::kWhole);
}

TEST(CellPieces, JoinsPiecesByWhatIsLeft) {
  CellPieces pieces;
  EXPECT_EQ(pieces.add_cut("abcdefgh", 18), PieceResult::kMore);
  EXPECT_EQ(pieces.add_cut("ijklmnop", 10), PieceResult::kMore);
  EXPECT_EQ(pieces.add_last("qr######", 2), PieceResult::kWhole);
  EXPECT_EQ(pieces.text(), "abcdefghijklmnopqr");
}

TEST(CellPieces, TakesPiecesThatAreNotFull) {
  // The driver cuts no letter in half.
  CellPieces pieces;
  EXPECT_EQ(pieces.add_cut("abcdefg#", 10), PieceResult::kMore);
  EXPECT_EQ(pieces.add_last("hij#####", 3), PieceResult::kWhole);
  EXPECT_EQ(pieces.text(), "abcdefghij");
}

TEST(CellPieces, TakesADriverThatNamesTheWholeSizeEachTime) {
  CellPieces pieces;
  EXPECT_EQ(pieces.add_cut("abcdefgh", 16), PieceResult::kMore);
  EXPECT_EQ(pieces.add_cut("ijklmnop", 16), PieceResult::kMore);
  EXPECT_EQ(pieces.end(), PieceResult::kWhole);
  EXPECT_EQ(pieces.text(), "abcdefghijklmnop");
}

TEST(CellPieces, TakesADriverThatKnowsTheSizeOnlyAtTheEnd) {
  CellPieces pieces;
  EXPECT_EQ(pieces.add_cut("abcdefgh", {}), PieceResult::kMore);
  EXPECT_EQ(pieces.add_last("ij######", 2), PieceResult::kWhole);
  EXPECT_EQ(pieces.text(), "abcdefghij");
}

TEST(CellPieces, BelievesNoDriverThatDoesNotTell) {
  EXPECT_EQ(CellPieces().add_last("abcdefgh", {}), PieceResult::kUntold);
  EXPECT_EQ(CellPieces().add_last("abcdefgh", 9), PieceResult::kUntold) << "cut off as a success";
  CellPieces grows;
  grows.add_cut("abcdefgh", 10);
  EXPECT_EQ(grows.add_last("ij######", 12), PieceResult::kUntold);
  CellPieces shrinks;
  shrinks.add_cut("abcdefgh", 100);
  EXPECT_EQ(shrinks.add_last("ij######", 2), PieceResult::kUntold);
  CellPieces stops;
  stops.add_cut("abcdefgh", 100);
  EXPECT_EQ(stops.end(), PieceResult::kUntold);
}

TEST(CellPieces, EndsAtACellWithoutEnd) {
  const std::string buffer(1024 * 1024, 'x');
  CellPieces pieces;
  PieceResult result = PieceResult::kMore;
  for (int i = 0; i < 100 && result == PieceResult::kMore; ++i) result = pieces.add_cut(buffer, {});
  EXPECT_EQ(result, PieceResult::kTooLong);
}

TEST(Utf16, IsTranslatedBothWays) {
  for (const std::string text :
       {"", "a", "ü", "€", "😀", "aü€😀", "\x7F", "\u07FF", "\u0800", "\uFFFF"}) {
    const std::optional<std::u16string> units = to_utf16(text);
    ASSERT_TRUE(units);
    std::string back;
    EXPECT_TRUE(append_utf8(*units, back));
    EXPECT_EQ(back, text);
  }
  for (const std::string text : {"\xFC", "\xC3", "\xE2\x82", "\x80", "\xC0\x80", "\xFF", "a\xC3z"})
    EXPECT_FALSE(to_utf16(text)) << text;
  std::string rest;
  for (const std::u16string& units :
       {std::u16string(1, char16_t{0xD800}), std::u16string(1, char16_t{0xDC00}),
        std::u16string{char16_t{0xD800}, u'a'}})
    EXPECT_FALSE(append_utf8(units, rest));
}

}  // namespace
}  // namespace weir::cli
