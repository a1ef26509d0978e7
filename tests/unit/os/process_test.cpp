#include "os/process.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "os/store_file.h"

namespace weir::os {
namespace {

TEST(Process, KnowsThatItIsAlive) {
  EXPECT_FALSE(is_dead(process_name()));
  EXPECT_TRUE(is_alive(process_name()));
}

TEST(Process, KnowsThatAnotherOneOfThisHostDied) {
  std::array<int, 2> pipe = {};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string name = process_name();
    if (::write(pipe[1], name.data(), name.size()) < 0) ::_exit(1);
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  std::array<char, 256> name = {};
  ASSERT_GT(::read(pipe[0], name.data(), name.size()), 0);
  EXPECT_TRUE(is_dead(name.data()));
  EXPECT_FALSE(is_alive(name.data()));
}

TEST(Process, CannotTellOfAnotherHost) {
  EXPECT_FALSE(is_dead("other-boot/4026531836/1/1"));
  EXPECT_FALSE(is_dead(""));
  EXPECT_FALSE(is_alive(""));
}

// Its steady time may be a day ahead of ours.
TEST(Process, IsOfAnotherHostInATimeNamespaceOfItsOwn) {
  std::array<int, 2> pipe = {};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    // The children of who unshares are in the new one.
    const bool is_elsewhere = ::unshare(CLONE_NEWTIME) == 0;
    const pid_t grandchild = ::fork();
    if (grandchild != 0) {
      ::waitpid(grandchild, nullptr, 0);
      ::_exit(0);
    }
    const std::string id = is_elsewhere ? read_host_id() : "not allowed";
    ::_exit(::write(pipe[1], id.data(), id.size()) > 0 ? 0 : 1);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  std::array<char, 256> there = {};
  ASSERT_GT(::read(pipe[0], there.data(), there.size() - 1), 0);
  if (std::string(there.data()) == "not allowed") GTEST_SKIP() << "this user may not unshare";
  EXPECT_NE(there.data(), host_id());
  EXPECT_TRUE(std::string(there.data()).starts_with(host_id()));
}

// A name as it is made where there is no /proc, and one whose process number was given anew.
TEST(Process, TakesNobodyForDeadOfWhomItKnowsTooLittle) {
  const std::string name = process_name();
  const std::string without_start = name.substr(0, name.rfind('/') + 1);
  EXPECT_FALSE(is_dead(without_start));
  EXPECT_FALSE(is_alive(without_start));
  EXPECT_FALSE(is_dead("/0/" + std::to_string(process_id()) + "/"));
  EXPECT_TRUE(is_dead(without_start + "1")) << "the number was given to another process";
}

TEST(StoreFile, KnowsFileSystemsOverANetwork) {
  EXPECT_TRUE(is_network_file_system(0x6969)) << "NFS";
  EXPECT_TRUE(is_network_file_system(0xFE534D42)) << "SMB";
  EXPECT_FALSE(is_network_file_system(0xEF53)) << "ext4";
  EXPECT_FALSE(is_network_file_system(0x01021994)) << "tmpfs";
}

}  // namespace
}  // namespace weir::os
