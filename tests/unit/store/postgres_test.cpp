// What only a store in PostgreSQL does: a real server that vanishes, comes back, or must be
// refused.
#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include "budget/leases.h"
#include "budget/ledger.h"
#include "store/owner.h"
#include "support/any_store.h"

// libpqxx 6.4.5 forgets the result of a statement during which the session was lost. LeakSanitizer
// asks for this by name.
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx-6.4.so\n"; }

namespace weir::store {
namespace {

using namespace std::chrono_literals;
using testing::PostgresServer;

Result<std::int64_t> count_up(Store& store) {
  return store.database->write([](Statements& sql) -> Result<std::int64_t> {
    sql.run("INSERT INTO counters (name, value) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING",
            {std::string("test")});
    return sql
        .run("UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value",
             {std::string("test")})
        .at(0)
        .integer(0);
  });
}

TEST(Postgres, SaysThatTheServerIsAwayAndGoesOnWhenItIsBack) {
  PostgresServer server;
  Store store = open_store({.location = server.url()}).value();
  EXPECT_EQ(*count_up(store), 1);
  server.stop("immediate");
  const Result<std::int64_t> away = count_up(store);
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, ErrorCode::kStoreUnreachable);
  EXPECT_EQ(open_store({.location = server.url()}).error().code, ErrorCode::kStoreUnreachable);
  server.start();
  EXPECT_EQ(*count_up(store), 2) << "what was committed before the crash is there";
}

TEST(Postgres, RefusesAServerThatMayForgetWhatItHasAcknowledged) {
  PostgresServer server;
  server.stop("fast");
  server.extra_options = "-c fsync=off";
  server.start();
  const Result<Store> store = open_store({.location = server.url()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kStoreUnusable);
  EXPECT_NE(store.error().message.find("fsync"), std::string::npos) << store.error().message;
  server.stop("fast");
  server.extra_options = "-c synchronous_commit=off";
  server.start();
  EXPECT_FALSE(open_store({.location = server.url()}));
}

TEST(Postgres, RefusesAStandby) {
  PostgresServer server;
  ASSERT_TRUE(open_store({.location = server.url()}));
  server.stop("fast");
  server.make_standby();
  server.start();
  const Result<Store> store = open_store({.location = server.url()});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kStoreUnusable);
  EXPECT_NE(store.error().message.find("standby"), std::string::npos) << store.error().message;
}

// What may wait goes with the next statement or the commit, and fails with it.
TEST(Postgres, KeepsTheOrderOfStatementsThatMayWait) {
  Store store = open_store({.location = testing::shared_postgres().url("later")}).value();
  const std::string add = "INSERT INTO counters (name, value) VALUES ($1, $2)";
  const auto seen = store.database->write([&](Statements& sql) -> Result<std::int64_t> {
    sql.run_later(add, {std::string("it's \\ a 'test'"), std::int64_t{-5}});
    sql.run_later("UPDATE counters SET value = value + 7 WHERE name = $1",
                  {std::string("it's \\ a 'test'")});
    return sql.run("SELECT value FROM counters WHERE name = $1", {std::string("it's \\ a 'test'")})
        .at(0)
        .integer(0);
  });
  EXPECT_EQ(*seen, 2);
  const auto failed = store.database->write([&](Statements& sql) -> Result<std::int64_t> {
    sql.run_later(add, {std::string("kept?"), std::int64_t{1}});
    sql.run_later(add, {std::string("kept?"), std::int64_t{2}});
    return 0;
  });
  EXPECT_FALSE(failed) << "the second has the first one's name";
  const auto refused = store.database->write([&](Statements& sql) -> Result<void> {
    sql.run_later(add, {std::string("kept?"), std::int64_t{1}});
    return Error{.code = ErrorCode::kInvalidArgument};
  });
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  const auto left = store.database->read([&](Statements& sql) -> Result<std::int64_t> {
    return std::int64_t(
        sql.run("SELECT value FROM counters WHERE name = $1", {std::string("kept?")}).size());
  });
  EXPECT_EQ(*left, 0);
}

TEST(Postgres, RefusesTablesOfANewerVersionAndLeavesThemAlone) {
  const std::string url = testing::shared_postgres().url("newer");
  Store store = open_store({.location = url}).value();
  ASSERT_TRUE(store.database->write([](Statements& sql) -> Result<void> {
    sql.run("UPDATE weir_schema SET version = 99");
    return {};
  }));
  const Result<Store> again = open_store({.location = url});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kStoreUnusable);
}

TEST(Postgres, NeverShowsThePasswordOfItsAddress) {
  const std::string url = "postgresql://weir:hush@127.0.0.1:1/db?password=hush2";
  const Result<Store> store = open_store({.location = url});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kStoreUnreachable);
  EXPECT_EQ(store.error().message.find("hush"), std::string::npos) << store.error().message;
}

// An address of the test's server for another user, database or with more words.
std::string address(const PostgresServer& server, const std::string& user,
                    const std::string& database, const std::string& more = "") {
  return "postgresql://" + user + "@127.0.0.1:" + server.port() + "/" + database + more;
}

void run_sql(const std::string& url, const std::string& sql) {
  Store store = open_store({.location = url}).value();
  const Result<void> done = store.database->write([&](Statements& statements) -> Result<void> {
    statements.run(sql);
    return {};
  });
  ASSERT_TRUE(done) << done.error().message;
}

struct Refused {
  std::string url;
  ErrorCode code;
  std::string words;
};

// What the server says is told apart by its state, not by its words, which are in its language.
TEST(Postgres, TellsApartWhyASessionCannotBeOpened) {
  PostgresServer& server = testing::shared_postgres();
  for (const char* sql :
       {"CREATE ROLE no_login NOLOGIN", "CREATE ROLE no_room LOGIN CONNECTION LIMIT 0",
        "CREATE ROLE no_rights LOGIN", "CREATE ROLE only_reads LOGIN",
        "ALTER ROLE only_reads SET default_transaction_read_only = on",
        "CREATE SCHEMA AUTHORIZATION only_reads"})
    run_sql(server.url("states"), sql);
  using enum ErrorCode;
  for (const Refused& refused : {
           Refused{address(server, "weir", "nope"), kStoreUnusable, "refuses: database \"nope\""},
           Refused{address(server, "nobody_such", "postgres"), kStoreUnusable, "refuses: role"},
           Refused{address(server, "no_login", "postgres"), kStoreUnusable, "refuses: role"},
           Refused{address(server, "no_room", "postgres"), kStoreUnreachable, "no room"},
           Refused{address(server, "only_reads", "postgres"), kStoreUnreachable, "no writes"},
           Refused{address(server, "no_rights", "postgres", "?options=-csearch_path%3Dstates"),
                   kInvalidConfig,
                   "may not use schema states. Run: GRANT USAGE, CREATE ON SCHEMA \"states\" TO "
                   "\"no_rights\""},
           Refused{address(server, "weir", "postgres", "?sslmode=verfy"), kInvalidConfig,
                   "sslmode"},
           Refused{address(server, "weir", "postgres", "?no_such=1"), kInvalidConfig, "address"},
           Refused{"postgresql://weir:s3cr3t%zz@127.0.0.1/w", kInvalidConfig, "%25"},
           Refused{"postgresql://weir:s3cr3t?x@127.0.0.1:1/w", kStoreUnreachable,
                   "does not answer"},
           Refused{"postgresql://weir:s3cr3t@127.0.0.1:99999/w", kInvalidConfig, "port"},
           Refused{"postgresql://weir:s3cr3t@127.0.0.1:1/w", kStoreUnreachable, "does not answer"},
       }) {
    const Result<Store> store = open_store({.location = refused.url});
    ASSERT_FALSE(store) << refused.url;
    const Error& error = store.error();
    EXPECT_EQ(error.code, refused.code) << refused.url << ": " << error.message;
    EXPECT_NE(error.message.find(refused.words), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("s3cr3t"), std::string::npos) << error.message;
  }
}

TEST(Postgres, NamesASchemaThatDoesNotExist) {
  PostgresServer& server = testing::shared_postgres();
  const Result<Store> store = open_store(
      {.location = address(server, "weir", "postgres", "?options=-csearch_path%3Dorg2")});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kInvalidConfig);
  EXPECT_NE(store.error().message.find("Run: CREATE SCHEMA \"org2\" AUTHORIZATION \"weir\""),
            std::string::npos)
      << store.error().message;
}

std::string refusal_of(const std::string& url) {
  const Result<Store> store = open_store({.location = url});
  EXPECT_FALSE(store) << url;
  if (store) return "";
  EXPECT_NE(store.error().code, ErrorCode::kStoreUnreachable) << store.error().message;
  EXPECT_EQ(store.error().message.find("LINE 1"), std::string::npos) << store.error().message;
  return store.error().message;
}

// Each advice, followed, leads on.
TEST(Postgres, TellsARoleWithoutRightsWhichToGrant) {
  const PostgresServer server;
  server.sql(
      "CREATE ROLE app LOGIN; REVOKE ALL ON SCHEMA public FROM PUBLIC; CREATE SCHEMA \"My-Data\"");
  const std::string usual = address(server, "app", "postgres");
  const std::string grant = "GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"app\"";
  EXPECT_NE(refusal_of(usual).find("schema public. Run: " + grant), std::string::npos)
      << refusal_of(usual);
  server.sql("GRANT USAGE ON SCHEMA public TO app");
  EXPECT_NE(refusal_of(usual).find("refuses: permission denied for schema public. Run: " + grant),
            std::string::npos)
      << refusal_of(usual);
  server.sql(grant);
  EXPECT_TRUE(open_store({.location = usual}));
  const std::string other = usual + "?options=-csearch_path%3D%22My-Data%22";
  EXPECT_NE(refusal_of(other).find("GRANT USAGE, CREATE ON SCHEMA \"My-Data\" TO \"app\""),
            std::string::npos)
      << refusal_of(other);
}

TEST(Postgres, SaysThatARightOnATableIsMissingAndThatNoServerIsAway) {
  PostgresServer server;
  Store owned = open_store({.location = address(server, "weir", "postgres")}).value();
  server.sql("CREATE ROLE app LOGIN");
  const std::string url = address(server, "app", "postgres");
  EXPECT_NE(refusal_of(url).find("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "
                                 "\"public\" TO \"app\""),
            std::string::npos)
      << refusal_of(url);
  server.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app");
  Store store = open_store({.location = url}).value();
  EXPECT_EQ(*count_up(store), 1);
  server.sql("REVOKE UPDATE ON counters FROM app");
  const Result<std::int64_t> refused = count_up(store);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kStoreUnusable);
  EXPECT_NE(refused.error().message.find("refuses: permission denied"), std::string::npos)
      << refused.error().message;
}

TEST(Postgres, NamesATableThatWasLost) {
  PostgresServer server;
  Store store = open_store({.location = server.url()}).value();
  server.sql("DROP TABLE counters");
  const Result<std::int64_t> lost = count_up(store);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kStoreUnusable);
  EXPECT_NE(lost.error().message.find("is damaged: relation \"counters\" does not exist. Put"),
            std::string::npos)
      << lost.error().message;
  server.sql("DROP TABLE weir_schema");
  EXPECT_NE(refusal_of(server.url()).find("is damaged: relation \"org_days\" already exists"),
            std::string::npos)
      << refusal_of(server.url());
}

TEST(Postgres, AsksForThePasswordThatTheAddressLacks) {
  PostgresServer server;
  server.require_password("app");
  const std::string told = refusal_of(address(server, "app", "postgres"));
  EXPECT_NE(told.find("asks for a password, and the address has none"), std::string::npos) << told;
  const std::string wrong = refusal_of(address(server, "app:n0pe", "postgres"));
  EXPECT_NE(wrong.find("refuses: password"), std::string::npos) << wrong;
  EXPECT_EQ(wrong.find("n0pe"), std::string::npos) << wrong;
}

// An administrator gives the role or the database another path: the ledger must not begin anew.
TEST(Postgres, BeginsNoSecondStoreOfAnOrganizationInAnotherSchema) {
  PostgresServer server;
  const std::string plain = address(server, "weir", "postgres");
  {
    Store store = open_store({.location = plain, .company_id = 7}).value();
    ASSERT_TRUE(claim_for(*store.database, 7, plain));
    EXPECT_EQ(*count_up(store), 1);
    run_sql(server.url("other"), "ALTER DATABASE postgres SET search_path = other");
    server.stop("immediate");
    server.start();
    static_cast<void>(count_up(store));
    EXPECT_GE(*count_up(store), 2) << "the schema is that of the first session";
  }
  run_sql(server.url("other"), "DROP TABLE weir_schema");
  const Result<Store> moved = open_store({.location = plain, .company_id = 7});
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, ErrorCode::kStoreUnusable);
  EXPECT_NE(moved.error().message.find("search_path%3Dpublic"), std::string::npos)
      << moved.error().message;
  EXPECT_TRUE(open_store({.location = plain + "?options=-csearch_path%3Dpublic", .company_id = 7}));
  EXPECT_TRUE(open_store({.location = server.url("third"), .company_id = 8}))
      << "another organization has a schema of its own";
}

TEST(Postgres, KeepsOrganizationsInDifferentSchemasApart) {
  Store one = open_store({.location = testing::shared_postgres().url("org_one")}).value();
  Store two = open_store({.location = testing::shared_postgres().url("org_two")}).value();
  EXPECT_EQ(one.schema, "org_one");
  EXPECT_EQ(two.schema, "org_two");
  EXPECT_EQ(*count_up(one), 1);
  EXPECT_EQ(*count_up(two), 1);
  const auto held = one.locks->try_lock("connection-0");
  EXPECT_TRUE(*two.locks->try_lock("connection-0"));
  EXPECT_FALSE(*one.locks->try_lock("connection-0"));
}

// The session with the lock is lost, but its holder may work on: only the deadline ends the lease.
TEST(Postgres, KeepsALeaseUntilItsDeadlineWhenItsSessionWasLost) {
  PostgresServer server;
  const auto clock = std::make_shared<weir::testing::ManualClock>(TimePoint{});
  Store first = open_store({.location = server.url()}).value();
  Store second = open_store({.location = server.url()}).value();
  first.shared_time = second.shared_time = {};
  budget::Leases holder(first, clock, 2s);
  budget::Leases other(second, clock, 2s);
  const auto lease = holder.try_take("connection-0", 60s);
  ASSERT_TRUE(lease->has_value());
  server.stop("immediate");
  server.start();
  EXPECT_FALSE(other.try_take("connection-0", 60s)) << "the first try notices the lost session";
  EXPECT_FALSE(*other.try_take("connection-0", 60s));
  clock->advance(59s);
  EXPECT_FALSE(*other.try_take("connection-0", 60s));
  clock->advance(1s);
  EXPECT_TRUE(*other.try_take("connection-0", 60s));
}

// Its work has ended, so it need not rest as long as it might have taken.
TEST(Postgres, TakesALeaseAgainThatItGaveBackWhileTheServerWasAway) {
  PostgresServer server;
  const auto clock = std::make_shared<weir::testing::ManualClock>(TimePoint{});
  Store store = open_store({.location = server.url()}).value();
  store.shared_time = {};
  budget::Leases leases(store, clock, 2s);
  {
    const auto lease = leases.try_take("writer-A", 60s);
    ASSERT_TRUE(lease->has_value());
    clock->advance(1s);
    ASSERT_TRUE(leases.renew(**lease, 90s));
    server.stop("immediate");
    EXPECT_FALSE(leases.renew(**lease, 90s));
  }
  server.start();
  EXPECT_FALSE(*leases.try_take("writer-A", 60s)) << "the platform may still be at work";
  clock->advance(2s);
  EXPECT_TRUE(*leases.try_take("writer-A", 60s));
}

TEST(Postgres, TellsOneTimeToAllHosts) {
  Store store = open_store({.location = testing::shared_postgres().url("times")}).value();
  const auto time = store.database->read(
      [&](Statements& sql) -> Result<Milliseconds> { return store.shared_time(sql); });
  EXPECT_GT(time->count(), 1700000000000);
}

}  // namespace
}  // namespace weir::store
