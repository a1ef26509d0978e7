// What a child of fork() must not hold: the locks of its parent, also when the parent has died.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "os/byte_lock.h"
#include "os/part_file.h"
#include "support/temporary_folder.h"

namespace weir::os {
namespace {

// A child that sleeps until it is killed.
class SleepingChild {
 public:
  SleepingChild() : pid_(::fork()) {
    if (pid_ == 0) {
      ::pause();
      ::_exit(0);
    }
  }
  SleepingChild(const SleepingChild&) = delete;
  SleepingChild& operator=(const SleepingChild&) = delete;
  ~SleepingChild() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

// Runs `take` in a process that forks a child that sleeps on, and is killed; then `then` here.
void with_a_killed_parent(const std::function<void()>& take, const std::function<void()>& then) {
  std::array<int, 2> ready = {};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    take();
    if (::fork() == 0) {
      const pid_t child = ::getpid();
      if (::write(ready[1], &child, sizeof(child)) != sizeof(child)) ::_exit(1);
    }
    ::pause();
    ::_exit(0);
  }
  pid_t child = 0;
  ASSERT_EQ(::read(ready[0], &child, sizeof(child)), static_cast<ssize_t>(sizeof(child)));
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  then();
  ::kill(child, SIGKILL);
  ::close(ready[0]);
  ::close(ready[1]);
}

class ForkTest : public ::testing::Test {
 protected:
  std::optional<ByteLock> lock(std::int64_t byte) const {
    return ByteLock::try_lock(folder_.file("lock"), byte).value();
  }
  Result<PartFile> part() const { return PartFile::open(folder_.file("target"), "remote"); }

  testing::TemporaryFolder folder_;
};

TEST_F(ForkTest, ReleasesAByteThatAChildOpenedWithIt) {
  auto held = lock(7);
  const SleepingChild child;
  EXPECT_FALSE(lock(7)) << "the parent still holds it";
  held.reset();
  EXPECT_TRUE(lock(7));
}

TEST_F(ForkTest, ReleasesAByteThatIsAssignedOver) {
  std::optional<ByteLock> held = lock(7);
  const SleepingChild child;
  held = lock(8);
  EXPECT_TRUE(lock(7));
  EXPECT_FALSE(lock(8));
}

TEST_F(ForkTest, KeepsAByteThatWasMoved) {
  std::vector<ByteLock> held;
  for (int i = 0; i < 20; ++i) held.push_back(std::move(*lock(i)));
  const SleepingChild child;
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(lock(i)) << i;
  held.clear();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(lock(i)) << i;
}

TEST_F(ForkTest, LosesTheLocksOfAParentThatWasKilled) {
  std::optional<ByteLock> byte;
  std::optional<PartFile> file;
  with_a_killed_parent(
      [&] {
        byte = lock(7);
        file.emplace(part().value());
      },
      [&] {
        EXPECT_TRUE(lock(7));
        EXPECT_TRUE(part());
      });
}

TEST_F(ForkTest, KeepsAChildFromTheLockOfItsParent) {
  auto held = lock(7);
  const pid_t child = ::fork();
  if (child == 0) {
    held.reset();  // nothing of the parent's
    const bool is_held = !lock(7);
    ::_exit(is_held ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(ForkTest, ReleasesADownloadThatAChildOpenedWithIt) {
  std::optional<PartFile> held = part().value();
  const SleepingChild child;
  EXPECT_EQ(part().error().code, ErrorCode::kBusy);
  held.reset();
  EXPECT_TRUE(part());
}

TEST_F(ForkTest, TakesAByteOfTheFileThatIsThereNow) {
  auto held = lock(7);
  ASSERT_EQ(::unlink(folder_.file("lock").c_str()), 0);
  const auto other = lock(7);
  ASSERT_TRUE(other) << "the old file excludes nobody any more";
  EXPECT_FALSE(lock(7)) << "the new one does";
}

}  // namespace
}  // namespace weir::os
