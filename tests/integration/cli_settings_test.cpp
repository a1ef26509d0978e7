// Settings, stores and words of the real weir command.

#include "cli_fixture.h"

namespace weir {
namespace {

using mock::FaultKind;
using testing::CliTest;
using testing::Finished;
using testing::has;
using testing::kRows;
using testing::rows_up_to;

class CliSettingsTest : public CliTest {
 protected:
  Finished apply(const std::string& name, const std::string& content,
                 std::vector<std::string> more = {}) {
    std::vector<std::string> words = {
        "apply", "--source", "OUTAGES", "--changes", folder_.write(name, content), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return weir(words);
  }
};

// Each command would count 0 calls and replace all rows.
TEST_F(CliSettingsTest, RefusesAStoreThatWouldBeInMemory) {
  start();
  for (const char* store : {":memory:", "file:weir.db?mode=memory"}) {
    const Finished refused = push(kRows, {"--keep", "--store", store});
    EXPECT_EQ(refused.exit_code, 3) << refused.out;
    EXPECT_TRUE(has(refused.err, "--store must be a path")) << refused.err;
  }
}

// 3 calls a day are 3 calls, whatever zone is typed.
TEST_F(CliSettingsTest, SpendsNoSecondBudgetInAnotherTimeZone) {
  start();
  environment_["WEIR_CALLS_PER_DAY"] = "3";
  for (int i = 0; i < 3; ++i) ASSERT_EQ(push(kRows, {"--replace"}).exit_code, 0);
  ASSERT_EQ(push(kRows, {"--replace"}).exit_code, 5);
  environment_["WEIR_TIME_ZONE"] = "Asia/Tokyo";
  const Finished pushed = push(kRows, {"--replace"});
  EXPECT_EQ(pushed.exit_code, 3) << pushed.out;
  EXPECT_TRUE(has(pushed.err, "counts calls by the days of America/Los_Angeles") &&
              has(pushed.err, "weir usage --move-time-zone"))
      << pushed.err;
  EXPECT_EQ(weir({"usage"}).exit_code, 3);
  EXPECT_EQ(weir({"outbox", "list"}).exit_code, 3);
  const Finished moved = weir({"usage", "--move-time-zone", "--json"});
  EXPECT_EQ(moved.exit_code, 0) << moved.err;
  EXPECT_TRUE(has(moved.out, R"("time_zone":"Asia/Tokyo")") && has(moved.out, R"("left":0)"))
      << moved.out;
  EXPECT_EQ(push(kRows, {"--replace"}).exit_code, 5);
  environment_["WEIR_TIME_ZONE"] = "America/Los_Angeles";
  EXPECT_EQ(push(kRows, {"--replace"}).exit_code, 3) << "it has moved";
  environment_.erase("WEIR_TIME_ZONE");
  EXPECT_EQ(weir({"outbox", "list"}).exit_code, 0) << "what waits has no day";
}

// 4.2
TEST_F(CliSettingsTest, DeletesNothingUnderALimitOnAStoreThatIsNew) {
  start();
  somebody_else_applies("op,id,city,status\nupsert,7,Dinuba,a\nupsert,8,Visalia,b\n");
  for (const char* limit : {"0", "1", "100", "0%", "100%"}) {
    for (const bool dry_run : {true, false}) {
      std::vector<std::string> flags = {"--max-deletes", limit};
      if (dry_run) flags.emplace_back("--dry-run");
      const Finished refused = push(kRows, flags);
      EXPECT_EQ(refused.exit_code, 1) << refused.out;
      EXPECT_TRUE(has(refused.err, "--first adopt") && has(refused.err, "--first replace"))
          << refused.err;
      EXPECT_FALSE(has(refused.err, "FirstPublish")) << refused.err;
    }
  }
  EXPECT_EQ(rows().size(), 2U) << "nothing was deleted";
  const Finished adopts = push(kRows, {"--max-deletes", "0", "--first", "adopt"});
  EXPECT_EQ(adopts.exit_code, 1) << "it knows now that two rows would go";
  EXPECT_TRUE(has(adopts.err, "delete 2 of 2 rows, more than the 0 that --max-deletes allows"))
      << adopts.err;
  EXPECT_EQ(push(kRows, {"--max-deletes", "2"}).exit_code, 0) << "adopted, so known";
  environment_["WEIR_STORE"] = folder_.file("another.db");
  const Finished replaced =
      push("id,city,status\n9,Orosi,c\n", {"--max-deletes", "0", "--first", "replace"});
  EXPECT_EQ(replaced.exit_code, 0) << replaced.err;
  EXPECT_TRUE(has(replaced.out, R"("replaces_all_rows":true)")) << replaced.out;
  EXPECT_EQ(rows().size(), 1U);
}

TEST_F(CliSettingsTest, SaysThatAFirstPushReplacesAllRows) {
  start();
  const std::string csv = folder_.write("rows.csv", kRows);
  const Finished dry = weir({"push", "--source", "OUTAGES", "--csv", csv, "--dry-run"});
  EXPECT_TRUE(has(dry.out, "all rows on the platform would be replaced by these 2")) << dry.out;
  const Finished first = weir({"push", "--source", "OUTAGES", "--csv", csv});
  EXPECT_EQ(
      first.out,
      "OUTAGES: new to this store: all rows on the platform were replaced by these 2; 1 call, "
      "2,499 left today\n");
}

TEST_F(CliSettingsTest, GuardsAgainstAPushThatDeletesMoreThanHalf) {
  start();
  ASSERT_EQ(push(rows_up_to(20)).exit_code, 0);
  const Finished refused = push(rows_up_to(9));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.err, "delete 11 of 20 rows") && has(refused.err, "--max-deletes 11"))
      << refused.err;
  EXPECT_EQ(rows().size(), 20U);
  EXPECT_EQ(push(rows_up_to(9), {"--max-deletes", "11"}).exit_code, 0);
  EXPECT_EQ(push(rows_up_to(20)).exit_code, 0);
  EXPECT_EQ(push(rows_up_to(9), {"--replace"}).exit_code, 0);
  EXPECT_EQ(push(rows_up_to(20)).exit_code, 0);
  EXPECT_EQ(push(rows_up_to(10)).exit_code, 0) << "just half";
  EXPECT_EQ(push("id,city,status\n", {"--allow-empty"}).exit_code, 0);
}

TEST_F(CliSettingsTest, TakesTheLimitsOfADataSourceFromItsTable) {
  start();
  const std::string config =
      folder_.write("weir.toml", "[source.OUTAGES]\nmax_deletes = 1\nfirst = 'replace'\n");
  ASSERT_EQ(push(rows_up_to(5), {"--config", config}).exit_code, 0) << "first is said";
  EXPECT_EQ(push(rows_up_to(3), {"--config", config}).exit_code, 1);
  EXPECT_EQ(push(rows_up_to(4), {"--config", config}).exit_code, 0);
  EXPECT_EQ(push(rows_up_to(2), {"--config", config, "--max-deletes", "2"}).exit_code, 0);
}

// 4.1 and 4.3
TEST_F(CliSettingsTest, HasOneStoreFromWhereverItIsCalled) {
  start();
  environment_.erase("WEIR_STORE");
  std::filesystem::create_directory(folder_.file("conf"));
  std::filesystem::create_directory(folder_.file("elsewhere"));
  folder_.write("conf/weir.toml", "store = 'weir.db'\n");
  const std::string csv = folder_.write("rows.csv", kRows);
  const Finished here = weir_in(folder_.file("conf"), "push --source OUTAGES --csv " + csv);
  EXPECT_EQ(here.exit_code, 0) << here.err;
  EXPECT_TRUE(has(here.err, "new store ") &&
              has(here.err, "/conf/weir.db: today's calls are not known"))
      << here.err;
  const Finished there =
      weir_in(folder_.file("elsewhere"),
              "push --config ../conf/weir.toml --json --source OUTAGES --csv " + csv);
  EXPECT_TRUE(has(there.out, R"("calls":0,"calls_left":2499)")) << there.out << there.err;
  EXPECT_EQ(there.err, "") << "the store is not new";
  EXPECT_TRUE(std::filesystem::is_empty(folder_.file("elsewhere")));
  const Finished usage = weir_in("/", "usage --config '" + folder_.file("conf/weir.toml") + "'");
  EXPECT_TRUE(has(
      usage.out, "Store: " + std::filesystem::canonical(folder_.path()).string() + "/conf/weir.db"))
      << usage.out << usage.err;
}

TEST_F(CliSettingsTest, SaysUntilItIsCalibratedThatAStoreIsACopy) {
  start();
  ASSERT_EQ(push(kRows).exit_code, 0);
  std::filesystem::copy(folder_.file("weir.db"), folder_.file("copy.db"));
  std::filesystem::rename(folder_.file("weir.db"), folder_.file("moved.db"));
  environment_["WEIR_STORE"] = folder_.file("moved.db");
  EXPECT_EQ(weir({"usage"}).err, "") << "a rename is no copy";
  environment_["WEIR_STORE"] = folder_.file("copy.db");
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(has(weir({"outbox", "list"}).err, "was copied or put back from a backup"));
  EXPECT_TRUE(has(push(kRows).out, R"("doubtful":true)"));
  EXPECT_EQ(weir({"usage", "--calibrate", "5"}).exit_code, 0);
  EXPECT_EQ(weir({"usage"}).err, "");
}

TEST_F(CliSettingsTest, SaysThatAnOlderCopyWasPutBackInItsPlace) {
  start();
  ASSERT_EQ(push(kRows).exit_code, 0);
  const auto over = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy(folder_.file("weir.db"), folder_.file("yesterday.db"));
  ASSERT_EQ(push("id,city,status\n1,Dinuba,new\n2,Visalia,b\n").exit_code, 0);
  std::filesystem::copy(folder_.file("yesterday.db"), folder_.file("weir.db"), over);
  EXPECT_TRUE(has(weir({"usage"}).err, "was copied or put back from a backup"));
}

// 2.3
struct Moved {
  const char* name;
  const char* content;
  const char* refusal;  // empty: it is taken
};

TEST_F(CliSettingsTest, PutsCellsIntoTheirColumnsByName) {
  start();
  push(kRows);
  const Moved cases[] = {
      {"c.ndjson", "{\"op\":\"upsert\",\"status\":\"on\",\"id\":\"3\",\"city\":\"Reedley\"}\n", ""},
      {"c.csv", "status,op,city,id\non,upsert,Reedley,3\n", ""},
      {"c.ndjson", "{\"op\":\"upsert\",\"id\":\"3\",\"town\":\"x\",\"status\":\"on\"}\n",
       "line 1: member 'town' is no column of the data source; they are id, city, status"},
      {"c.csv", "op,id,town,status\nupsert,3,x,on\n",
       "line 1: column 'town' is no column of the data source; they are id, city, status"},
      {"c.ndjson", "{\"op\":\"upsert\",\"id\":\"3\",\"status\":\"on\"}\n", "there is no 'city'"},
      {"c.csv", "op,id,status\nupsert,3,on\n", "there is no 'city'"},
      {"c.csv", "op,id\ndelete,3\n", ""},
      {"c.ndjson", "{\"op\":\"set\",\"id\":\"2\",\"town\":\"x\"}\n", "member 'town'"},
      {"c.ndjson", "{\"op\":\"upsert\",\"id\":\"3\",\"city\":\"x\",\"status\":\"on\",\"a\":1}\n",
       "member 'a'"},
      {"c.csv", "op,id,city,city,status\nupsert,3,x,y,on\n", "comes twice"}};
  for (const Moved& moved : cases) {
    const std::string refusal = moved.refusal;
    const Finished applied = apply(moved.name, moved.content);
    EXPECT_EQ(applied.exit_code, refusal.empty() ? 0 : 1) << moved.content << applied.err;
    EXPECT_TRUE(has(applied.err, refusal)) << applied.err;
    if (refusal.empty() && has(moved.content, "Reedley")) {
      EXPECT_EQ(rows().at(2), (std::vector<std::string>{"3", "Reedley", "on"})) << moved.content;
      EXPECT_EQ(apply("d.csv", "op,id\ndelete,3\n").exit_code, 0);
    }
  }
  EXPECT_EQ(
      apply("c.ndjson", "{\"op\":\"upsert\",\"status\":\"on\",\"id\":\"4\"}\n", {"--fill-empty"})
          .exit_code,
      0);
  EXPECT_EQ(rows().at(2), (std::vector<std::string>{"4", "", "on"}));
  EXPECT_EQ(apply("c.csv", "op,city,id,status\nupsert,x,5,on\n", {"--key", "city"}).exit_code, 1)
      << "the key is another";
}

// 2.4
TEST_F(CliSettingsTest, RefusesNamesThatCannotBeOne) {
  start();
  const std::string csv = folder_.write("rows.csv", kRows);
  const std::string changes = folder_.write("c.csv", "op,id,city,status\ndelete,1,,\n");
  for (const std::string name : {"", " ", "OUT\r", "A\nB", "\t", " OUT", "OUT "}) {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"push", "--csv", csv, "--source", name},
                                               {"diff", "--csv", csv, "--source", name},
                                               {"apply", "--changes", changes, "--source", name},
                                               {"outbox", "send", "--source", name},
                                               {"outbox", "drop", "--waiting", "--source", name},
                                               {"download", "--file", "a.jpg", "--entry", name},
                                               {"download", "--entry", "e", "--file", name}}) {
      const Finished refused = weir(words);
      EXPECT_EQ(refused.exit_code, 2) << words.front() << ": " << refused.err;
      EXPECT_TRUE(has(refused.err, name.find_first_not_of(' ') == std::string::npos
                                       ? "is a variable not set?"
                                       : ""))
          << refused.err;
    }
  }
  EXPECT_EQ(server_->usage().calls_today, 0);
}

// 2.5
TEST_F(CliSettingsTest, KeepsNothingForADataSourceThatNobodyKnows) {
  start();
  const std::string csv = folder_.write("rows.csv", kRows);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"push", "--source", "OUTAGSE", "--csv", csv},
           {"apply", "--source", "OUTAGSE", "--changes",
            folder_.write("c.csv", "op,id,city,status\nupsert,1,a,b\n")}}) {
    const Finished refused = weir(words);
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_TRUE(has(refused.err, "Nothing was kept")) << refused.err;
    EXPECT_FALSE(has(refused.err, "..")) << refused.err;
  }
  EXPECT_EQ(weir({"outbox", "list", "--json"}).out, "{\"pending\":[],\"dead_letters\":[]}\n");
  const std::int64_t calls = server_->usage().calls_today;
  EXPECT_EQ(weir({"outbox", "send"}).exit_code, 0);
  EXPECT_EQ(server_->usage().calls_today, calls);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"why", "OUTAGSE"}, {"forget", "--source", "OUTAGSE", "--yes"}})
    EXPECT_TRUE(has(weir(words).err, "knows no data source 'OUTAGSE'")) << words.front();
  const Finished other = weir(
      {"push", "--source", "OUTAGSE", "--csv", folder_.write("rows.csv", "number,name\n1,a\n")});
  EXPECT_EQ(other.exit_code, 6) << "the columns have gone with the rows: " << other.err;
}

TEST_F(CliSettingsTest, DropsWhatWaitsForOneDataSource) {
  start();
  push(kRows);
  server_->faults().add({.kind = FaultKind::kStatus, .count = 9, .status = 503});
  EXPECT_EQ(push("id,city,status\n1,Dinuba,new\n2,Visalia,b\n", {"--wait", "0"}).exit_code, 6);
  server_->faults().clear();
  EXPECT_EQ(weir({"outbox", "drop", "--waiting"}).exit_code, 2) << "which one?";
  EXPECT_EQ(weir({"outbox", "drop", "--waiting", "--source", "OUTAGES", "--all"}).exit_code, 2);
  EXPECT_EQ(weir({"outbox", "drop", "--waiting", "--source", "OUTAGES", "--json"}).out,
            "{\"dropped\":1}\n");
  EXPECT_TRUE(has(weir({"outbox", "list"}).out, "Nothing waits"));
  EXPECT_EQ(push("id,city,status\n1,Dinuba,new\n2,Visalia,b\n").exit_code, 0);
  EXPECT_EQ(rows().at(0).at(2), "new") << "what was dropped is not taken for sent";
}

// 4.7
TEST_F(CliSettingsTest, LooksAtTheStoreWithoutUrlAndKey) {
  start();
  push(kRows);
  for (const char* name : {"WEIR_URL", "WEIR_INTEGRATION_KEY", "WEIR_COMPANY_ID"})
    environment_.erase(name);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"usage"},
                                             {"advise"},
                                             {"outbox", "list"},
                                             {"outbox", "drop", "--all"},
                                             {"usage", "--calibrate", "3"}}) {
    const Finished looked = weir(words);
    EXPECT_EQ(looked.exit_code, 0) << words.front() << ": " << looked.err;
  }
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"outbox", "send"}, {"push", "--source", "A", "--csv", folder_.file("rows.csv")}}) {
    const Finished refused = weir(words);
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_TRUE(has(refused.err, "--key-file FILE") && has(refused.err, "WEIR_URL")) << refused.err;
  }
  environment_.erase("WEIR_TIME_ZONE");
  EXPECT_EQ(weir({"outbox", "list"}).exit_code, 0);
  EXPECT_EQ(weir({"usage"}).exit_code, 3);
}

// 4.9
TEST_F(CliSettingsTest, DoubtsWhatIsUnlikely) {
  start();
  push(kRows);
  EXPECT_EQ(push(kRows, {"--url", server_->url() + "/api/v2"}).exit_code, 3);
  EXPECT_TRUE(
      has(push(kRows, {"--max-connections", "5"}).err, "max_connections is more than the 3"));
  EXPECT_TRUE(has(weir({"usage", "--time-zone", "PST"}).err, "America/Los_Angeles"));
  for (const char* calls : {"0", "2501"}) {
    const Finished doubted = weir({"usage", "--calibrate", calls});
    EXPECT_EQ(doubted.exit_code, 2) << doubted.out;
    EXPECT_TRUE(has(doubted.err, "--yes")) << doubted.err;
    EXPECT_EQ(weir({"usage", "--calibrate", calls, "--yes"}).exit_code, 0);
  }
}

}  // namespace
}  // namespace weir
