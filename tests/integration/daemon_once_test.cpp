// `weir run --once` and `weir run --dry-run`: everything that is due, and an end; what would go,
// and nothing touched.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "daemon_run_fixture.h"
#include "support/postgres_server.h"

namespace weir {
namespace {

using nlohmann::json;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OnceTest : public testing::DaemonRunTest {
 protected:
  static std::string quiet_outages(const std::string& more = "first = 'replace'\n") {
    return "[source.OUTAGES]\ncsv = 'outages.csv'\nsettle = '0s'\n" + more;
  }
  static std::string inspections(const std::string& handler = "append = 'entries.ndjson'\n") {
    return "[poll.INSPECTIONS]\nform = 'INSPECTION'\n" + handler;
  }

  void receive(int first, int last) {
    const std::chrono::sys_seconds begin = std::chrono::sys_days{std::chrono::year{2026} / 11 / 1};
    for (int i = first; i <= last; ++i)
      server_->receive({{.id = "e" + std::to_string(i),
                         .form = "INSPECTION",
                         .received = begin + std::chrono::seconds{i}}});
  }

  Finished once(std::vector<std::string> more = {}) { return run_with("--once", std::move(more)); }
  Finished dry(std::vector<std::string> more = {}) {
    return run_with("--dry-run", std::move(more));
  }
  json dry_report() {
    const Finished done = dry({"--json"});
    return json::parse(done.out.empty() ? "{}" : done.out);
  }

  std::int64_t calls() const { return server_->usage().calls_today; }

 private:
  Finished run_with(const std::string& flag, std::vector<std::string> more) {
    more.insert(more.begin(), {"run", flag});
    return told(more);
  }
};

TEST_F(OnceTest, ReadsSendsLooksHandsOverAndEnds) {
  put("outages.csv", testing::rows_up_to(3));
  receive(1, 2);
  settings(quiet_outages() + inspections());
  const Finished first = once();
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("OUTAGES: new to this store: all rows on the platform were "
                                   "replaced by these 3; 1 call"));
  EXPECT_THAT(first.out, HasSubstr("INSPECTIONS: 2 entries handed over\n"));
  EXPECT_THAT(first.out, Not(HasSubstr("ready"))) << "it listens nowhere";
  EXPECT_EQ(rows().size(), 3U);
  EXPECT_THAT(content("entries.ndjson"), HasSubstr("e2"));
  put("outages.csv", testing::rows_up_to(5));
  receive(3, 3);
  const json report = json::parse(once({"--json"}).out);
  const json& source = report.at("orgs").at(0).at("sources").at(0);
  EXPECT_EQ(source.at("source"), "OUTAGES");
  EXPECT_EQ(source.at("to_upsert"), 2);
  EXPECT_EQ(source.at("unchanged"), 3);
  EXPECT_EQ(source.at("sent"), 2);
  EXPECT_TRUE(source.at("error").is_null());
  EXPECT_EQ(report.at("orgs").at(0).at("polls").at(0).at("handed_over"), 1);
  EXPECT_EQ(rows().size(), 5U);
}

TEST_F(OnceTest, WaitsForAFileThatIsStillBeingWrittenAndForNoOther) {
  folder_.write("outages.csv", testing::rows_up_to(3));
  std::filesystem::create_directory(folder_.file("drop"));
  settings(
      "[source.OUTAGES]\ncsv = 'outages.csv'\nsettle = '1s'\nfirst = 'replace'\n"
      "[source.CREWS]\ndirectory = 'drop'\ncontent = 'snapshot'\n");
  const Finished done = once();
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(rows().size(), 3U);
}

TEST_F(OnceTest, SendsWhatOtherProgramsHaveKept) {
  settings("");
  folder_.write("rows.csv", testing::rows_up_to(2));
  ASSERT_EQ(told({"push", "--source", "OUTAGES", "--csv", folder_.file("rows.csv"), "--first",
                  "replace", "--keep"})
                .exit_code,
            0);
  EXPECT_EQ(once().exit_code, 0);
  EXPECT_EQ(rows().size(), 2U);
}

TEST_F(OnceTest, EndsWithFiveOnASpentDayAndKeepsWhatWaits) {
  put("outages.csv", testing::rows_up_to(3));
  folder_.write("weir.toml", "calls_per_day = 1\n" + organization() + quiet_outages());
  ASSERT_EQ(once().exit_code, 0);
  put("outages.csv", testing::rows_up_to(4));
  const Finished spent = once({"--json"});
  EXPECT_EQ(spent.exit_code, 5) << spent.err;
  EXPECT_EQ(json::parse(spent.out)["orgs"][0]["sources"][0]["waiting"], 1);
  EXPECT_EQ(rows().size(), 3U);
}

TEST_F(OnceTest, EndsWithSixWhenThePlatformFails) {
  put("outages.csv", testing::rows_up_to(3));
  settings(quiet_outages());
  server_->faults().add({.count = 1000});
  const Finished failed = once({"--wait", "0"});
  EXPECT_EQ(failed.exit_code, 6) << failed.err;
  EXPECT_THAT(failed.err, HasSubstr("weir: OUTAGES: "));
}

TEST_F(OnceTest, EndsWithSevenWhenAHandlerRefusesEntriesOrTheyWait) {
  receive(1, 2);
  settings(inspections("command = ['/bin/sh', '-c', 'exit 65']\n"));
  const Finished refused = once();
  EXPECT_EQ(refused.exit_code, 7) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("INSPECTIONS: 2 dead letters; weir entries list"));
  receive(3, 3);
  settings(inspections("command = ['/bin/sh', '-c', 'exit 1']\n"));
  const Finished waiting = once();
  EXPECT_EQ(waiting.exit_code, 7) << waiting.err;
  EXPECT_THAT(waiting.err, HasSubstr("INSPECTIONS: 1 entry waits for another try: the command"));
}

TEST_F(OnceTest, EndsWithFourWhenTheKeyIsWrong) {
  put("outages.csv", testing::rows_up_to(3));
  folder_.write("key", "another\n");
  settings(quiet_outages());
  EXPECT_EQ(once().exit_code, 4);
}

TEST_F(OnceTest, OneThatFailsOrIsHeldStopsNoOther) {
  put("outages.csv", testing::rows_up_to(30));
  settings(quiet_outages());
  ASSERT_EQ(once().exit_code, 0);
  put("outages.csv", testing::rows_up_to(2));
  receive(1, 1);
  settings(quiet_outages() + "[source.NONE]\ncsv = 'none.csv'\nsettle = '0s'\n" + inspections());
  const Finished done = once();
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.err, HasSubstr("OUTAGES: held, nothing is changed: it would delete 28 rows"));
  EXPECT_THAT(done.err, HasSubstr("NONE: "));
  EXPECT_EQ(rows().size(), 30U);
  EXPECT_THAT(content("entries.ndjson"), HasSubstr("e1"));
}

// There is no daemon that could release it.
TEST_F(OnceTest, WhatIsHeldIsLetGoByWhatCanBeDoneThere) {
  put("outages.csv", testing::rows_up_to(30));
  settings(quiet_outages(""));
  for (const Finished& done : {once(), dry()}) {
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.err, HasSubstr("set first in [source.OUTAGES] of weir.toml: \"adopt\" reads"));
    EXPECT_THAT(done.err, Not(HasSubstr("weir release")));
  }
  settings(quiet_outages());
  ASSERT_EQ(once().exit_code, 0);
  put("outages.csv", testing::rows_up_to(2));
  for (const Finished& done : {once(), dry()})
    EXPECT_THAT(done.err, HasSubstr("set max_deletes = 28 in [source.OUTAGES] of weir.toml"));
  settings(quiet_outages("max_deletes = 28\n"));
  EXPECT_EQ(once().exit_code, 0);
  EXPECT_EQ(rows().size(), 2U);
  put("outages.csv", testing::rows_up_to(0));
  EXPECT_THAT(once().err, HasSubstr("start weir run, and then weir release OUTAGES"));
  run_daemon();
  Finished released;
  do {
    released = told({"release", "OUTAGES"});
  } while (released.exit_code != 0);
  while (!rows().empty()) ::sched_yield();
  EXPECT_EQ(end_daemon(SIGTERM), 0);
  EXPECT_EQ(once().exit_code, 0) << "the table is as it was released";
  EXPECT_TRUE(rows().empty());
}

TEST_F(OnceTest, AKillInTheMidstOfALookHoldsUpTheNextRunForAMomentWhichIsSaid) {
  receive(1, 2);
  settings(inspections());
  server_->faults().add({.kind = mock::FaultKind::kDelay, .seconds = 600});
  daemon_ = testing::start({std::string(WEIR_BINARIES) + "/weir", "run", "--once", "--config",
                            folder_.file("weir.toml")},
                           environment_, folder_.file("out"), folder_.file("err"));
  while (server_->faults().delayed() < 1) ::sched_yield();
  end_daemon(SIGKILL);
  server_->faults().end_delays();
  const Finished next = once();
  EXPECT_EQ(next.exit_code, 0) << next.err;
  EXPECT_THAT(next.err, HasSubstr("or it was killed a moment ago; waiting for up to 30 s"));
  EXPECT_THAT(next.out, HasSubstr("INSPECTIONS: 2 entries handed over"));
}

TEST_F(OnceTest, IsForOneOrganizationWhereItIsNamed) {
  put("outages.csv", testing::rows_up_to(2));
  const auto org = [&](const std::string& name, int company) {
    return "[org." + name + "]\nurl = '" + server_->url() +
           "'\ncompany_id = " + std::to_string(company) +
           "\ntime_zone = 'America/Los_Angeles'\nintegration_key_file = 'key'\nstore = '" + name +
           ".db'\n[org." + name +
           ".source.OUTAGES]\ncsv = 'outages.csv'\nsettle = '0s'\n"
           "first = 'replace'\n";
  };
  folder_.write("weir.toml", "[daemon]\nlisten = ''\n" + org("acme", 7) + org("blue", 8));
  const Finished one = once({"--org", "acme"});
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("acme OUTAGES: "));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("blue.db")));
  const Finished both = once();
  EXPECT_EQ(both.exit_code, 4) << "the server has no company 8";
  EXPECT_THAT(both.err, HasSubstr("weir: blue OUTAGES: "));
  EXPECT_THAT(both.err, Not(HasSubstr("acme OUTAGES: ")));
}

TEST_F(OnceTest, StandsBackForADaemon) {
  settings("");
  run_daemon();
  const Finished second = once();
  EXPECT_EQ(second.exit_code, 8);
  EXPECT_THAT(second.err, HasSubstr("weir run is there already"));
}

TEST_F(OnceTest, ASignalEndsItAndNothingIsLost) {
  receive(1, 1);
  settings(
      inspections("command = ['/bin/sh', '-c', 'touch begun; cat >> entries; exec sleep 600']\n"
                  "timeout = '1h'\n") +
      "[source.OUTAGES]\ncommand = ['/bin/sleep', '600']\n");
  std::string file = folder_.file("weir.toml");
  std::string text = content("weir.toml");
  text.replace(text.find("listen = ''"), 11, "listen = ''\nstop_within = '7s'");
  folder_.write("weir.toml", text);
  daemon_ = testing::start(
      {"/bin/sh", "-c",
       "cd '" + folder_.path().string() + "' && exec '" + WEIR_BINARIES + "/weir' run --once"},
      environment_, folder_.file("out"), folder_.file("err"));
  while (!std::filesystem::exists(folder_.file("begun"))) ::sched_yield();
  EXPECT_EQ(end_daemon(SIGTERM), 143) << content("err");
  settings(inspections());
  EXPECT_EQ(once().exit_code, 0);
  EXPECT_THAT(content("entries.ndjson"), HasSubstr("e1"));
}

TEST_F(OnceTest, ADryRunSaysOfEachSourceWhatWouldGo) {
  put("outages.csv", testing::rows_up_to(30));
  settings(quiet_outages());
  ASSERT_EQ(once().exit_code, 0);
  put("outages.csv", "id,city,status\n1,Dinuba,b\n" + testing::rows_up_to(28).substr(26));
  receive(1, 1);
  settings(quiet_outages() + "[source.CREWS]\ncsv = 'outages.csv'\nsettle = '0s'\n" +
           inspections("command = ['/bin/sh', '-c', 'touch handled']\n"));
  const std::int64_t before = calls();
  const Finished done = dry();
  EXPECT_EQ(done.exit_code, 1) << "CREWS is held";
  EXPECT_THAT(done.out, HasSubstr("OUTAGES: 28 rows, 1 to insert or change, 2 to delete, 27 "
                                  "unchanged; "));
  EXPECT_THAT(done.err, HasSubstr("CREWS: held, nothing is changed: this store has never published "
                                  "CREWS"));
  const json report = dry_report();
  EXPECT_EQ(report.at("dry_run"), true);
  const json& sources = report.at("orgs").at(0).at("sources");
  EXPECT_EQ(sources.at(0).at("held").at("guard"), "first");
  EXPECT_EQ(sources.at(1).at("to_delete"), 2);
  EXPECT_THAT(report.at("orgs").at(0).at("polls"), IsEmpty());
  EXPECT_EQ(calls(), before) << "nobody is called";
  EXPECT_FALSE(std::filesystem::exists(folder_.file("handled")));
  EXPECT_EQ(rows().size(), 30U);
}

TEST_F(OnceTest, ADryRunNamesTheGuardThatWouldHold) {
  put("outages.csv", testing::rows_up_to(30));
  settings(quiet_outages());
  ASSERT_EQ(once().exit_code, 0);
  put("outages.csv", testing::rows_up_to(2));
  EXPECT_EQ(dry_report()["orgs"][0]["sources"][0]["held"]["guard"], "max_deletes");
  put("outages.csv", testing::rows_up_to(0));
  EXPECT_EQ(dry_report()["orgs"][0]["sources"][0]["held"]["guard"], "empty");
}

TEST_F(OnceTest, ADryRunLeavesEveryStoreAsItIs) {
  put("outages.csv", testing::rows_up_to(3));
  settings(quiet_outages());
  EXPECT_EQ(dry().exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("weir.db"))) << "none is made";
  EXPECT_FALSE(std::filesystem::exists(folder_.file("daemon.lock")));
  ASSERT_EQ(once().exit_code, 0);
  put("outages.csv", testing::rows_up_to(9));
  const std::string before = content("weir.db");
  EXPECT_EQ(dry().exit_code, 0);
  EXPECT_EQ(content("weir.db"), before);
}

// To the tables of an older version, as its weir left them.
const std::string kDowngrade =
    "DROP TABLE history; DROP TABLE history_size; ALTER TABLE sync_sources DROP COLUMN served; "
    "ALTER TABLE data_sources DROP COLUMN columns_of_apply;";

TEST_F(OnceTest, ADryRunLeavesAStoreOfAnOlderVersionAsItIs) {
  put("outages.csv", testing::rows_up_to(30));
  settings(quiet_outages());
  ASSERT_EQ(once().exit_code, 0);
  ASSERT_EQ(testing::run({"/usr/bin/sqlite3", folder_.file("weir.db"),
                          kDowngrade + "PRAGMA user_version = 22;"},
                         {})
                .exit_code,
            0);
  put("outages.csv", testing::rows_up_to(31));
  const std::string before = content("weir.db");
  const std::string seen = content("weir.db.seen");
  for (int i = 0; i < 2; ++i) {
    const Finished done = dry();
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, HasSubstr("OUTAGES: 31 rows, 1 to insert or change, 0 to delete, 30 "
                                    "unchanged"));
    EXPECT_EQ(content("weir.db"), before);
    EXPECT_EQ(content("weir.db.seen"), seen);
  }
  EXPECT_EQ(once().exit_code, 0) << "a real run takes it up";
  EXPECT_EQ(rows().size(), 31U);
}

// A schema is not copied, so one of an older version is refused, and stays as it is to the byte.
TEST_F(OnceTest, ADryRunRefusesAStoreInPostgresqlOfAnOlderVersionAndLeavesItAsItIs) {
  testing::PostgresServer server;
  put("outages.csv", testing::rows_up_to(3));
  settings(quiet_outages());
  std::string text = content("weir.toml");
  text.replace(text.find("weir.db"), 7, server.url());
  folder_.write("weir.toml", text);
  ASSERT_EQ(once().exit_code, 0);
  server.sql(kDowngrade + "UPDATE weir_schema SET version = 22");
  const std::string before = server.dump();
  ASSERT_THAT(before, HasSubstr("CREATE TABLE"));
  put("outages.csv", testing::rows_up_to(4));
  const Finished done = dry();
  EXPECT_EQ(done.exit_code, 8) << done.out << done.err;
  EXPECT_THAT(done.err, HasSubstr("older version"));
  EXPECT_EQ(server.dump(), before);
  EXPECT_EQ(once().exit_code, 0) << "a real run takes it up";
  EXPECT_EQ(rows().size(), 4U);
}

TEST_F(OnceTest, ADryRunStandsBesideADaemon) {
  put("outages.csv", testing::rows_up_to(3));
  settings(outages());
  run_daemon();
  wait_for_rows(3);
  // The platform has the rows a moment before the daemon knows that.
  const auto waiting = [&] {
    return json::parse(told({"status", "--json"}).out)["orgs"][0]["sources"][0]["stale_rows"];
  };
  while (waiting() != 0) ::sched_yield();
  const Finished done = dry();
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("OUTAGES: 3 rows, 0 to insert or change, 0 to delete, 3 "
                                  "unchanged"));
}

// What is read again within the overlap is no change.
TEST_F(OnceTest, ADryRunCountsTheChangesOfAFollowedQueryAndOfDroppedFiles) {
  ASSERT_EQ(testing::run({"/usr/bin/sqlite3", folder_.file("crm.db"),
                          "CREATE TABLE t (id TEXT, city TEXT, status TEXT, at INTEGER);"
                          "INSERT INTO t VALUES ('1','Dinuba','a',100),('2','Dinuba','a',101);"},
                         {})
                .exit_code,
            0);
  settings(
      "[source.OUTAGES]\ndatabase = 'sqlite3://crm.db'\nquery = 'SELECT id, city, status, at FROM "
      "t WHERE at > :since'\nfollow = { column = 'at' }\ncolumns = ['id', 'city', 'status']\n"
      "first = 'replace'\n");
  ASSERT_EQ(once().exit_code, 0);
  ASSERT_EQ(rows().size(), 2U);
  ASSERT_EQ(testing::run({"/usr/bin/sqlite3", folder_.file("crm.db"),
                          "INSERT INTO t VALUES ('3','Visalia','a',102);"},
                         {})
                .exit_code,
            0);
  json source = dry_report()["orgs"][0]["sources"][0];
  EXPECT_EQ(source["to_upsert"], 1) << source;
  EXPECT_EQ(source["unchanged"], 2) << source;
  EXPECT_EQ(dry_report()["orgs"][0]["sources"][0], source) << "nothing was kept by the first";
  std::filesystem::create_directory(folder_.file("drop"));
  folder_.write("drop/1.csv", "op,id,city,status\nupsert,1,Dinuba,a\ndelete,2,,\n");
  settings("[source.OUTAGES]\ndirectory = 'drop'\nsettle = '0s'\n");
  source = dry_report()["orgs"][0]["sources"][0];
  EXPECT_EQ(source["to_upsert"], 1) << source;
  EXPECT_EQ(source["to_delete"], 1) << source;
  EXPECT_TRUE(std::filesystem::exists(folder_.file("drop/1.csv")));
}

}  // namespace
}  // namespace weir
