// The small values of Platform Sync.
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sync/edition.h"
#include "sync/private_tokens.h"
#include "sync/query_string.h"
#include "sync/row_text.h"
#include "sync/scope.h"

namespace weir::sync {
namespace {

using ::testing::ElementsAre;

TEST(Edition, IsASecondOfUtcAsText) {
  EXPECT_EQ(edition_text(0), "1970-01-01T00:00:00");
  EXPECT_EQ(edition_text(1'772'438'401), "2026-03-02T08:00:01");
  EXPECT_EQ(read_edition("2026-03-02T08:00:01"), 1'772'438'401);
}

TEST(Edition, IsNothingElse) {
  for (const char* text : {"", "2026-03-02", "2026-03-02 08:00:01", "2026-02-30T08:00:01",
                           "2026-03-02T24:00:00", "2026-03-02T08:60:00", "2026-03-02T08:00:60",
                           "2026-03-02T08:00:01Z", "-026-03-02T08:00:01", "2026-13-02T08:00:01"})
    EXPECT_FALSE(read_edition(text)) << text;
}

TEST(QueryString, IsDecoded) {
  EXPECT_EQ(decoded("a%20b+c%2B%c3%A9"), "a b c+é");
  EXPECT_EQ(decoded(""), "");
  for (const char* text : {"%", "%4", "%4x", "a%"}) EXPECT_FALSE(decoded(text)) << text;
}

TEST(QueryString, ListsHaveEmptyItems) {
  EXPECT_THAT(items_of(" A, B ,,C"), ElementsAre("A", "B", "", "C"));
  EXPECT_THAT(items_of(""), ElementsAre(""));
}

TEST(PrivateTokens, AreComparedWhole) {
  EXPECT_TRUE(equal_in_constant_time("token", "token"));
  for (const char* wrong : {"", "t", "toke", "tokem", "tokens", "tokentoken", "xoken"})
    EXPECT_FALSE(equal_in_constant_time("token", wrong)) << wrong;
  EXPECT_FALSE(equal_in_constant_time("", ""));
}

// The last byte lies where nobody may read: only who goes on to the end comes to grief.
TEST(PrivateTokensDeathTest, AreReadToTheEndThoughTheFirstByteIsWrong) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  auto* pages = static_cast<char*>(
      ::mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(pages, MAP_FAILED);
  ASSERT_EQ(::mprotect(pages + page, page, PROT_NONE), 0);
  for (const std::size_t length : {2, 5, 40}) {
    const std::string_view claimed(pages + page - (length - 1), length);
    EXPECT_DEATH(static_cast<void>(equal_in_constant_time("token", claimed)), "") << length;
  }
  EXPECT_FALSE(equal_in_constant_time("token", std::string_view(pages, page)));
  ::munmap(pages, 2 * page);
}

TEST(PrivateTokens, MayBeSeveralWhileTheyAreChanged) {
  const std::vector<Secret> tokens = {Secret::from_string("old", ""),
                                      Secret::from_string("new", "")};
  EXPECT_TRUE(is_one_of(tokens, "old"));
  EXPECT_TRUE(is_one_of(tokens, "new"));
  EXPECT_FALSE(is_one_of(tokens, "older"));
}

TEST(Scope, OfAnAddressIsTheSameInAnyCase) {
  EXPECT_EQ(scope_of_value(" Ann@X.org "), scope_of_value("ann@x.org"));
  EXPECT_NE(scope_of_value("ann@x.org"), scope_of_user("ann@x.org"));
}

TEST(Scope, OfALongTextIsShort) {
  const std::string text(5000, 'x');
  EXPECT_LT(scope_of_value(text).size(), 50U);
  EXPECT_NE(scope_of_value(text), scope_of_value(text + "y"));
}

TEST(RowText, FindsDamagedCells) {
  std::string json;
  EXPECT_TRUE(append_row(json, "00000001a00000000"));
  EXPECT_EQ(json, R"(["a",""])");
  for (const char* cells : {"0000000", "00000002a", "0000000xa"})
    EXPECT_FALSE(append_row(json, cells)) << cells;
}

}  // namespace
}  // namespace weir::sync
