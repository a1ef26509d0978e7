// A server that hangs, which no error tells of.
#include <gtest/gtest.h>

#include <chrono>
#include <stop_token>

#include "support/any_store.h"

namespace weir::store {
namespace {

using namespace std::chrono_literals;
using testing::PostgresServer;

Result<void> noted(Store& store) {
  return store.database->write([](Statements& sql) -> Result<void> {
    sql.run("INSERT INTO counters (name, value) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING",
            {std::string("test")});
    return {};
  });
}

// A statement under way, a transaction that is to begin, and a lock; and another session, which is
// not let in.
TEST(HangingPostgres, IsLeftAndUsedAgainLater) {
  PostgresServer server;
  Store store = open_store({.location = server.url(), .longest_silence = 1s}).value();
  ASSERT_TRUE(noted(store));
  ASSERT_TRUE(*store.locks->try_lock("a"));
  const Result<int> under_way = store.database->read([&](Statements& sql) -> Result<int> {
    server.hang();
    sql.run("SELECT 1");
    return 0;
  });
  ASSERT_FALSE(under_way);
  EXPECT_EQ(under_way.error().code, ErrorCode::kStoreUnreachable);
  EXPECT_NE(under_way.error().message.find("does not answer"), std::string::npos)
      << under_way.error().message;
  EXPECT_EQ(store.locks->is_locked("a").error().code, ErrorCode::kStoreUnreachable);
  EXPECT_EQ(noted(store).error().code, ErrorCode::kStoreUnreachable);
  server.go_on();
  EXPECT_TRUE(noted(store));
  EXPECT_FALSE(*store.locks->is_locked("a"));
}

TEST(HangingPostgres, IsNotWaitedForByWhoIsToEnd) {
  PostgresServer server;
  std::stop_source stopping;
  Store store = open_store({.location = server.url(), .stop = stopping.get_token()}).value();
  ASSERT_TRUE(noted(store));
  ASSERT_TRUE(*store.locks->try_lock("a"));
  server.hang();
  stopping.request_stop();
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(noted(store).error().code, ErrorCode::kStoreUnreachable);
  EXPECT_EQ(store.locks->is_locked("a").error().code, ErrorCode::kStoreUnreachable);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

// What is left to do is done, where the server is well.
TEST(HangingPostgres, IsUsedToTheEndByWhoIsToEnd) {
  PostgresServer server;
  std::stop_source stopping;
  Store store = open_store({.location = server.url(), .stop = stopping.get_token()}).value();
  stopping.request_stop();
  EXPECT_TRUE(noted(store));
  server.stop("immediate");
  server.start();
  EXPECT_FALSE(noted(store)) << "the session is lost";
  EXPECT_TRUE(noted(store));
}

}  // namespace
}  // namespace weir::store
