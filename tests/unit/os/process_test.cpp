#include "os/process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "os/store_file.h"

namespace weir::os {
namespace {

TEST(Process, KnowsThatItIsAlive) { EXPECT_FALSE(is_dead(process_name())); }

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
}

TEST(Process, CannotTellOfAnotherHost) {
  EXPECT_FALSE(is_dead("other-boot/4026531836/1/1"));
  EXPECT_FALSE(is_dead(""));
}

TEST(StoreFile, KnowsFileSystemsOverANetwork) {
  EXPECT_TRUE(is_network_file_system(0x6969)) << "NFS";
  EXPECT_TRUE(is_network_file_system(0xFE534D42)) << "SMB";
  EXPECT_FALSE(is_network_file_system(0xEF53)) << "ext4";
  EXPECT_FALSE(is_network_file_system(0x01021994)) << "tmpfs";
}

}  // namespace
}  // namespace weir::os
