// What an operator sees of a running `weir run`: why something waits, that somebody is told of
// trouble, and what may be sent to who helps.
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "daemon_run_fixture.h"
#include "text/iso_time.h"

namespace weir {
namespace {

using nlohmann::json;
using testing::Finished;
using testing::has;
using namespace std::chrono_literals;

class DaemonSeeingTest : public testing::DaemonRunTest {
 protected:
  json told_json(std::vector<std::string> words) {
    words.emplace_back("--json");
    const Finished answer = told(words);
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    return json::parse(answer.out, nullptr, false);
  }

  // The first of these in the daemon's status ("sources", "polls"), once it has all those members.
  json first_with(const std::string& kind, const std::vector<std::string>& members) {
    while (true) {
      json first = told_json({"status"})["orgs"][0][kind][0];
      if (::testing::Test::HasFailure() ||
          std::none_of(members.begin(), members.end(),
                       [&](const std::string& member) { return first[member].is_null(); }))
        return first;
      ::sched_yield();
    }
  }

  // So few that a call has its price at any time of the day.
  void settings_with_few_calls(const std::string& more) {
    folder_.write("weir.toml", "calls_per_day = 10\n" + organization() + more);
  }

  // In a data source of five rows, so light that they are worth no call for long.
  void keep_two_rows_that_wait() {
    settings_with_few_calls(
        "[source.OUTAGES]\nweight = 0.000001\n[source.WELLS]\nweight = 1000000\n");
    folder_.write("rows.csv", testing::rows_up_to(3));
    ASSERT_EQ(told({"push", "--source", "OUTAGES", "--csv", folder_.file("rows.csv"), "--first",
                    "replace"})
                  .exit_code,
              0);
    folder_.write("rows.csv", testing::rows_up_to(5));
    ASSERT_EQ(told({"push", "--source", "OUTAGES", "--csv", folder_.file("rows.csv"), "--keep"})
                  .exit_code,
              0);
  }

  // A program that notes each event in a line of its own.
  std::string notify() {
    return "[notify]\ncommand = ['/bin/sh', '-c', 'cat >> " + folder_.file("events") + "']\n";
  }

  std::vector<std::string> events() const {
    std::vector<std::string> all;
    std::istringstream lines(content("events"));
    for (std::string line; std::getline(lines, line);) {
      const json event = json::parse(line, nullptr, false);
      all.push_back(event.value("event", "?") + " " + event.value("state", "?"));
    }
    return all;
  }

  void wait_for_events(std::size_t count) const {
    while (events().size() < count) ::sched_yield();
  }
};

TEST_F(DaemonSeeingTest, TellsWhyRowsWaitWithAndWithoutADaemon) {
  keep_two_rows_that_wait();
  for (const bool with_daemon : {false, true}) {
    if (with_daemon) run_daemon();
    const json why = told_json({"why", "OUTAGES"});
    EXPECT_EQ(why["schema"], 1);
    EXPECT_EQ(why["limited_by"], "price") << why;
    EXPECT_EQ(why["stale_rows"], 2);
    EXPECT_LT(why["worth_row_s"], why["needed_row_s"]);
    EXPECT_TRUE(why["sent_by"].is_string());
    const Finished text = told({"why", "OUTAGES"});
    EXPECT_TRUE(text.out.starts_with("OUTAGES: 2 rows wait since ")) << text.out;
    EXPECT_TRUE(has(text.out, "at this rate they go at ")) << text.out;
  }
  EXPECT_EQ(server_->usage().calls_today, 1) << "asking makes no call";
}

// Not when the daemon next looks whether something is due.
TEST_F(DaemonSeeingTest, ShowsWhenRowsGoAndThatItIsAfterTheResetOnASpentDay) {
  keep_two_rows_that_wait();
  run_daemon();
  const json source = first_with("sources", {"next_at"});
  const json why = told_json({"why", "OUTAGES"});
  const auto time_of = [](const json& moment) {
    return text::parse_time(moment.get<std::string>()).value_or(TimePoint());
  };
  EXPECT_LT(abs(time_of(source["next_at"]) - time_of(why["sent_by"])), 10min);
  // Others spend what is left.
  ASSERT_EQ(told({"usage", "--calibrate", "10", "--yes"}).exit_code, 0);
  EXPECT_EQ(told_json({"why", "OUTAGES"})["limited_by"], "day_spent");
  const json org = told_json({"status"})["orgs"][0];
  EXPECT_GE(time_of(org["sources"][0]["next_at"]), time_of(org["resets_at"]));
  EXPECT_TRUE(org["price_row_s"].is_null()) << "nothing is sent at any price: " << org;
}

TEST_F(DaemonSeeingTest, GivesEveryCallAReason) {
  settings(outages());
  put("outages.csv", testing::rows_up_to(3));
  run_daemon();
  wait_for_rows(3);
  ASSERT_EQ(told({"diff", "--source", "OUTAGES", "--csv", folder_.file("outages.csv")}).exit_code,
            0);
  const json why = told_json({"why", "--last", "250"});
  EXPECT_GE(why["calls"].size(), 2U);
  for (const json& call : why["calls"]) EXPECT_FALSE(call["why"].get<std::string>().empty());
  EXPECT_TRUE(has(told({"why", "--last", "1"}).out, "somebody asked for the differences"));
}

TEST_F(DaemonSeeingTest, TellsOfWhatWasNeverAskedFor) {
  settings(outages());
  const Finished nothing = told({"why"});
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_EQ(told({"why", "OUTAGES", "--last", "3"}).exit_code, 2);
  const Finished no_store = told({"why", "OUTAGES"});
  EXPECT_EQ(no_store.exit_code, 8) << no_store.err;
  EXPECT_FALSE(std::filesystem::exists(folder_.file("weir.db"))) << "a question makes no store";
  run_daemon();
  const Finished unknown = told({"why", "OUTAGE"});
  EXPECT_NE(unknown.exit_code, 0);
  EXPECT_TRUE(has(unknown.err, "no data source OUTAGE")) << unknown.err;
  EXPECT_TRUE(has(told({"why", "--poll", "X"}).err, "no poll X"));
}

TEST_F(DaemonSeeingTest, ShowsHowOftenAPollLooksAndWhy) {
  settings("[poll.ENTRIES]\nform = 'F'\nappend = 'entries.ndjson'\n");
  run_daemon();
  const json poll = first_with("polls", {"looked_at", "interval_s"});
  EXPECT_GE(poll["interval_s"], 10);
  EXPECT_TRUE(has(poll["why"], " rows/h at price ")) << poll;
  EXPECT_TRUE(has(told({"why", "--poll", "ENTRIES"}).out, "ENTRIES: every "));
  EXPECT_TRUE(has(told({"status"}).out, " rows/h at price "));
  ASSERT_EQ(end_daemon(SIGTERM), 0);
  EXPECT_TRUE(has(told({"why", "--poll", "ENTRIES"}).out, "ENTRIES: every "));
}

TEST_F(DaemonSeeingTest, ShowsWhatTheLastLookOfAPollHasFound) {
  for (const char* id : {"e1", "e2"})
    server_->receive({{.id = id,
                       .form = "F",
                       .received = std::chrono::sys_days{std::chrono::year{2026} / 11 / 1},
                       .answers = "{}"}});
  settings("[poll.ENTRIES]\nform = 'F'\nappend = 'entries.ndjson'\n");
  run_daemon();
  EXPECT_EQ(first_with("polls", {"found"})["found"], 2);
}

TEST_F(DaemonSeeingTest, TellsOfTroubleOnceOverRestarts) {
  put("outages.csv", testing::rows_up_to(40));
  settings(outages() + notify());
  run_daemon();
  wait_for_rows(40);
  put("outages.csv", testing::rows_up_to(1));
  wait_for_events(1);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(end_daemon(SIGTERM), 0);
    run_daemon();
  }
  EXPECT_EQ(events(), (std::vector<std::string>{"deletes_held begin"}));
  put("outages.csv", testing::rows_up_to(39));
  wait_for_events(2);
  EXPECT_EQ(events(), (std::vector<std::string>{"deletes_held begin", "deletes_held end"}));
}

TEST_F(DaemonSeeingTest, TellsOfARefusedReloadAndOfItsEnd) {
  settings(notify());
  run_daemon();
  settings(notify() + "[source.A]\ncvs = 'a.csv'\n");
  EXPECT_EQ(told({"reload"}).exit_code, 3);
  wait_for_events(1);
  settings(notify());
  EXPECT_EQ(told({"reload"}).exit_code, 0);
  wait_for_events(2);
  EXPECT_EQ(events(), (std::vector<std::string>{"reload_refused begin", "reload_refused end"}));
}

TEST_F(DaemonSeeingTest, ShowsThatNobodyCanBeToldAndTakesOtherSettings) {
  put("outages.csv", "");
  settings(outages() + "[notify]\ncommand = ['/bin/false']\n");
  run_daemon();
  while (!has(told({"status"}).out, "a notification fails")) ::sched_yield();
  settings(outages() + notify());
  EXPECT_EQ(told({"reload"}).exit_code, 0);
  wait_for_events(1);
  EXPECT_EQ(events().front(), "deletes_held begin");
}

// A support person needs the reason, not the key.
TEST_F(DaemonSeeingTest, MakesABundleWithoutCellsKeysAndSecrets) {
  folder_.write("hook", "whsec_Q0FOQVJZLWhvb2stc2VjcmV0LWxvbmctZW5vdWdo\n");
  ::chmod(folder_.file("hook").c_str(), 0600);
  settings(outages() +
           "[poll.ENTRIES]\nform = 'F'\ncommand = ['/bin/cat', 'CANARY-argument']\n"
           "[notify]\nwebhook = 'http://127.0.0.1:9/CANARY-path'\nsecret_file = 'hook'\n");
  put("outages.csv", "id,city,status\nCANARY-row-1,CANARY-cell,a\nCANARY-row-2,CANARY-cell,b\n");
  run_daemon();
  wait_for_rows(2);
  server_->faults().add({.count = 1, .status = 400, .method = "PUT"});
  put("outages.csv",
      "id,city,status\nCANARY-row-1,CANARY-cell,a\nCANARY-row-2,CANARY-cell,b\n"
      "CANARY-row-3,CANARY-cell,c\n");
  while (told_json({"outbox", "list"})["dead_letters"].empty()) ::sched_yield();
  const Finished done = told({"doctor", "--bundle", folder_.file("bundle.txt")});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  const std::string bundle = content("bundle.txt");
  EXPECT_EQ(bundle.find("CANARY"), std::string::npos)
      << bundle.substr(bundle.find("CANARY") - 80, 200);
  EXPECT_FALSE(has(bundle, "Q0FOQVJZ")) << "the webhook's secret";
  for (const std::string part :
       {"== System\n", "== weir check\n", "== Settings", "== weir status\n", "OUTAGES",
        "== Calls of 30 days by target\n", "== Last calls\n", "== Store\n", "no damage",
        "== For the platform's support\n", "forecast of need", "== Last log lines of weir run\n",
        "integration_key_file = set", "source.OUTAGES.csv = ", "and 1 argument",
        "http://127.0.0.1:9/…"})
    EXPECT_TRUE(has(bundle, part)) << part << "\n" << bundle;
  struct stat found = {};
  ASSERT_EQ(::stat(folder_.file("bundle.txt").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600);
}

TEST_F(DaemonSeeingTest, MakesABundleOfWhatThereIs) {
  folder_.write("weir.toml", "company_id = 'x'\nnonsense = 'CANARY'\n");
  const Finished broken = told({"doctor"});
  EXPECT_EQ(broken.exit_code, 0) << broken.err;
  EXPECT_TRUE(has(broken.out, "nonsense is not a setting")) << broken.out;
  EXPECT_FALSE(has(broken.out, "CANARY")) << broken.out;
  EXPECT_FALSE(std::filesystem::exists(folder_.file("weir.db"))) << "it makes no store";
  const Finished no_folder = told({"doctor", "--bundle", folder_.file("no/such/bundle")});
  EXPECT_EQ(no_folder.exit_code, 1) << no_folder.err;
}

}  // namespace
}  // namespace weir
