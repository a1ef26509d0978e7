#include "daemon/seeing/status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/seeing/metrics_text.h"
#include "daemon/seeing/pace_words.h"
#include "daemon/seeing/shown_status.h"
#include "daemon/seeing/status_json.h"
#include "daemon/seeing/status_page.h"
#include "daemon/seeing/status_text.h"
#include "made_status.h"

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

// One that is no text would make no text of all metrics. Such ids are refused today, and a store
// may hold one of before.
TEST(MetricsTest, AreTextWhateverANameIs) {
  Status status = made_status();
  status.orgs[0].sources[0].source = "a\xff\n\"b\\";
  const std::string text = as_metrics(status);
  EXPECT_NE(text.find(R"(source="a? \"b\\"})"), std::string::npos) << text;
  EXPECT_EQ(text.find('\xff'), std::string::npos);
}

TEST(VerdictTest, IsEmptyWhenAllIsWell) { EXPECT_TRUE(verdict_of(made_status()).empty()); }

TEST(VerdictTest, PutsErrorsFirstAndThenWhatHasLastedLongest) {
  Status status = made_status();
  SourceStatus& held = status.orgs[0].sources[0];
  held.state = SourceState::kHeld;
  held.since = status.now - 10h;
  status.orgs[0].sources[1].state = SourceState::kFailing;
  status.orgs[0].sources[1].error = "the file cannot be read: column city is missing";
  status.orgs[0].sources[1].what_to_do = "mend the file; nothing was changed";
  PollStatus& poll = status.orgs[0].polls[0];
  poll.error = "the command ended with 1";
  poll.since = status.now - 3h;
  const std::vector<Verdict> all = verdict_of(status);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "INSPECTION");
  EXPECT_EQ(all[1].name, "CREWS");
  EXPECT_EQ(all[1].what_to_do, "mend the file; nothing was changed");
  EXPECT_EQ(all[2].name, "OUTAGES");
  EXPECT_FALSE(all[2].is_error);
  EXPECT_NE(all[2].what_to_do.find("weir release OUTAGES"), std::string::npos);
}

TEST(VerdictTest, TellsEveryKindOfTrouble) {
  const auto first_of = [](const Status& status) {
    const std::vector<Verdict> all = verdict_of(status);
    return all.size() == 1 ? all.front().text : "there are " + std::to_string(all.size());
  };
  Status refused = made_status();
  refused.config.refused_at = refused.now;
  refused.config.fault = "weir.toml:3:1: unknown key";
  EXPECT_NE(first_of(refused).find("weir.toml:3:1: unknown key"), std::string::npos);
  Status spent = made_status();
  spent.orgs[0].usage.left = 0;
  EXPECT_EQ(first_of(spent), "the calls of today are spent");
  Status halted = made_status();
  halted.orgs[0].usage.halted = {{.source = "", .reason = "the key is refused", .until = {}}};
  EXPECT_NE(first_of(halted).find("the key is refused"), std::string::npos);
  Status letters = made_status();
  letters.orgs[0].sources[0].dead_letters = 1;
  EXPECT_NE(first_of(letters).find("refused 1 change for good"), std::string::npos);
  Status entries = made_status();
  entries.orgs[0].polls[0].dead_letters = 2;
  EXPECT_NE(first_of(entries).find("2 dead letters"), std::string::npos);
  Status more = made_status();
  more.more = {{.is_error = false, .name = "notify", .text = "a notification failed"}};
  EXPECT_EQ(first_of(more), "a notification failed");
}

// What is not known is no zero, and nothing is well.
TEST(VerdictTest, TellsOfAStoreThatCannotBeAskedAndShowsNoNumbersOfIt) {
  Status status = made_status();
  status.orgs[0].usage = {};
  status.orgs[0].is_known = false;
  status.orgs[0].store_error = "the database server does not answer";
  status.orgs[0].store_failed_at = status.now - 5min;
  const std::vector<Verdict> all = verdict_of(status);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all[0].is_error);
  EXPECT_NE(all[0].text.find("does not answer"), std::string::npos);
  const json org = json::parse(as_json(status)).at("orgs").at(0);
  for (const char* name : {"org_day", "calls_today", "limit", "left", "outside", "reserve",
                           "price_row_s", "resets_at", "open_connections"})
    EXPECT_TRUE(org.at(name).is_null()) << name;
  const Result<StatusText> text = status_text(as_json(status));
  ASSERT_TRUE(text);
  EXPECT_NE(text->text.find("is not known, for the store has not told it"), std::string::npos);
  EXPECT_TRUE(text->is_in_trouble);
  EXPECT_NE(status_page(status, {}).find("is not known"), std::string::npos);
  EXPECT_EQ(as_metrics(status).find("weir_calls_left{org=\"" + status.orgs[0].org),
            std::string::npos);
}

TEST(VerdictTest, ShowsOldNumbersWithTheirTimeWhereTheStoreCannotBeAskedAnyMore) {
  Status status = made_status();
  status.orgs[0].store_error = "the store does not answer";
  status.orgs[0].store_failed_at = status.now - 5min;
  status.orgs[0].numbers_at = status.now - 6min;
  EXPECT_TRUE(verdict_of(status).at(0).is_error);
  EXPECT_FALSE(status_line(status).find("1 store fails") == std::string::npos);
  EXPECT_EQ(status_line(status).find("all is well"), std::string::npos);
  const json org = json::parse(as_json(status)).at("orgs").at(0);
  EXPECT_EQ(org.at("left"), 1296);
  EXPECT_EQ(org.at("numbers_at"), "2024-10-04T13:54:00Z");
  const Result<StatusText> text = status_text(as_json(status));
  ASSERT_TRUE(text);
  EXPECT_NE(text->text.find("what the store told at 2024-10-04T13:54:00Z"), std::string::npos);
  EXPECT_NE(text->text.find("1,296 of 2,500 calls left"), std::string::npos);
  const std::string page = status_page(status, {});
  EXPECT_NE(page.find("it has not answered since"), std::string::npos);
  EXPECT_NE(page.find("1,296 of 2,500"), std::string::npos);
  EXPECT_NE(as_metrics(status).find("weir_source_up{org=\"\",source=\"CREWS\"} 0"),
            std::string::npos);
}

TEST(VerdictTest, NamesCommandsThatWorkWhereThereAreSeveralOrganizations) {
  Status status = made_status();
  OrgStatus& org = status.orgs[0];
  org.org = "acme";
  org.sources[0].state = SourceState::kHeld;
  org.sources[0].dead_letters = 1;
  org.polls[0].poll = "new entries";
  org.polls[0].dead_letters = 1;
  std::string all;
  for (const Verdict& verdict : verdict_of(status)) all += verdict.what_to_do + "\n";
  for (const std::string command :
       {"weir release OUTAGES --org acme\n", "weir outbox list --source OUTAGES --org acme\n",
        "weir entries list --poll 'new entries' --org acme\n"})
    EXPECT_NE(all.find(command), std::string::npos) << command << all;
}

TEST(ShownStatusTest, LeavesOutTheWordsOfOthersAndSaysWhereTheyAre) {
  Status status = made_status();
  OrgStatus& org = status.orgs[0];
  org.org = "acme";
  org.sources[0].error = "400 (E: “canary”)";
  org.sources[0].what_to_do = "mend “canary”";
  org.sources[1].error = "it is not there";
  org.sources[1].what_to_do = "make it";
  org.polls[0].error = "the command ended with exit code 1: “canary";
  org.usage.halted = {{.source = "", .reason = "401 (“canary”)", .until = {}}};
  status.more = {{.text = "the webhook answered 500: “canary”", .what_to_do = "“canary”"}};
  const Status shown = without_foreign_words(status);
  EXPECT_EQ((as_json(shown) + status_page(shown, {.org = "acme"})).find("canary"),
            std::string::npos);
  EXPECT_EQ(shown.orgs[0].sources[0].error, "400 (E: …)");
  EXPECT_EQ(shown.orgs[0].sources[0].what_to_do,
            "mend …; weir why OUTAGES --org acme tells what … stands for");
  EXPECT_EQ(shown.orgs[0].sources[1].what_to_do, "make it");
  EXPECT_EQ(shown.orgs[0].polls[0].what_to_do,
            "weir why --poll INSPECTION --org acme tells what … stands for");
}

TEST(VerdictTest, WhoStandsByForAnotherDaemonIsWell) {
  Status status = made_status();
  status.orgs[0].sources[1].is_elsewhere = true;
  status.orgs[0].polls[0].is_elsewhere = true;
  EXPECT_TRUE(verdict_of(status).empty());
  const json org = json::parse(as_json(status))["orgs"][0];
  EXPECT_EQ(org["sources"][1]["elsewhere"], true);
  EXPECT_EQ(org["polls"][0]["handler"], "another daemon polls");
  const std::string metrics = as_metrics(status);
  EXPECT_NE(metrics.find("weir_stands_by{org=\"\",source=\"CREWS\"} 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("weir_stands_by{org=\"\",poll=\"INSPECTION\"} 1\n"), std::string::npos);
}

TEST(StatusJsonTest, HasTheKeysThatProgramsReadAndNoOthers) {
  Status status = made_status();
  status.orgs[0].sources[0].error = "x";
  const json all = json::parse(as_json(status));
  EXPECT_EQ(keys_of(all), (std::vector<std::string>{"config", "orgs", "schema", "started_at",
                                                    "verdict", "version"}));
  EXPECT_EQ(keys_of(all["config"]), (std::vector<std::string>{"file", "loaded_at", "ok"}));
  EXPECT_EQ(keys_of(all["verdict"][0]),
            (std::vector<std::string>{"do", "level", "name", "org", "since", "text"}));
  const json& org = all["orgs"][0];
  EXPECT_EQ(keys_of(org), (std::vector<std::string>{
                              "calls_today", "lasts_until", "left", "limit", "log", "numbers_at",
                              "open_connections", "org", "org_day", "outside", "polls",
                              "price_row_s", "reserve", "resets_at", "sources", "time_zone"}));
  EXPECT_EQ(keys_of(org["sources"][0]),
            (std::vector<std::string>{"calls_today", "deliver", "elsewhere", "error",
                                      "held_deletes", "next_at", "oldest_at", "sent_at", "source",
                                      "stale_rows", "state"}));
  EXPECT_EQ(keys_of(org["polls"][0]),
            (std::vector<std::string>{"dead_letters", "elsewhere", "found", "handler", "interval_s",
                                      "looked_at", "next_at", "poll", "waiting", "why"}));
}

TEST(StatusJsonTest, TellsWhatThereIsAndNullWhereThereIsNone) {
  const std::string text = as_json(made_status());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const json all = json::parse(text);
  EXPECT_EQ(all["schema"], 1);
  EXPECT_EQ(all["config"]["ok"], true);
  EXPECT_TRUE(all["verdict"].empty());
  const json& org = all["orgs"][0];
  EXPECT_EQ(org["calls_today"], 1204);
  EXPECT_TRUE(org["lasts_until"].is_null());
  EXPECT_EQ(org["sources"][0]["state"], "waiting");
  EXPECT_EQ(org["sources"][0]["oldest_at"], "2024-10-04T13:43:00Z");
  EXPECT_TRUE(org["sources"][1]["oldest_at"].is_null());
  EXPECT_TRUE(org["sources"][1]["error"].is_null());
  EXPECT_EQ(org["polls"][0]["interval_s"], 840);
  EXPECT_EQ(org["polls"][0]["handler"], "ok");
  EXPECT_EQ(org["log"][0]["target"], "/api/v2/datasource OUTAGES");
}

TEST(StatusJsonTest, TellsNoNumberThatIsNotKnown) {
  Status status = made_status();
  status.orgs[0].polls[0].interval.reset();
  status.orgs[0].polls[0].found.reset();
  const std::string text = as_json(status);
  const json poll = json::parse(text)["orgs"][0]["polls"][0];
  EXPECT_TRUE(poll["interval_s"].is_null());
  EXPECT_TRUE(poll["found"].is_null());
  EXPECT_EQ(status_text(text)->text.find(" 0 s"), std::string::npos);
  EXPECT_EQ(as_metrics(status).find("weir_poll_interval_seconds{"), std::string::npos);
}

TEST(StatusJsonTest, NamesNoPriceOnADayThatIsSpent) {
  Status status = made_status();
  status.orgs[0].usage.price_row_seconds = std::numeric_limits<double>::infinity();
  const std::string text = as_json(status);
  EXPECT_TRUE(json::parse(text)["orgs"][0]["price_row_s"].is_null());
  for (const std::string& shown : {status_text(text)->text, status_page(status, {})}) {
    EXPECT_NE(shown.find("no call is sent before the reset"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("stale row-seconds"), std::string::npos) << shown;
  }
}

TEST(StatusTextTest, GivesASmallPriceItsDigitsAndALongIntervalItsHours) {
  Status status = made_status();
  status.orgs[0].usage.price_row_seconds = 0.16;
  status.orgs[0].polls[0].interval = 5h + 19min;
  const std::string text = status_text(as_json(status))->text;
  EXPECT_NE(text.find("the price of a call is 0.2 stale row-seconds"), std::string::npos) << text;
  EXPECT_NE(text.find(" 5 h 19 min "), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("CEST\n")) << text;
}

TEST(StatusJsonTest, StaysJsonWhateverATextHolds) {
  Status status = made_status();
  status.orgs[0].sources[0].error = "half a letter: \xC3 and \"quotes\"\n";
  EXPECT_TRUE(json::accept(as_json(status)));
}

TEST(StatusTextTest, DrawsWhatTheDaemonTells) {
  Status status = made_status();
  const Result<StatusText> well = status_text(as_json(status));
  ASSERT_TRUE(well);
  EXPECT_FALSE(well->is_in_trouble);
  EXPECT_TRUE(well->text.starts_with("All is well.\n"));
  EXPECT_NE(well->text.find("1,296 of 2,500 calls left"), std::string::npos) << well->text;
  EXPECT_NE(well->text.find("resets at 2024-10-05 00:00 CEST"), std::string::npos) << well->text;
  EXPECT_EQ(well->text.find("Z\n"), std::string::npos) << "all in the organization's zone";
  EXPECT_NE(well->text.find("OUTAGES      waiting  3 "), std::string::npos) << well->text;
  EXPECT_NE(well->text.find("INSPECTION"), std::string::npos);
  status.orgs[0].org = "acme";
  status.orgs[0].sources[0].error = "bad \x1B[2J";
  const Result<StatusText> bad = status_text(as_json(status));
  ASSERT_TRUE(bad);
  EXPECT_TRUE(bad->is_in_trouble);
  EXPECT_TRUE(
      bad->text.starts_with("Error: acme, OUTAGES, since 2024-10-04 15:43 CEST: bad  [2J\n"))
      << bad->text;
}

TEST(PaceWordsTest, SayWhatLimitsAnInterval) {
  PollPace pace{.interval = 10s,
                .interval_by = LimitedBy::kShortest,
                .rows_per_hour = 3000.4,
                .price = 12,
                .interval_with_more_calls = 10s};
  EXPECT_EQ(pace_words(pace), "3,000 rows/h at price 12, and no sooner");
  pace.interval_by = LimitedBy::kDeadline;
  pace.rows_per_hour = 1e-5;
  EXPECT_EQ(pace_words(pace), "less than 0.01 rows/h at price 12, and no later");
  pace.interval.reset();
  EXPECT_EQ(pace_words(pace), "the calls of today are spent");
}

TEST(PaceWordsTest, SayAnIntervalAsAPersonDoes) {
  EXPECT_EQ(interval_words(1ms), "1 s");
  EXPECT_EQ(interval_words(89'700ms), "90 s");
  EXPECT_EQ(interval_words(14min), "14 min");
  EXPECT_EQ(interval_words(3h + 5min), "3 h 5 min");
}

TEST(StatusTextTest, RefusesWhatIsNoStatus) {
  for (const std::string text : {"", "x", "[]", "{}", "{\"schema\":2}", "{\"schema\":1}",
                                 "{\"schema\":1,\"verdict\":5,\"orgs\":[{}]}"}) {
    const Result<StatusText> read = status_text(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kBadResponse);
  }
}

TEST(MetricsTextTest, HasALineForEachOrganizationSourceAndPoll) {
  Status status = made_status();
  status.orgs[0].org = "acme";
  status.orgs.push_back(status.orgs[0]);
  status.orgs[1].org = "say \"hi\"\\";
  const std::string text = as_metrics(status);
  for (const std::string line :
       {"weir_config_last_reload_successful 1", "weir_calls_today{org=\"acme\"} 1204",
        "weir_calls_limit{org=\"acme\"} 2500", "weir_calls_left{org=\"acme\"} 1296",
        "weir_calls_outside{org=\"acme\"} 0", "weir_price_row_seconds{org=\"acme\"} 310",
        "weir_connections_open{org=\"acme\"} 0",
        "weir_stale_rows{org=\"acme\",source=\"OUTAGES\"} 3",
        "weir_oldest_stale_seconds{org=\"acme\",source=\"OUTAGES\"} 1020",
        "weir_oldest_stale_seconds{org=\"acme\",source=\"CREWS\"} 0",
        "weir_source_up{org=\"acme\",source=\"CREWS\"} 1",
        "weir_held_deletes{org=\"acme\",source=\"CREWS\"} 0",
        "weir_dead_letters{org=\"acme\",source=\"CREWS\"} 0",
        "weir_dead_letters{org=\"acme\",poll=\"INSPECTION\"} 0",
        "weir_reconcile_found_rows_total{org=\"acme\",source=\"CREWS\"} 0",
        "weir_poll_interval_seconds{org=\"acme\",poll=\"INSPECTION\"} 840",
        "weir_entries_waiting{org=\"acme\",poll=\"INSPECTION\"} 0",
        "weir_entries_total{org=\"acme\",poll=\"INSPECTION\",result=\"done\"} 0",
        "weir_calls_today{org=\"say \\\"hi\\\"\\\\\"} 1204"}) {
    EXPECT_NE(text.find("\n" + line + "\n"), std::string::npos) << line << "\n" << text;
  }
}

TEST(MetricsTextTest, PutsThePlatformSyncOfAllOrganizationsUnderOneHelp) {
  Status status = made_status();
  status.orgs[0].org = "a";
  status.orgs[0].sync_metrics =
      "# HELP weir_sync_x Help.\n# TYPE weir_sync_x gauge\nweir_sync_x 1\n"
      "# HELP weir_sync_y Help.\n# TYPE weir_sync_y gauge\nweir_sync_y{id=\"S\"} 2\n";
  status.orgs.push_back(status.orgs[0]);
  status.orgs[1].org = "b";
  const std::string text = as_metrics(status);
  EXPECT_NE(text.find("# HELP weir_sync_x Help.\n# TYPE weir_sync_x gauge\n"
                      "weir_sync_x{org=\"a\"} 1\nweir_sync_x{org=\"b\"} 1\n"
                      "# HELP weir_sync_y Help.\n# TYPE weir_sync_y gauge\n"
                      "weir_sync_y{org=\"a\",id=\"S\"} 2\nweir_sync_y{org=\"b\",id=\"S\"} 2\n"),
            std::string::npos)
      << text;
}

TEST(StatusLineTest, SaysTheCallsAndWhatFails) {
  Status status = made_status();
  EXPECT_EQ(status_line(status), "1 org, 1,204 of 2,500 calls, all is well");
  status.orgs.push_back(status.orgs.front());
  status.orgs.push_back(status.orgs.front());
  status.orgs[0].sources[0].state = SourceState::kFailing;
  status.orgs[2].sources[1].state = SourceState::kFailing;
  EXPECT_EQ(status_line(status), "3 orgs, 3,612 of 7,500 calls, 2 sources fail");
  status.orgs[1].sources[0].state = SourceState::kHeld;
  status.orgs[1].polls[0].error = "the handler ends with 1";
  EXPECT_EQ(status_line(status),
            "3 orgs, 3,612 of 7,500 calls, 2 sources fail, 1 source is held, 1 poll fails");
}

}  // namespace
}  // namespace weir::daemon
