// DaemonQueriesTest: the task of a data source that is a query of a real PostgreSQL, which the
// tests of a program share.
#pragma once

#include <string>

#include "daemon_source_fixture.h"
#include "support/postgres_server.h"

namespace weir::daemon {

inline testing::PostgresServer& postgres() {
  static testing::PostgresServer server;
  return server;
}

class DaemonQueriesTest : public SourceTaskTest {
 protected:
  DaemonQueriesTest() {
    postgres().sql("DROP TABLE IF EXISTS t");
    postgres().sql(
        "CREATE TABLE t (id int PRIMARY KEY, label text, updated_at timestamptz, deleted bool)");
  }

  SourceConfig whole(const std::string& query = "SELECT id, label FROM t",
                     Milliseconds timeout = 20s) {
    return {.origin = QueryOrigin{.database = {.address = postgres().url()},
                                  .query = query,
                                  .schedule = {.every = 1min},
                                  .timeout = timeout},
            .guards = {.first = FirstPublish::kReplace}};
  }

  SourceConfig followed(Milliseconds overlap = 10min, std::optional<Milliseconds> reconcile = 24h) {
    SourceConfig config =
        whole("SELECT id, label, updated_at, deleted FROM t WHERE updated_at > :since");
    std::get<QueryOrigin>(*config.origin).follow = Follow{
        .column = "updated_at", .overlap = overlap, .deleted = "deleted", .reconcile = reconcile};
    config.columns = {{"id", "id"}, {"label", "label"}};
    return config;
  }

  // A row whose version is so many seconds before now.
  static void put(int id, const std::string& label, int seconds_ago = 0, bool deleted = false) {
    postgres().sql("INSERT INTO t VALUES (" + std::to_string(id) + ", '" + label +
                   "', now() - interval '" + std::to_string(seconds_ago) + " s', " +
                   (deleted ? "true" : "false") +
                   ") ON CONFLICT (id) DO UPDATE SET label = excluded.label, updated_at = "
                   "excluded.updated_at, deleted = excluded.deleted");
  }

  void next_turn(Milliseconds later = 1min) {
    clock_->advance(later);
    turn();
  }
};

}  // namespace weir::daemon
