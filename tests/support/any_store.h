// AnyStoreTest: a test that holds for every kind of store: an SQLite file and a real PostgreSQL.
//
// One PostgreSQL serves all tests of the program; each test has a schema of its own.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "store/store.h"
#include "support/postgres_server.h"
#include "support/temporary_store.h"

namespace weir::testing {

enum class StoreKind { kSqlite, kPostgres };

inline std::string name_of(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param == StoreKind::kSqlite ? "Sqlite" : "PostgreSql";
}

inline PostgresServer& shared_postgres() {
  static PostgresServer server;
  return server;
}

class AnyStore {
 public:
  explicit AnyStore(StoreKind kind) {
    static int schemas = 0;
    location_ = kind == StoreKind::kSqlite
                    ? file_.path()
                    : shared_postgres().url("test_" + std::to_string(++schemas));
  }

  const std::string& location() const { return location_; }

  // Opens the same store again, as another process would, by another call of open(). Its shared
  // time is that of the test's clock.
  store::Store open(Milliseconds busy_timeout = std::chrono::seconds{5}) const {
    Result<store::Store> store =
        store::open_store({.location = location_, .busy_timeout = busy_timeout});
    if (!store) throw std::runtime_error(store.error().message);
    store->shared_time = {};
    return std::move(*store);
  }

 private:
  TemporaryStore file_;
  std::string location_;
};

class AnyStoreTest : public ::testing::TestWithParam<StoreKind> {
 protected:
  AnyStore file_{GetParam()};
};

}  // namespace weir::testing

// To be written once for each fixture, in its namespace.
#define WEIR_FOR_EVERY_STORE(Fixture)                                                \
  INSTANTIATE_TEST_SUITE_P(Stores, Fixture,                                          \
                           ::testing::Values(::weir::testing::StoreKind::kSqlite,    \
                                             ::weir::testing::StoreKind::kPostgres), \
                           ::weir::testing::name_of)
