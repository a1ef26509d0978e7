#include <gtest/gtest.h>
#include <weir/foreign_words.h>

namespace weir {
namespace {

TEST(ForeignWordsTest, AreQuotedAndCanBeLeftOut) {
  EXPECT_EQ(foreign_words("no city"), "“no city”");
  EXPECT_EQ(without_foreign_words("it says " + foreign_words("no city") + ", twice"),
            "it says …, twice");
  EXPECT_EQ(without_foreign_words("“a” and “b”"), "… and …");
  EXPECT_EQ(without_foreign_words("today's calls, \"x\" and 'y'"), "today's calls, \"x\" and 'y'");
  EXPECT_EQ(without_foreign_words(""), "");
}

TEST(ForeignWordsTest, CannotEndTheirQuotesThemselves) {
  for (const char* said : {"a” canary “b", "”canary", "“canary", "“”canary”“"}) {
    const std::string message = "it says " + foreign_words(said) + ".";
    EXPECT_EQ(without_foreign_words(message), "it says ….") << message;
  }
}

TEST(ForeignWordsTest, OfAMessageThatWasCutOffReachToItsEnd) {
  EXPECT_EQ(without_foreign_words("it says “no ci"), "it says …");
}

}  // namespace
}  // namespace weir
