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
#include "os/seen_calls.h"
#include "os/store_file.h"
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

struct Made {
  const char* name;
  std::function<void(const std::string& store)> make;
};

// What each makes beside a store, or the store itself.
const std::vector<Made> kMade = {
    {"s.db", [](const std::string& store) { EXPECT_TRUE(prepare_store_file(store)); }},
    {"s.db.lock",
     [](const std::string& store) { EXPECT_TRUE(ByteLock::try_lock(store + ".lock", 1)); }},
    {"s.db.ballast", [](const std::string& store) { EXPECT_TRUE(Ballast(store).ensure()); }},
    {"s.db.seen", [](const std::string& store) { note_seen_calls(store, 7); }},
};

class MadeByRoot : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    ASSERT_EQ(::chown(folder_.path().c_str(), 65534, 65533), 0);
  }

  struct stat found(const std::string& name) const {
    struct stat file = {};
    EXPECT_EQ(::stat(folder_.file(name).c_str(), &file), 0) << name;
    return file;
  }

  testing::TemporaryFolder folder_;
};

TEST_F(MadeByRoot, BelongsToTheOwnerOfTheFolder) {
  for (const Made& made : kMade) {
    made.make(folder_.file("s.db"));
    EXPECT_EQ(found(made.name).st_uid, 65534U) << made.name;
    EXPECT_EQ(found(made.name).st_gid, 65533U) << made.name;
    EXPECT_EQ(found(made.name).st_mode & 0777, 0600U) << made.name;
  }
}

TEST_F(MadeByRoot, StaysRootsWhereItHasAnotherNameToo) {
  const std::string roots = folder_.write("roots", "secret");
  ASSERT_EQ(::link(roots.c_str(), folder_.file("s.db.lock").c_str()), 0);
  EXPECT_TRUE(ByteLock::try_lock(folder_.file("s.db.lock"), 1));
  EXPECT_EQ(found("roots").st_uid, 0U);
}

TEST_F(MadeByRoot, IsNotTakenFromAThirdUser) {
  folder_.write("s.db.lock", "");
  ASSERT_EQ(::chown(folder_.file("s.db.lock").c_str(), 65532, 65532), 0);
  EXPECT_TRUE(ByteLock::try_lock(folder_.file("s.db.lock"), 1));
  EXPECT_EQ(found("s.db.lock").st_uid, 65532U);
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
  ASSERT_EQ(::chown(folder_.path().c_str(), 65534, 65534), 0);
  EXPECT_TRUE(Secret::from_file(path_)) << "root works with the file of a daemon's user";
  ASSERT_EQ(::chown(folder_.path().c_str(), 65533, 65533), 0);
  EXPECT_NE(refusal().find("belongs to user 65534"), std::string::npos) << refusal();
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
