#include "daemon/sources/kept_rows.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/table_rows.h"
#include "support/temporary_folder.h"

namespace weir::daemon {
namespace {

std::shared_ptr<KeptRows> kept(std::vector<Row> rows) {
  testing::TableRows table({"id", "label"});
  table.rows = std::move(rows);
  return KeptRows::read_from(table).value();
}

std::vector<Row> all(KeptRows& rows) {
  std::vector<Row> found;
  EXPECT_TRUE(rows.read({}, [&](const Row& row) -> Result<void> {
    found.push_back(row);
    return {};
  }));
  return found;
}

TEST(KeptRows, AreWhatWasRead) {
  const std::string large(3'000'000, 'x');
  const std::vector<Row> rows = {{"1", ""}, {"2", std::string("a\0b\n", 4)}, {"3", large}};
  const std::shared_ptr<KeptRows> table = kept(rows);
  EXPECT_EQ(all(*table), rows);
  EXPECT_EQ(all(*table), rows);
  EXPECT_EQ(table->columns().value(), (std::vector<std::string>{"id", "label"}));
  EXPECT_EQ(table->rows(), 3);
}

TEST(KeptRows, TellTheirVersionsApart) {
  EXPECT_NE(kept({})->version().value(), kept({})->version().value());
  EXPECT_EQ(kept({{"1", "a"}})->fingerprint(), kept({{"1", "a"}})->fingerprint());
  EXPECT_NE(kept({{"1", "a"}})->fingerprint(), kept({{"1a", ""}})->fingerprint());
}

TEST(KeptRows, AreThereForTheNextProcessForItsUserAlone) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("rows");
  ASSERT_TRUE(kept({{"1", "a"}})->save(path));
  ASSERT_TRUE(kept({{"2", "b"}})->save(path));
  const std::shared_ptr<KeptRows> loaded = KeptRows::load(path);
  ASSERT_NE(loaded, nullptr);
  EXPECT_EQ(all(*loaded), (std::vector<Row>{{"2", "b"}}));
  EXPECT_EQ(loaded->fingerprint(), kept({{"2", "b"}})->fingerprint());
  struct stat found = {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST(KeptRows, ThatWereCutOffOrAreSomethingElseAreNotUsed) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("rows");
  EXPECT_EQ(KeptRows::load(path), nullptr);
  EXPECT_EQ(KeptRows::load(folder.write("other", "some other file of enough bytes")), nullptr);
  ASSERT_TRUE(kept({{"1", "a"}, {"2", "b"}})->save(path));
  const auto size = std::filesystem::file_size(path);
  for (std::uintmax_t left = 0; left < size; ++left) {
    std::filesystem::resize_file(path, size);
    ASSERT_TRUE(kept({{"1", "a"}, {"2", "b"}})->save(path));
    std::filesystem::resize_file(path, left);
    EXPECT_EQ(KeptRows::load(path), nullptr) << left;
  }
}

TEST(KeptRows, AreNotWaitedForAtAPipe) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("rows");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo((path + ".part").c_str(), 0600), 0);
  EXPECT_EQ(KeptRows::load(path), nullptr);
  ASSERT_TRUE(kept({{"1", "a"}})->save(path)) << "it takes the place of both";
  EXPECT_NE(KeptRows::load(path), nullptr);
}

TEST(KeptRows, CountTheKeysThatAreGone) {
  const std::shared_ptr<KeptRows> before = kept({{"1", "a"}, {"2", "b"}, {"3", "c"}});
  EXPECT_EQ(kept({{"3", "x"}, {"4", "y"}})->count_gone(*before).value(), 2);
  EXPECT_EQ(kept({})->count_gone(*before).value(), 3);
  EXPECT_EQ(before->count_gone(*before).value(), 0);
}

TEST(KeptRows, OfAReadingThatFailsAreNone) {
  testing::TableRows table({"id", "label"});
  table.failure = Error{.code = ErrorCode::kInvalidArgument, .message = "line 7"};
  EXPECT_EQ(KeptRows::read_from(table).error().message, "line 7");
}

}  // namespace
}  // namespace weir::daemon
