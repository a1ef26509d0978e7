#include "server/host_check.h"

#include <gtest/gtest.h>

namespace weir::server {
namespace {

TEST(HostCheckTest, KnowsTheNamesOfAListenerOfThisMachine) {
  for (const char* host : {"127.0.0.1", "127.0.0.1:9464", "localhost", "LocalHost:1", "[::1]",
                           "[::1]:9464", "localhost:"}) {
    EXPECT_TRUE(names_listener(host, "127.0.0.1")) << host;
  }
  EXPECT_TRUE(names_listener("10.1.2.3:9464", "10.1.2.3"));
  EXPECT_TRUE(names_listener("[fd00::7]", "fd00::7"));
}

TEST(HostCheckTest, RefusesEveryOtherName) {
  for (const char* host :
       {"", "evil.example", "evil.example:9464", "localhost.evil.example", "127.0.0.1.evil.example",
        "localhost:80@evil.example", "localhost:x", "::1", "[::1", "[::1]x", "[::1]x:1", "[::2]",
        "127.0.0.2", "0.0.0.0", "10.1.2.3", "localhost evil", ":9464"}) {
    EXPECT_FALSE(names_listener(host, "127.0.0.1")) << host;
  }
}

}  // namespace
}  // namespace weir::server
