// A store in PostgreSQL behind a pooler, which locks and prepared statements bear only in session
// mode.
#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "support/any_store.h"
#include "support/pgbouncer.h"

namespace weir::store {
namespace {

TEST(Pooler, ServesAStoreInSessionMode) {
  testing::PostgresServer& server = testing::shared_postgres();
  const testing::PgBouncer pooler(server, "session");
  const Result<Store> first = open_store({.location = pooler.url()});
  ASSERT_TRUE(first) << first.error().message;
  const Result<Store> second = open_store({.location = pooler.url()});
  ASSERT_TRUE(second) << second.error().message;
  const auto held = first->locks->try_lock("connection-0");
  ASSERT_TRUE(held && *held);
  EXPECT_FALSE(*second->locks->try_lock("connection-0"));
}

TEST(Pooler, IsRefusedInTransactionMode) {
  const testing::PgBouncer pooler(testing::shared_postgres(), "transaction");
  const Result<Store> store = open_store({.location = pooler.url()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kStoreUnusable);
  EXPECT_NE(store.error().message.find("pool_mode = session"), std::string::npos)
      << store.error().message;
}

TEST(Pooler, IsRefusedInTransactionModeWhenOthersUseItToo) {
  const testing::PgBouncer pooler(testing::shared_postgres(), "transaction");
  pqxx::connection other(pooler.url());
  pqxx::nontransaction work(other);
  work.exec("BEGIN");
  EXPECT_EQ(open_store({.location = pooler.url()}).error().code, ErrorCode::kStoreUnusable);
}

}  // namespace
}  // namespace weir::store
