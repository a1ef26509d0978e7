#include <gtest/gtest.h>
#include <sys/stat.h>
#include <weir/secret.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace weir {
namespace {

std::string write_key_file(const testing::TemporaryFolder& folder, const std::string& content,
                           mode_t mode) {
  const std::string path = folder.file("key");
  std::ofstream(path) << content;
  ::chmod(path.c_str(), mode);
  return path;
}

TEST(Secret, ReadsTheFirstLineOfAPrivateFile) {
  const testing::TemporaryFolder folder;
  const Result<Secret> key = Secret::from_file(write_key_file(folder, "s3cret\r\nmore\n", 0600));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->reveal(), "s3cret");
}

TEST(Secret, RefusesAFileThatOthersMayRead) {
  const testing::TemporaryFolder folder;
  const Result<Secret> key = Secret::from_file(write_key_file(folder, "s3cret\n", 0644));
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().message.find("chmod 600"), std::string::npos);
  EXPECT_EQ(key.error().message.find("s3cret"), std::string::npos);
}

TEST(Secret, RefusesAnEmptyOrMissingFile) {
  const testing::TemporaryFolder folder;
  EXPECT_FALSE(Secret::from_file(write_key_file(folder, "\n", 0600)));
  EXPECT_FALSE(Secret::from_file(folder.file("missing")));
}

// Each of these would cost a call and be refused by the platform.
TEST(Secret, SaysWhatIsAroundTheKeyInItsFile) {
  const testing::TemporaryFolder folder;
  for (const auto& [content, words] : std::vector<std::pair<std::string, std::string>>{
           {"\"s3cret\"\n", "quotes around it"},
           {"'s3cret'\n", "quotes around it"},
           {" s3cret\n", "a blank around it"},
           {"s3cret \r\n", "a blank around it"},
           {"\ts3cret\n", "control character"},
           {"s3cret\r\r\n", "carriage return"},
           {"\xEF\xBB\xBFs3cret\n", "byte order mark"},
           {std::string("\xFF\xFEs\0003\0c\0", 8), "UTF-16"},
           {"WEIR_INTEGRATION_KEY=s3cret\n", "NAME=value"},
           {"export API_KEY=s3cret\n", "NAME=value"},
           {"integration_key = \"s3cret\"\n", "NAME=value"},
           {"token=s3cret==\n", "NAME=value"},
           {"s3cret\xFC\n", "not valid UTF-8"},
           {"s3cret" + std::string(1024, 'x') + "\n", "longer than 1,024 bytes"},
           // Only so much of a file is read.
           {"s3cret" + std::string(1'000'000, 'x') + "\n", "longer than 1,024 bytes"},
       }) {
    const Result<Secret> key = Secret::from_file(write_key_file(folder, content, 0600));
    ASSERT_FALSE(key) << content;
    EXPECT_EQ(key.error().code, ErrorCode::kInvalidConfig);
    EXPECT_NE(key.error().message.find(words), std::string::npos) << key.error().message;
    EXPECT_EQ(key.error().message.find("s3cret"), std::string::npos) << key.error().message;
  }
}

TEST(Secret, TakesAKeyWithSignsInIt) {
  const testing::TemporaryFolder folder;
  for (const char* key : {"c2VjcmV0a2V5==", "my_key_YQ==", "a=b", "a b",
                          "Authorization: Bearer a=b", "\"", "it's", "schl\xC3\xBCssel"})
    EXPECT_EQ(Secret::from_file(write_key_file(folder, key, 0600))->reveal(), key);
}

TEST(Secret, NamesTheVariableItComesFrom) {
  const Secret key = Secret::from_env("WEIR_TEST_VARIABLE_THAT_IS_NOT_SET");
  EXPECT_TRUE(key.empty());
  EXPECT_EQ(key.source(), "environment variable WEIR_TEST_VARIABLE_THAT_IS_NOT_SET");
}

TEST(Secret, LeavesNothingBehindWhenItIsMovedAway) {
  Secret from = Secret::from_string("s3cret", "a test");
  const Secret to = std::move(from);
  EXPECT_EQ(to.reveal(), "s3cret");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): the point of the test
}

// A short text lives in the object itself, where only its first letter is taken away by a move.
TEST(Secret, WipesShortAndLongTextsThatItIsMadeOf) {
  for (const std::size_t size : {std::size_t{8}, std::size_t{100}}) {
    Secret from = Secret::from_string(std::string(size, 'k'), "a test");
    const char* kept = from.reveal().data();
    Secret to = std::move(from);
    const bool is_short = size <= 15;
    EXPECT_EQ(to.reveal().data() == kept, !is_short) << "a long one is not copied";
    EXPECT_EQ(is_short && std::string_view(kept, size).find('k') != std::string_view::npos, false);
    Secret assigned = Secret::from_string("another", "a test");
    assigned = std::move(to);
    EXPECT_EQ(assigned.reveal(), std::string(size, 'k'));
    EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move): the point of the test
  }
}

TEST(Secret, SurvivesAnAssignmentToItself) {
  Secret key = Secret::from_string("s3cret", "a test");
  Secret& same = key;
  key = same;
  key = std::move(same);
  EXPECT_EQ(key.reveal(), "s3cret");
}

}  // namespace
}  // namespace weir
