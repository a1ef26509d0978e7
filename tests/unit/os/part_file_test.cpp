#include "os/part_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/temporary_folder.h"

namespace weir::os {
namespace {

class PartFileTest : public ::testing::Test {
 protected:
  Result<PartFile> open(const std::string& remote = "remote") {
    return PartFile::open(target_, remote);
  }
  std::string content(const std::string& path) const {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  void leave_half() {
    PartFile part = open().value();
    ASSERT_TRUE(part.restart("v1"));
    ASSERT_TRUE(part.append("half"));
  }

  testing::TemporaryFolder folder_;
  const std::string target_ = folder_.file("target");
};

TEST_F(PartFileTest, AppearsWholeAndPrivateUnderItsFinalName) {
  PartFile part = open().value();
  ASSERT_TRUE(part.restart("v1"));
  ASSERT_TRUE(part.append("whole"));
  EXPECT_NE(::access(target_.c_str(), F_OK), 0);
  ASSERT_TRUE(part.finish());
  EXPECT_EQ(content(target_), "whole");
  struct stat found = {};
  ASSERT_EQ(::stat(target_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  EXPECT_NE(::access((target_ + ".part").c_str(), F_OK), 0);
  EXPECT_NE(::access((target_ + ".part.version").c_str(), F_OK), 0);
}

TEST_F(PartFileTest, RemembersWhatItHasAndOfWhichVersion) {
  leave_half();
  const PartFile again = open().value();
  EXPECT_EQ(again.size(), 4);
  EXPECT_EQ(again.version(), "v1");
}

TEST_F(PartFileTest, RemembersHowMuchThereIsInAll) {
  {
    PartFile part = open().value();
    ASSERT_TRUE(part.restart("v1", 256'000));
    ASSERT_TRUE(part.append("half"));
  }
  EXPECT_EQ(open()->total(), 256'000);
  EXPECT_EQ(open()->version(), "v1");
  leave_half();
  EXPECT_EQ(open()->total(), std::nullopt) << "it was not told";
}

TEST_F(PartFileTest, TrustsNoBytesOfAnotherFile) {
  leave_half();
  EXPECT_EQ(open("another")->version(), "");
}

TEST_F(PartFileTest, TrustsNoBytesFromBeforeARestartOfTheHost) {
  leave_half();
  std::ofstream(target_ + ".part.version", std::ios::binary) << "remote\nanother-boot\nv1\n";
  EXPECT_EQ(open()->version(), "");
}

TEST_F(PartFileTest, TrustsNoVersionThatWasCutShort) {
  leave_half();
  const std::string noted = content(target_ + ".part.version");
  std::ofstream(target_ + ".part.version", std::ios::binary) << noted.substr(0, noted.size() - 1);
  EXPECT_EQ(open()->version(), "");
}

TEST_F(PartFileTest, IsHeldByOneAtATime) {
  {
    const PartFile held = open().value();
    EXPECT_EQ(open().error().code, ErrorCode::kBusy);
  }
  EXPECT_TRUE(open());
}

// A file of this name may have been laid there by somebody who wants to read what arrives.
TEST_F(PartFileTest, IsReadByNobodyElseWhateverWasThere) {
  const std::string path = target_ + ".part";
  for (int kind = 0; kind < 3; ++kind) {
    folder_.write("target.part", "theirs");
    ::chmod(path.c_str(), 0666);
    if (kind == 1) std::filesystem::create_hard_link(path, folder_.file("other name"));
    if (kind == 2 && ::geteuid() == 0) {
      ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
    }
    PartFile part = open().value();
    struct stat found = {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U) << kind;
    EXPECT_EQ(found.st_uid, ::geteuid()) << kind;
    EXPECT_EQ(found.st_nlink, 1U) << kind;
    part.discard();
  }
  EXPECT_EQ(content(folder_.file("other name")), "theirs");
}

TEST_F(PartFileTest, FollowsNoLinkAndWaitsAtNoPipe) {
  const std::string elsewhere = folder_.write("elsewhere", "precious");
  ASSERT_EQ(::symlink(elsewhere.c_str(), (target_ + ".part").c_str()), 0);
  EXPECT_FALSE(open());
  ::unlink((target_ + ".part").c_str());
  ASSERT_EQ(::symlink(elsewhere.c_str(), (target_ + ".part.version").c_str()), 0);
  EXPECT_TRUE(open()->restart("v1")) << "the link itself is removed";
  EXPECT_EQ(content(elsewhere), "precious");
  ::unlink((target_ + ".part").c_str());
  ASSERT_EQ(::mkfifo((target_ + ".part").c_str(), 0600), 0);
  EXPECT_FALSE(open());
}

TEST_F(PartFileTest, LeavesWhatIsNoPlainFile) {
  ASSERT_EQ(::mkfifo(target_.c_str(), 0600), 0);
  EXPECT_EQ(open().error().code, ErrorCode::kInvalidArgument);
  ::unlink(target_.c_str());
  PartFile part = open().value();
  ASSERT_EQ(::mkfifo(target_.c_str(), 0600), 0);
  EXPECT_FALSE(part.finish()) << "it came meanwhile";
  struct stat found = {};
  ASSERT_EQ(::lstat(target_.c_str(), &found), 0);
  EXPECT_TRUE(S_ISFIFO(found.st_mode));
}

TEST_F(PartFileTest, WritesToWhereLinksLead) {
  const std::string elsewhere = folder_.write("elsewhere", "old");
  ASSERT_EQ(::symlink("elsewhere", folder_.file("one").c_str()), 0);
  ASSERT_EQ(::symlink(folder_.file("one").c_str(), target_.c_str()), 0);
  PartFile part = open().value();
  ASSERT_TRUE(part.append("new"));
  ASSERT_TRUE(part.finish());
  EXPECT_EQ(content(elsewhere), "new");
  EXPECT_EQ(content(target_), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(target_));
}

}  // namespace
}  // namespace weir::os
