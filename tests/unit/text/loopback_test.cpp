#include "text/loopback.h"

#include <gtest/gtest.h>

namespace weir::text {
namespace {

TEST(Loopback, KnowsThisMachineInEverySpelling) {
  for (const char* host :
       {"localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "127.255.255.255", "127.0.0.0", "::1",
        "[::1]", "0:0:0:0:0:0:0:1", "0::1", "::0001", "0:0::0:1", "[0000:0::1]", "::ffff:127.0.0.1",
        "[::FFFF:127.9.8.7]", "::ffff:7f00:1", "0:0:0:0:0:ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
}

TEST(Loopback, IsNothingElse) {
  for (const char* host : {"",
                           "example.com",
                           "0.0.0.0",
                           "10.0.0.1",
                           "128.0.0.1",
                           "::",
                           "::2",
                           "[::]",
                           "fd00::1",
                           "1::1",
                           "::1:0",
                           "::ffff:10.0.0.1",
                           "::ffff:128.0.0.1",
                           "::127.0.0.1",
                           "::fffe:127.0.0.1",
                           "localhost.",
                           "localhost.example.com",
                           "notlocalhost",
                           "localhost6",
                           "local host",
                           "127.0.0.1.example.com",
                           "127.example.com",
                           "127.",
                           "127.0.0.1.",
                           "127.0.0.1.5",
                           "127.0.0",
                           "127.1",
                           "127.0.0.256",
                           "127.0.0.1000",
                           "127.0.0.-1",
                           "127..0.1",
                           "127.0.0.01",
                           "0127.0.0.1",
                           "0x7f.0.0.1",
                           "2130706433",
                           " 127.0.0.1",
                           "127.0.0.1 ",
                           "127.0.0.1:80",
                           "[127.0.0.1]",
                           "[::1",
                           "::1]",
                           "[::1]:80",
                           "[::1].example.com",
                           "::1.example.com",
                           "[]",
                           "[localhost]",
                           "::1%lo",
                           ":::1",
                           "::1::",
                           "1::2::3",
                           ":1",
                           "1:",
                           "0:0:0:0:0:0:0:0:1",
                           "0:0:0:0:0:0:0::1",
                           "::00001",
                           "::g",
                           "::ffff:127.0.0",
                           "::127.0.0.1:1"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace weir::text
