// The real weir command against the real mock server.
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cli_fixture.h"
#include "support/postgres_server.h"

namespace weir {
namespace {

using mock::FaultKind;
using testing::CliTest;
using testing::Finished;
using testing::kCanary;
using testing::kRows;

TEST_F(CliTest, SetsARefusedRowAsideUntilItIsSentAgainOnPurpose) {
  start();
  push(kRows);
  server_->faults().add({.kind = FaultKind::kStatus, .status = 400});
  const std::string changed = "id,city,status\n1,Dinuba,bad\n2,Visalia,b\n";
  EXPECT_EQ(push(changed).exit_code, 7);
  const Finished again = push(changed);
  EXPECT_EQ(again.exit_code, 7) << "the platform still lacks the row";
  EXPECT_NE(again.err.find("weir outbox retry --source OUTAGES"), std::string::npos) << again.err;
  EXPECT_NE(again.out.find("\"calls\":0"), std::string::npos) << again.out;
  EXPECT_NE(again.out.find("\"set_aside\":1"), std::string::npos) << again.out;
  EXPECT_NE(weir({"outbox", "list"}).out.find("OUTAGES"), std::string::npos);
  EXPECT_EQ(weir({"outbox", "retry"}).exit_code, 2) << "which ones?";
  const Finished retried = weir({"outbox", "retry", "--source", "OUTAGES", "--key", "1", "--json"});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_EQ(retried.out, "{\"retried\":1,\"calls\":1,\"dead_letters\":0,\"calls_left\":2497}\n");
  EXPECT_EQ(rows().at(0).at(2), "bad");
  EXPECT_EQ(weir({"outbox", "list", "--json"}).out, "{\"pending\":[],\"dead_letters\":[]}\n");
}

TEST_F(CliTest, PushesOnlyTheDifference) {
  start();
  EXPECT_EQ(
      push(kRows).out,
      R"({"source":"OUTAGES","rows":2,"upserted":2,"deleted":0,"unchanged":0,"calls":1,"calls_left":2499,)"
      R"("to_upsert":2,"to_delete":0,"sent":2,"waiting":0,"replaces_all_rows":true})"
      "\n");
  EXPECT_EQ(
      push(kRows).out,
      R"({"source":"OUTAGES","rows":2,"upserted":0,"deleted":0,"unchanged":2,"calls":0,"calls_left":2499,)"
      R"("to_upsert":0,"to_delete":0,"sent":0,"waiting":0})"
      "\n");
  const Finished third = push("id,city,status\n2,Visalia,new\n3,Orosi,c\n");
  EXPECT_EQ(third.exit_code, 0) << third.err;
  EXPECT_EQ(
      third.out,
      R"({"source":"OUTAGES","rows":2,"upserted":2,"deleted":1,"unchanged":0,"calls":1,"calls_left":2498,)"
      R"("to_upsert":2,"to_delete":1,"sent":3,"waiting":0})"
      "\n");
  EXPECT_EQ(rows(),
            (std::vector<std::vector<std::string>>{{"2", "Visalia", "new"}, {"3", "Orosi", "c"}}));
}

TEST_F(CliTest, ReplacesInSeveralCallsOnlyWhenAllowedTo) {
  start();
  const auto snapshot = [](const std::string& status) {
    std::string csv = "id,city,status\n";
    for (int i = 0; i < 10'500; ++i) csv += std::to_string(i) + ",Dinuba," + status + "\n";
    return csv;
  };
  push(snapshot("a"));
  EXPECT_NE(push(snapshot("b"), {"--dry-run"}).out.find("\"calls\":4"), std::string::npos);
  const Finished replaced = push(snapshot("b"), {"--allow-incomplete-replace"});
  EXPECT_NE(replaced.out.find("\"calls\":2"), std::string::npos) << replaced.out << replaced.err;
}

TEST_F(CliTest, ShowsWhatDiffersAndSendsItWithTheNextPush) {
  start();
  push(kRows);
  somebody_else_applies("op,id,city,status\nupsert,1,Dinuba,edited\ndelete,2,,\n");
  const std::vector<std::string> words = {
      "diff", "--source", "OUTAGES", "--csv", folder_.file("rows.csv"), "--json", "--exit-code"};
  const Finished shown = weir(words);
  EXPECT_EQ(shown.exit_code, 9) << shown.err;
  EXPECT_EQ(
      shown.out,
      R"({"source":"OUTAGES","rows":2,"platform_rows":1,"missing":1,"extra":0,"different":1,)"
      R"("changed_by_others":2,"calls":1,"calls_left":2498,"differences":[{"row":"different","key":"1",)"
      R"("cells":[{"column":"status","wanted":"a","platform":"edited"}]},)"
      R"({"row":"missing","key":"2","wanted":["2","Visalia","b"]}]})"
      "\n");
  EXPECT_NE(push(kRows).out.find("\"upserted\":2"), std::string::npos);
  EXPECT_EQ(weir(words).exit_code, 0);
  EXPECT_EQ(rows().size(), 2U);
}

TEST_F(CliTest, SendsWhatWaitsWithoutBeingHandedAnything) {
  start();
  push(kRows);
  server_->faults().add({.kind = FaultKind::kStatus, .count = 9, .status = 503});
  const Finished failed = push("id,city,status\n1,Dinuba,new\n2,Visalia,b\n", {"--wait", "0"});
  EXPECT_EQ(failed.exit_code, 6) << failed.err;
  server_->faults().clear();
  const Finished sent = weir({"outbox", "send", "--json"});
  EXPECT_EQ(sent.exit_code, 0) << sent.err;
  EXPECT_NE(sent.out.find("\"sent\":1,\"calls\":1,"), std::string::npos) << sent.out;
  EXPECT_EQ(rows().at(0).at(2), "new");
}

TEST_F(CliTest, StopsADiffThatTakesMoreCallsThanAllowed) {
  start();
  std::string many = "id,city,status\n";
  for (int i = 0; i < 1251; ++i) many += std::to_string(i) + ",Dinuba,a\n";
  push(many);
  const Finished stopped =
      weir({"diff", "--source", "OUTAGES", "--csv", folder_.file("rows.csv"), "--max-calls", "1"});
  EXPECT_EQ(stopped.exit_code, 1);
  EXPECT_NE(stopped.err.find("it takes 2"), std::string::npos) << stopped.err;
  EXPECT_EQ(server_->usage().calls_today, 2);
}

TEST_F(CliTest, SaysInADryRunWhatItWouldSend) {
  start();
  EXPECT_EQ(
      push(kRows, {"--dry-run"}).out,
      R"({"source":"OUTAGES","rows":2,"upserted":2,"deleted":0,"unchanged":0,"calls":1,"calls_left":2500,)"
      R"("to_upsert":2,"to_delete":0,"replaces_all_rows":true,"dry_run":true})"
      "\n");
  EXPECT_EQ(server_->usage().calls_today, 0);
}

TEST_F(CliTest, AppliesChangesFromCsvAndNdjson) {
  start();
  push(kRows);
  const Finished csv =
      weir({"apply", "--source", "OUTAGES", "--changes",
            folder_.write("c.csv",
                          "op,id,city,status\nupsert,3,Orosi,c\nupsert,3,Orosi,d\ndelete,1,,\n"),
            "--json"});
  EXPECT_EQ(
      csv.out,
      R"({"source":"OUTAGES","rows":3,"upserted":1,"deleted":1,"unchanged":0,"calls":1,"calls_left":2498,)"
      R"("to_upsert":1,"to_delete":1,"sent":2,"waiting":0})"
      "\n");
  const Finished ndjson =
      weir({"apply", "--source", "OUTAGES", "--changes",
            folder_.write("c.ndjson", "{\"op\":\"set\",\"id\":\"2\",\"status\":\"z\"}\n")});
  EXPECT_EQ(ndjson.exit_code, 0) << ndjson.err;
  EXPECT_EQ(rows(),
            (std::vector<std::vector<std::string>>{{"2", "Visalia", "z"}, {"3", "Orosi", "d"}}));
}

TEST_F(CliTest, KeepsChangesWhenTheDayIsSpentAndSaysWhenItResets) {
  start({.calls_per_day = 1});
  environment_["WEIR_CALLS_PER_DAY"] = "1";
  push(kRows);
  const Finished spent = push("id,city,status\n1,Dinuba,new\n");
  EXPECT_EQ(spent.exit_code, 5);
  EXPECT_NE(spent.err.find("resets at"), std::string::npos);
  EXPECT_NE(spent.out.find("\"calls_left\":0"), std::string::npos);
  EXPECT_EQ(server_->usage().refused, 0) << "not even tried";
  const Finished usage = weir({"usage", "--json"});
  EXPECT_NE(usage.out.find("\"left\":0"), std::string::npos);
}

TEST_F(CliTest, ExitsWithTheCodeOfWhatWentWrong) {
  start();
  EXPECT_EQ(push(kRows, {"--source", "NOPE"}).exit_code, 2) << "an option given twice";
  EXPECT_EQ(weir({"push", "--source", "NOPE", "--csv", folder_.write("r.csv", kRows)}).exit_code,
            6);
  EXPECT_EQ(push("id,city,status\n1,a\n").exit_code, 1);
  EXPECT_EQ(weir({"usage", "--time-zone", "Los_Angelos"}).exit_code, 3);
  EXPECT_EQ(weir({"usage", "--store", folder_.file("missing/weir.db")}).exit_code, 8);
  EXPECT_EQ(weir({"bogus"}).exit_code, 2);
  EXPECT_EQ(push(kRows, {"--url", "http://127.0.0.1:1", "--wait", "1"}).exit_code, 6);
  environment_["WEIR_INTEGRATION_KEY"] = "wrong";
  EXPECT_EQ(push("id,city,status\n9,a,b\n").exit_code, 4);
  environment_.erase("WEIR_INTEGRATION_KEY");
  EXPECT_EQ(push(kRows).exit_code, 3);
}

TEST_F(CliTest, SaysThatTheStoreIsReadOnlyOrLocked) {
  start();
  push(kRows);
  ::chmod(folder_.file("weir.db").c_str(), 0444);
  const Finished refused = push(kRows);
  EXPECT_EQ(refused.exit_code, 8);
  EXPECT_NE(refused.err.find("read-only"), std::string::npos);
}

TEST_F(CliTest, NamesTheLineOfABadRow) {
  start();
  const Finished refused = push("id,city,status\n1,\"two\nlines\",b\n1,c,d\n");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("line 4"), std::string::npos) << refused.err;
  EXPECT_EQ(server_->usage().calls_today, 0);
}

TEST_F(CliTest, ExitsWithPartialWhenTheRowIsRefusedForGood) {
  start();
  push(kRows);
  const Finished partial =
      weir({"apply", "--source", "OUTAGES", "--changes",
            folder_.write("c.csv", "op,id,city,status\nupsert,3,Orosi,c\n"), "--json"});
  EXPECT_EQ(partial.exit_code, 0);
  server_->faults().add({.kind = FaultKind::kStatus, .status = 422});
  const Finished refused =
      weir({"apply", "--source", "OUTAGES", "--changes",
            folder_.write("c.csv", "op,id,city,status\nupsert,4,Orosi,c\n"), "--json"});
  EXPECT_EQ(refused.exit_code, 7) << refused.err;
  EXPECT_NE(refused.out.find("\"dead_letters\":1"), std::string::npos);
}

TEST_F(CliTest, WritesTheKeyIntoNoFile) {
  start();
  weir({"push", "--source", "OUTAGES", "--csv", folder_.write("r.csv", kRows), "--first", "adopt",
        "--verbose"});
  server_->faults().add({.kind = FaultKind::kResetBefore});
  push("id,city,status\n1,Dinuba,new\n");
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(content.find(kCanary), std::string::npos) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 3);
}

TEST_F(CliTest, FinishesItsCallAndGivesItsLeaseBackWhenItIsTerminated) {
  start();
  server_->faults().add({.kind = FaultKind::kDelay, .seconds = 60});
  const std::string changes =
      folder_.write("changes.csv", "op,id,city,status\nupsert,1,Dinuba,a\n");
  const pid_t child = testing::start(
      {std::string(WEIR_BINARIES) + "/weir", "apply", "--source", "OUTAGES", "--changes", changes},
      environment_, folder_.file("out"), folder_.file("err"));
  while (server_->faults().delayed() == 0) ::sched_yield();
  ASSERT_EQ(::kill(child, SIGTERM), 0);
  server_->faults().end_delays();
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_TRUE(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 143) << status;
  EXPECT_EQ(rows().size(), 1U) << "the call under way was finished";
  EXPECT_EQ(push(kRows, {"--wait", "0"}).exit_code, 0) << "no lease rests";
}

TEST_F(CliTest, TakesThePortalsNumberOfCalls) {
  start();
  ASSERT_EQ(push(kRows).exit_code, 0);
  const Finished usage = weir({"usage", "--calibrate", "100", "--json"});
  EXPECT_EQ(usage.exit_code, 0) << usage.err;
  EXPECT_NE(usage.out.find(R"("outside":99)"), std::string::npos) << usage.out;
  EXPECT_NE(usage.out.find(R"("left":2400)"), std::string::npos) << usage.out;
  EXPECT_NE(weir({"usage"}).out.find("99 calls of today were spent outside Weir"),
            std::string::npos);
  EXPECT_EQ(weir({"usage", "--calibrate", "-1"}).exit_code, 2);
}

TEST_F(CliTest, KeepsItsStoreInPostgres) {
  start();
  testing::PostgresServer postgres;
  environment_["WEIR_STORE"] = postgres.url();
  EXPECT_EQ(push(kRows).exit_code, 0);
  EXPECT_NE(push(kRows).out.find(R"("unchanged":2,"calls":0)"), std::string::npos);
  postgres.stop("immediate");
  const Finished away = push("id,city,status\n1,Dinuba,new\n");
  EXPECT_EQ(away.exit_code, 8);
  EXPECT_NE(away.err.find("does not answer, so no call is made"), std::string::npos) << away.err;
  EXPECT_EQ(server_->usage().calls_today, 1) << "no ledger, no call";
  postgres.start();
  EXPECT_EQ(push("id,city,status\n1,Dinuba,new\n").exit_code, 0);
  EXPECT_EQ(rows().size(), 1U);
}

}  // namespace
}  // namespace weir
