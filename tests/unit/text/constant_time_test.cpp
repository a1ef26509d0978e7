#include "text/constant_time.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace weir::sync {
namespace {

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
  for (const std::size_t length : {2U, 5U, 40U}) {
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

}  // namespace
}  // namespace weir::sync
