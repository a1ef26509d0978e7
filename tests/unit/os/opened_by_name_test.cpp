// Files that Weir opens by a name where somebody else may have laid something.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <weir/secret.h>

#include <fstream>
#include <functional>
#include <iterator>

#include "os/ballast.h"
#include "os/byte_lock.h"
#include "os/part_file.h"
#include "os/private_file.h"
#include "support/temporary_folder.h"

namespace weir::os {
namespace {

struct Opened {
  const char* name;
  std::function<void(const std::string& path)> open;
};

// Each opens `path`, with its own ending.
const std::vector<Opened> kOpened = {
    {"key file", [](const std::string& path) { EXPECT_FALSE(read_private_file(path)); }},
    {"lock file", [](const std::string& path) { EXPECT_FALSE(ByteLock::try_lock(path, 1)); }},
    {"ballast",
     [](const std::string& path) {
       Ballast ballast(path.substr(0, path.size() - std::string(".ballast").size()));
       EXPECT_TRUE(ballast.ensure());
     }},
};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(OpenedByName, FollowsNoLink) {
  for (const Opened& opened : kOpened) {
    const testing::TemporaryFolder folder;
    const std::string victim = folder.file("victim");
    std::ofstream(victim) << "theirs";
    ::chmod(victim.c_str(), 0600);
    const std::string path = folder.file("x.ballast");
    ASSERT_EQ(::symlink(victim.c_str(), path.c_str()), 0);
    opened.open(path);
    EXPECT_EQ(content(victim), "theirs") << opened.name;
  }
}

TEST(OpenedByName, MakesNoFileBehindALinkThatLeadsNowhere) {
  for (const Opened& opened : kOpened) {
    const testing::TemporaryFolder folder;
    const std::string path = folder.file("x.ballast");
    ASSERT_EQ(::symlink(folder.file("nowhere").c_str(), path.c_str()), 0);
    opened.open(path);
    EXPECT_NE(::access(folder.file("nowhere").c_str(), F_OK), 0) << opened.name;
  }
}

TEST(OpenedByName, DoesNotWaitAtAPipe) {
  for (const Opened& opened : kOpened) {
    if (std::string(opened.name) == "lock file") continue;  // a pipe can be locked like a file
    const testing::TemporaryFolder folder;
    const std::string path = folder.file("x.ballast");
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    opened.open(path);
  }
}

class KeyFile : public ::testing::Test {
 protected:
  std::string refusal() const { return Secret::from_file(path_).error().message; }

  testing::TemporaryFolder folder_;
  const std::string path_ = folder_.file("key");
};

TEST_F(KeyFile, BelongsToThisUserOrRoot) {
  std::ofstream(path_) << "s3cret\n";
  ::chmod(path_.c_str(), 0600);
  EXPECT_TRUE(Secret::from_file(path_));
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
  EXPECT_NE(refusal().find("belongs to user 65534"), std::string::npos) << refusal();
  EXPECT_NE(refusal().find("chown"), std::string::npos) << refusal();
}

TEST_F(KeyFile, SaysThatItIsALink) {
  std::ofstream(folder_.file("real")) << "s3cret\n";
  ::chmod(folder_.file("real").c_str(), 0600);
  ASSERT_EQ(::symlink("real", path_.c_str()), 0);
  EXPECT_NE(refusal().find("symbolic link"), std::string::npos) << refusal();
}

TEST_F(KeyFile, IsNoFolder) {
  ASSERT_EQ(::mkdir(path_.c_str(), 0700), 0);
  EXPECT_NE(refusal().find("not a plain file"), std::string::npos) << refusal();
}

}  // namespace
}  // namespace weir::os
