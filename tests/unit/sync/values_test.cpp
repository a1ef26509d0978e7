// The small values of Platform Sync.
#include <gmock/gmock.h>

#include "sync/edition.h"
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
  EXPECT_EQ(decoded("a+b%2Bc%20d", '+'), "a+b+c d");
  EXPECT_EQ(decoded(""), "");
  for (const char* text : {"%", "%4", "%4x", "a%"}) EXPECT_FALSE(decoded(text)) << text;
}

TEST(QueryString, ListsHaveEmptyItems) {
  EXPECT_THAT(items_of(" A, B ,,C"), ElementsAre("A", "B", "", "C"));
  EXPECT_THAT(items_of(""), ElementsAre(""));
}

const outbox::KeyedHash kHash(std::string(outbox::KeyedHash::kSecretBytes, 's'));

TEST(Scope, OfAnAddressIsTheSameInAnyCase) {
  EXPECT_EQ(scope_of_value(" Ann@X.org ", kHash), scope_of_value("ann@x.org", kHash));
  EXPECT_NE(scope_of_value("ann@x.org", kHash), scope_of_user("ann@x.org", kHash));
}

TEST(Scope, OfALongTextIsShort) {
  const std::string text(5000, 'x');
  EXPECT_LT(scope_of_value(text, kHash).size(), 50U);
  EXPECT_NE(scope_of_value(text, kHash), scope_of_value(text + "y", kHash));
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
