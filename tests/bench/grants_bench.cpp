// How many calls a second the ledger grants, against the bare database doing the same statements
// with the same durability, in the same run: prepared, one after the other in a transaction,
// without the lock that makes writers wait for each other. Rounds alternate, so that a disk that
// slows down slows both. Client and servers share one core: where the kernel places two that wait
// for each other would else be the larger part of what is measured.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <pqxx/pqxx>
#include <vector>

#include "budget/ledger.h"
#include "os/process.h"
#include "support/any_store.h"

namespace {

using namespace weir;
using weir::testing::AnyStore;
using weir::testing::StoreKind;

constexpr int kRounds = 9;
constexpr int kGrants = 200;

// What a grant is made of: the platform's clock, the day's count, the line of the log, the totals.
const std::vector<std::string> kStatements = {
    "SELECT steady_ms, wall_ms, lo_ms, hi_ms, doubt_lo_ms, doubt_hi_ms FROM server_clocks WHERE "
    "host = 'bench'",
    "UPDATE org_days SET used = used + 1 WHERE org_day = '2024-02-05' AND closed = 0 AND "
    "used + outside < 1000000 AND used + 0 < 1000000 AND used + coalesce((SELECT value FROM "
    "counters WHERE name = 'outside_reserve'), 0) < 1000000 RETURNING used",
    "INSERT INTO calls (id, org_day, time_ms, method, target, row_count, status, reason, charged, "
    "process, host) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM calls), '2024-02-05', "
    "1707163200000, 'PUT', '/api/v2/datasource S', 7, NULL, 'price', 1, 1, 'bench') RETURNING id",
    "INSERT INTO call_totals (org_day, target, reason, calls, row_count) VALUES ('2024-02-05', "
    "'/api/v2/datasource S', 'price', 1, 7) ON CONFLICT (org_day, target, reason) DO UPDATE SET "
    "calls = call_totals.calls + 1, row_count = call_totals.row_count + excluded.row_count",
};

const std::string kOpenDay = "INSERT INTO org_days (org_day, used) VALUES ('2024-02-05', 0)";

double per_second(const std::function<void()>& grant) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kGrants; ++i) grant();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return kGrants / took.count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

void compare(const char* name, const std::function<void()>& weir,
             const std::function<void()>& bare) {
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int round = 0; round < kRounds; ++round) {
    ours.push_back(per_second(weir));
    theirs.push_back(per_second(bare));
  }
  const double a = median(ours);
  const double b = median(theirs);
  std::printf("%-12s %8.0f grants/s by the ledger, %8.0f by the bare database: ratio %.2f\n", name,
              a, b, a / b);
}

std::function<void()> ledger_grant(store::Store& store) {
  const auto ledger = std::make_shared<budget::Ledger>(
      store, system_clock(), budget::OrgCalendar::open("UTC").value(),
      budget::LedgerOptions{.calls_per_day = 1000000, .host = os::host_id()});
  // As after any answer of the platform: its time is known.
  const auto first = ledger->spend({.method = "PUT", .target = "first", .reason = "price"});
  const auto date = std::chrono::floor<std::chrono::seconds>(system_clock()->now());
  static_cast<void>(ledger->settle(*first, {.status = 200, .date = date}));
  return [ledger] {
    const auto call = ledger->spend(
        {.method = "PUT", .target = "/api/v2/datasource S", .rows = 7, .reason = "price"});
    if (!call) throw std::runtime_error(call.error().message);
  };
}

void bench_sqlite() {
  const AnyStore ours(StoreKind::kSqlite);
  const AnyStore theirs(StoreKind::kSqlite);
  store::Store store = ours.open();
  { const store::Store makes_the_tables = theirs.open(); }
  SQLite::Database bare(theirs.location(), SQLite::OPEN_READWRITE);
  bare.exec("PRAGMA journal_mode = TRUNCATE");
  bare.exec("PRAGMA synchronous = FULL");
  bare.exec(kOpenDay);
  std::vector<SQLite::Statement> prepared;
  for (const std::string& text : kStatements) prepared.emplace_back(bare, text);
  compare("SQLite", ledger_grant(store), [&] {
    SQLite::Transaction transaction(bare, SQLite::TransactionBehavior::IMMEDIATE);
    for (SQLite::Statement& statement : prepared) {
      while (statement.executeStep()) {
      }
      statement.reset();
    }
    transaction.commit();
  });
}

void bench_postgres() {
  const AnyStore ours(StoreKind::kPostgres);
  const AnyStore theirs(StoreKind::kPostgres);
  store::Store store = ours.open();
  { const store::Store makes_the_tables = theirs.open(); }
  pqxx::connection bare(theirs.location());
  for (const std::string& text : kStatements) bare.prepare(text, text);
  {
    pqxx::nontransaction work(bare);
    work.exec(kOpenDay);
  }
  compare("PostgreSQL", ledger_grant(store), [&] {
    pqxx::work work(bare);
    for (const std::string& text : kStatements) work.exec_prepared(text);
    work.commit();
  });
}

// The servers are started by this process, so they inherit its core.
void stay_on_one_core() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  int first = 0;
  while (first < CPU_SETSIZE && !CPU_ISSET(first, &allowed)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) {
    std::puts("This process may not choose its core: figures vary more.");
  }
}

}  // namespace

int main() {
  stay_on_one_core();
  bench_sqlite();
  bench_postgres();
}
