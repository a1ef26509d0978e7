// What a part file asks of the system, and in which order: that its bytes are on the disk before
// its final name is, and that name before it is told to be. A program of its own, since it has
// fsync, rename and flock replaced.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "os/part_file.h"
#include "os/process.h"
#include "support/temporary_folder.h"

namespace {

std::vector<std::string> calls;
std::string failing_call;
std::function<void()> before_lock;

bool fails(const std::string& call) {
  calls.push_back(call);
  if (call != failing_call) return false;
  errno = EIO;
  return true;
}

}  // namespace

extern "C" {

int fsync(int file) {
  struct stat about = {};
  const bool is_folder = ::fstat(file, &about) == 0 && S_ISDIR(about.st_mode);
  if (fails(is_folder ? "sync folder" : "sync file")) return -1;
  return static_cast<int>(::syscall(SYS_fsync, file));
}

int rename(const char* from, const char* to) noexcept {
  if (fails("rename")) return -1;
  return static_cast<int>(::syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}

int flock(int file, int operation) noexcept {
  if (const auto once = std::exchange(before_lock, {})) once();
  return static_cast<int>(::syscall(SYS_flock, file, operation));
}

}  // extern "C"

namespace weir::os {
namespace {

using ::testing::ElementsAre;

class PartFileCallsTest : public ::testing::Test {
 protected:
  PartFileCallsTest() {
    calls.clear();
    failing_call.clear();
    before_lock = {};
  }

  PartFile whole() const {
    PartFile part = PartFile::open(target_, "remote").value();
    EXPECT_TRUE(part.restart("v1"));
    EXPECT_TRUE(part.append("whole"));
    return part;
  }
  std::string content(const std::string& path) const {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  bool is_there() const { return ::access(target_.c_str(), F_OK) == 0; }

  testing::TemporaryFolder folder_;
  const std::string target_ = folder_.file("target");
};

TEST_F(PartFileCallsTest, HasItsBytesOnTheDiskBeforeItsName) {
  ASSERT_TRUE(whole().finish());
  EXPECT_THAT(calls, ElementsAre("sync file", "rename", "sync folder"));
}

TEST_F(PartFileCallsTest, IsNotFinishedWhenItsBytesDoNotReachTheDisk) {
  PartFile part = whole();
  failing_call = "sync file";
  EXPECT_FALSE(part.finish());
  EXPECT_FALSE(is_there());
  EXPECT_EQ(part.size(), 0) << "what the disk has lost is not gone on with";
  EXPECT_EQ(part.version(), "");
}

TEST_F(PartFileCallsTest, KeepsItsBytesWhenItCannotBeRenamed) {
  failing_call = "rename";
  EXPECT_FALSE(whole().finish());
  EXPECT_FALSE(is_there());
  EXPECT_EQ(PartFile::open(target_, "remote")->version(), "v1");
}

TEST_F(PartFileCallsTest, SaysThatItsNameMayBeLost) {
  failing_call = "sync folder";
  const Result<void> finished = whole().finish();
  ASSERT_FALSE(finished);
  EXPECT_NE(finished.error().message.find(folder_.path().string()), std::string::npos)
      << finished.error().message;
}

// Between opening and locking the one who had the lock may have finished: then the lock is on the
// finished file, to which nothing must be appended.
TEST_F(PartFileCallsTest, AppendsNothingToAFileThatWasFinishedMeanwhile) {
  folder_.write("target.part", "finished");
  before_lock = [this] { std::filesystem::rename(target_ + ".part", target_); };
  PartFile part = PartFile::open(target_, "remote").value();
  EXPECT_EQ(part.size(), 0);
  ASSERT_TRUE(part.append("mine"));
  EXPECT_EQ(content(target_), "finished");
  EXPECT_EQ(content(target_ + ".part"), "mine");
}

TEST_F(PartFileCallsTest, IsOpenedAnewWhenAnotherHasTakenItsPlace) {
  folder_.write("target.part", "first");
  before_lock = [this] {
    std::filesystem::rename(target_ + ".part", target_);
    folder_.write("target.part", "second!");
  };
  EXPECT_EQ(PartFile::open(target_, "remote")->size(), 7);
  EXPECT_EQ(content(target_), "first");
}

// After a restart of the host nothing says that the bytes had reached the disk.
TEST_F(PartFileCallsTest, NotesTheRunOfTheHostInWhichItsBytesWereWritten) {
  whole();
  EXPECT_EQ(content(target_ + ".part.version"), "remote\n" + host_id() + "\nv1\n");
  std::string other = host_id();
  other.back() = other.back() == '0' ? '1' : '0';
  folder_.write("target.part.version", "remote\n" + other + "\nv1\n");
  EXPECT_EQ(PartFile::open(target_, "remote")->version(), "");
  folder_.write("target.part.version", "remote\nv1\n");
  EXPECT_EQ(PartFile::open(target_, "remote")->version(), "");
}

}  // namespace
}  // namespace weir::os
