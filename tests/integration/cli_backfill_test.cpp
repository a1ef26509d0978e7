// weir backfill, and the entries of polls that are no more, against the real mock server.
#include <gmock/gmock.h>

#include "integration/entries_fixture.h"

namespace weir::testing {
namespace {

using ::testing::HasSubstr;

TEST_F(EntriesTest, ABackfillHandsThePastOverAgainAndSaysItsCalls) {
  receive(1, 251);
  ASSERT_EQ(lines_of(poll({}).out).size(), 251U);
  const auto before = server_->usage().calls_today;
  const std::vector<std::string> words = {"backfill",   "--form", "F",          "--from",
                                          "2026-10-31", "--to",   "2026-11-01", "--json"};
  std::vector<std::string> limited = words;
  limited.insert(limited.end(), {"--max-calls", "1"});
  const Finished first = weir(limited);
  EXPECT_EQ(first.out, "{\"entries\":250,\"calls\":1,\"complete\":false}\n") << first.err;
  EXPECT_THAT(first.err, HasSubstr("251 entries, 2 calls"));
  const Finished second = weir(words);
  EXPECT_EQ(second.out, "{\"entries\":1,\"calls\":1,\"complete\":true}\n") << second.err;
  EXPECT_EQ(server_->usage().calls_today, before + 2);
  const Finished again = poll({});
  EXPECT_EQ(ids_of(again.out).size(), 251U);
  EXPECT_TRUE(json::parse(lines_of(again.out).front()).at("backfill").get<bool>());
  EXPECT_EQ(poll({}).out, "");
}

TEST_F(EntriesTest, ABackfillIsForAPollOfWeirToml) {
  receive(1, 2);
  const auto before = server_->usage().calls_today;
  const std::string toml = folder_.write("weir.toml",
                                         "[poll.INSP]\nform = 'F'\nappend = 'f'\n"
                                         "[poll.BACK]\nsource = 'CREWS'\nappend = 'b'\n");
  const auto backfill = [&](const std::string& flag, const std::string& name) {
    return weir(
        {"backfill", flag, name, "--from", "2026-10-31", "--to", "2026-11-01", "--config", toml});
  };
  const Finished unknown = backfill("--poll", "INPS");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean INSP? It has: BACK, INSP"));
  const Finished rows = backfill("--poll", "BACK");
  EXPECT_EQ(rows.exit_code, 2);
  EXPECT_THAT(rows.err, HasSubstr("of a data source"));
  const Finished neither = weir({"backfill", "--from", "2026-10-31", "--to", "2026-11-01"});
  EXPECT_EQ(neither.exit_code, 2);
  EXPECT_THAT(neither.err, HasSubstr("--poll NAME or --form F is required"));
  const Finished both = weir({"backfill", "--form", "F", "--poll", "INSP", "--from", "2026-10-31",
                              "--to", "2026-11-01", "--config", toml});
  EXPECT_EQ(both.exit_code, 2) << both.err;
  EXPECT_EQ(server_->usage().calls_today, before) << "no call for what cannot be meant";
  const Finished done = backfill("--poll", "INSP");
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("2 entries wait"));
  EXPECT_THAT(weir({"entries", "list"}).out, HasSubstr("INSP"));
}

TEST_F(EntriesTest, EveryMillisecondIsOfTheBackfillOfOneDay) {
  // Midnight in the zone of the organization, or half a second around it.
  const std::chrono::sys_seconds midnight =
      std::chrono::sys_days{std::chrono::year{2026} / 11 / 2} + std::chrono::hours{8};
  for (const int offset : {-500, 0, 500})
    server_->receive({{.id = std::to_string(offset),
                       .form = "F",
                       .received = midnight + std::chrono::milliseconds{offset}}});
  const auto of = [&](const std::string& day) {
    const Finished done = weir({"backfill", "--form", "F", "--from", day, "--to", day, "--json"});
    return json::parse(done.out).at("entries").get<int>();
  };
  EXPECT_EQ(of("2026-11-01"), 1);
  EXPECT_EQ(of("2026-11-02"), 2);
}

TEST_F(EntriesTest, ABackfillHasTheAnswersInTheFormatOfItsPoll) {
  const std::chrono::sys_days day = std::chrono::year{2026} / 11 / 1;
  for (const std::string format : {"Flat", "Rich", "Raw"}) {
    const std::string name = "P" + format;
    server_->receive({{.id = format, .form = format, .received = day, .answers = R"({"x":"1"})"}});
    const std::string out = file(name + ".ndjson");
    const std::string toml =
        folder_.write("weir.toml", "[poll." + name + "]\nform = '" + format + "'\nanswers = '" +
                                       format + "'\nappend = '" + out + "'\n");
    const std::vector<std::string> run = {"run", "--once", "--config", toml};
    EXPECT_EQ(weir(run).exit_code, 0);
    weir({"backfill", "--poll", name, "--from", "2026-10-31", "--to", "2026-11-01", "--config",
          toml});
    EXPECT_EQ(weir(run).exit_code, 0);
    const Ids lines = lines_of(content(out));
    ASSERT_EQ(lines.size(), 2U) << format;
    json polled = json::parse(lines.at(0));
    polled["backfill"] = true;
    EXPECT_EQ(json::parse(lines.at(1)), polled) << format;
  }
}

TEST_F(EntriesTest, EntriesWhosePollHasAnotherNameNowAreNotForgottenInSilence) {
  receive(1, 2);
  const auto run = [&](const std::string& name, const std::string& command) {
    const std::string toml = folder_.write(
        "weir.toml", "[poll." + name + "]\nform = 'F'\ncommand = ['" + command + "']\n");
    return weir({"run", "--once", "--config", toml});
  };
  EXPECT_EQ(run("OLD", "/bin/false").exit_code, 7);
  const Finished renamed = run("NEW", "/bin/true");
  EXPECT_EQ(renamed.exit_code, 7);
  EXPECT_THAT(renamed.err, HasSubstr("OLD: 2 entries wait: no poll of weir.toml has this name"));
  EXPECT_THAT(renamed.err, HasSubstr("the name OLD again"));
  weir({"entries", "retry", "--all"});
  EXPECT_EQ(run("OLD", "/bin/true").exit_code, 0);
  EXPECT_EQ(run("NEW", "/bin/true").exit_code, 0) << "none waits any more";
}

TEST_F(EntriesTest, EntriesOfWeirPollAreNotForgottenWhenWeirRunHasTheForm) {
  receive(1, 1);
  poll({"--exec", "exit 1"});
  const std::string toml =
      folder_.write("weir.toml", "[poll.P]\nform = 'F'\ncommand = ['/bin/true']\n");
  const Finished done = weir({"run", "--once", "--config", toml});
  EXPECT_EQ(done.exit_code, 7);
  EXPECT_THAT(done.err, HasSubstr("let weir poll --form F hand them over"));
}

TEST_F(EntriesTest, ABackfillNeedsDaysThatCanBeMeant) {
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"2026-11-02", "2026-11-01"},
                                                        {"yesterday", "today"},
                                                        {"2026-02-30", "2026-03-01"},
                                                        {"2026-1-1", "2026-01-02"}}) {
    const Finished done = weir({"backfill", "--form", "F", "--from", from, "--to", to});
    EXPECT_EQ(done.exit_code, 2) << done.err;
    EXPECT_THAT(done.err, HasSubstr("--from and --to"));
  }
  EXPECT_THAT(weir({"backfill", "--form", "F", "--from", "2999-01-01", "--to", "2999-01-02"}).err,
              HasSubstr("--from 2999-01-01 is yet to come"));
}

}  // namespace
}  // namespace weir::testing
