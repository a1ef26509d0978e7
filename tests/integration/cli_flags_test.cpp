// Command lines that the real weir command cannot take: every refusal names the flag and what it
// takes, in words of its own.
#include <gmock/gmock.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <utility>

#include "cli_fixture.h"

namespace weir {
namespace {

using testing::Finished;
using testing::has;
using ::testing::HasSubstr;

// What the parser library says of its own.
constexpr std::array kForeign = {"not in range",
                                 "Could not convert",
                                 "required but received",
                                 "required TEXT",
                                 "A subcommand",
                                 "not expected",
                                 "is required",
                                 "1.79",
                                 "missing",
                                 "At Most",
                                 "At most",
                                 "not in {",
                                 "Value ",
                                 "excludes",
                                 "requires"};

class CliFlagsTest : public testing::CliTest {
 protected:
  void SetUp() override { environment_ = {{"WEIR_STORE", folder_.file("weir.db")}}; }

  // Refused as a mistake of the command line, in own words; what it says.
  std::string refused(const std::vector<std::string>& words) {
    const Finished text = weir(words);
    EXPECT_EQ(text.exit_code, 2) << words.front() << " " << words.back() << text.err;
    EXPECT_EQ(text.out, "") << words.back();
    EXPECT_TRUE(text.err.starts_with("weir: ")) << text.err;
    for (const char* foreign : kForeign) EXPECT_FALSE(has(text.err, foreign)) << text.err;
    return text.err;
  }

  // Every verb, with its verbs.
  std::vector<std::vector<std::string>> verbs() {
    std::vector<std::vector<std::string>> all;
    for (const std::string& verb : names_in(weir({"--help"}).out, "Subcommands:")) {
      const std::vector<std::string> further = names_in(weir({verb, "--help"}).out, "Subcommands:");
      if (further.empty()) all.push_back({verb});
      for (const std::string& own : further) all.push_back({verb, own});
    }
    return all;
  }

  // The first words of the lines of a part of the help.
  static std::vector<std::string> names_in(const std::string& help, const std::string& part) {
    std::vector<std::string> names;
    std::istringstream lines(help.substr(std::min(help.find(part), help.size())));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line) && line.starts_with("  ")) {
      if (line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    return names;
  }

  // The flags of a verb that take a value, and those that take none.
  std::pair<std::set<std::string>, std::set<std::string>> flags(
      const std::vector<std::string>& verb) {
    std::vector<std::string> words = verb;
    words.emplace_back("--help");
    const std::string help = weir(words).out;
    std::set<std::string> with;
    std::set<std::string> without;
    static const std::regex kFlag("\n  (?:-h,)?(--[a-z-]+)( (?!Needs|Excludes)[A-Z][^ ]*)?");
    for (auto found = std::sregex_iterator(help.begin(), help.end(), kFlag);
         found != std::sregex_iterator(); ++found)
      ((*found)[2].matched ? with : without).insert((*found)[1]);
    return {with, without};
  }
};

TEST_F(CliFlagsTest, SayInOwnWordsWhatANumberMayBe) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"poll", "--form", "F", "--max", "0"}, "--max takes a whole number from 1 on, not '0'"},
      {{"poll", "--form", "F", "--max", "9999999999999999999999"}, "--max takes a whole number"},
      {{"diff", "--source", "S", "--limit", "-1"}, "--limit takes a whole number from 0 on"},
      {{"diff", "--source", "S", "--max-calls", "0"}, "--max-calls takes a whole number from 1 on"},
      {{"call", "GET", "/x", "--worth", "0"}, "--worth takes a number above 0, not '0'"},
      {{"call", "GET", "/x", "--worth", "nan"}, "--worth takes a number above 0"},
      {{"call", "GET", "/x", "--worth", "x"}, "--worth takes a number above 0"},
      {{"download", "--entry", "e", "--file", "f", "--max-bytes", "-1"},
       "--max-bytes takes a whole"},
      {{"push", "--source", "S", "--wait", "10s"},
       "--wait takes a whole number from 0 to 86400, not '10s'"},
      {{"push", "--source", "S", "--query-timeout", "0"}, "from 1 to 86400"},
      {{"poll", "--form", "F", "--receiver-port", "65536"}, "from 0 to 65535"},
      {{"why", "--last", "251"}, "--last takes a whole number from 1 to 250, not '251'"},
      {{"usage", "--calibrate", "many"}, "--calibrate takes a whole number"},
      {{"outbox", "list", "x"}, "the id takes a whole number from 1 on, not 'x'"},
      {{"push", "--source", "S", "--first", "adop"}, "--first takes replace or adopt, not 'adop'"},
      {{"completion", "tcsh"}, "takes bash, zsh or fish, not 'tcsh'"}};
  for (const auto& [words, message] : cases) EXPECT_THAT(refused(words), HasSubstr(message));
}

TEST_F(CliFlagsTest, SayInOwnWordsWhatIsGivenTooOftenOrNotAtAll) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"usage", "--store="}, "--store needs a value"},
      {{"push", "--source"}, "--source needs a value"},
      {{"push", "--source="}, "--source needs a value"},
      {{"push", "--source", ""}, "--source is empty; is a variable not set?"},
      {{"push", "--source", "S", "--wait", "0", "--wait", "5", "--wait", "6"},
       "--wait is given more than once"},
      {{"usage", "--store", "a", "--store", "b"}, "--store is given more than once"},
      {{"--store", "a", "usage", "--store", "b"}, "--store is given more than once"},
      {{"--config", "a", "--config", "b", "usage"}, "--config is given more than once"},
      {{"push"}, "weir push needs --source"},
      {{"download", "--entry", "e"}, "weir download needs --file"},
      {{"call"}, "weir call needs method"},
      {{"serve", "--explain", "one"}, "--explain needs 2 values"},
      {{"usage", "--json=maybe"}, "--json takes no value"},
      {{"run", "--once", "--dry-run"}, "do not go together"},
      {{"advise", "--initial", "i"}, "--initial goes together with --changes"},
      {{"outbox"}, "say which: weir outbox list, send, retry or drop"},
      {{"entries"}, "say which: weir entries list, retry or drop"},
      {{"--verbose"}, "no command is given"},
      {{"usage", "today"}, "weir usage does not take the word 'today'"}};
  for (const auto& [words, message] : cases) EXPECT_THAT(refused(words), HasSubstr(message));
}

TEST_F(CliFlagsTest, NameTheFlagOrVerbThatWasMeant) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"push", "--source", "S", "--dryrun"},
       "no flag '--dryrun' of weir push; did you mean --dry-run?"},
      {{"usage", "--verbos"}, "did you mean --verbose?"},
      {{"usage", "--josn"}, "did you mean --json?"},
      {{"push", "--sorce=S"}, "did you mean --source?"},
      {{"outbox", "list", "--sorce", "S"}, "did you mean --source?"},
      {{"outbox", "retry", "--al"}, "did you mean --all?"},
      {{"outbox", "lst"}, "there is no command 'outbox lst'; did you mean outbox list?"},
      {{"entries", "lst"}, "there is no command 'entries lst'; did you mean entries list?"},
      {{"outbox", "retyr"}, "did you mean outbox retry?"},
      {{"--hepl"}, "no flag '--hepl'; did you mean --help?"},
      {{"--push"}, "did you mean the command push?"},
      {{"help", "outbox", "lst"}, "there is no command 'outbox lst'; did you mean outbox list?"},
      {{"help", "push", "now"}, "there is no command 'push now'"}};
  for (const auto& [words, message] : cases) EXPECT_THAT(refused(words), HasSubstr(message));
  EXPECT_EQ(weir({"help", "help"}).exit_code, 0);
  EXPECT_EQ(weir({"help", "version"}).exit_code, 0);
  EXPECT_EQ(weir({"help", "outbox", "list"}).exit_code, 0);
}

// A slip must not tell that a deadline costs nothing, or leave an empty schedule behind.
TEST_F(CliFlagsTest, NameTheDataSourceOfARecordingThatWasMeant) {
  const std::string changes =
      folder_.write("c.csv", "time_ms,op,src,id,city\n1707120060000,upsert,S000,1,x\n");
  const std::string initial = folder_.write("i.csv", "src,id,city\nQUIET,1,x\n");
  const auto with = [&](const std::string& verb, const std::vector<std::string>& flags) {
    std::vector<std::string> words = {verb,    "--changes",       changes, "--initial",
                                      initial, "--source-column", "src",   "--key-column",
                                      "id",    "--time-zone",     "UTC",   "--calls-per-day",
                                      "10"};
    words.insert(words.end(), flags.begin(), flags.end());
    return words;
  };
  for (const std::string verb : {"simulate", "advise"}) {
    for (const std::vector<std::string>& flags : std::vector<std::vector<std::string>>{
             {"--weights", "s000=50"}, {"--deadline", "s000=600"}, {"--weights", "S000=2,s000=3"}})
      EXPECT_THAT(refused(with(verb, flags)),
                  HasSubstr("no data source s000 is in the recording, though --weights or "
                            "--deadline names it; did you mean S000?"));
    EXPECT_EQ(weir(with(verb, {"--weights", "S000=2,QUIET=3", "--deadline", "600"})).exit_code, 0);
  }
  refused(with("simulate", {"--weights", "s000=2", "--schedule", folder_.file("s.csv")}));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("s.csv")));
}

TEST_F(CliFlagsTest, AreAnObjectWhereOneIsAskedFor) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"poll", "--form", "F", "--max", "0", "--json"},
                                             {"push", "--json"},
                                             {"outbox", "lst", "--json"},
                                             {"usage", "--josn", "--json"},
                                             {"--json", "psuh"},
                                             {"help", "psuh", "--json"}}) {
    const Finished refused = weir(words);
    EXPECT_EQ(refused.exit_code, 2) << refused.err;
    const auto json = nlohmann::json::parse(refused.err, nullptr, false);
    ASSERT_TRUE(json.is_object()) << refused.err;
    EXPECT_FALSE(json.at("error").at("message").get<std::string>().empty());
  }
}

// Whatever is wrong with whichever flag, no word of the parser library is left.
TEST_F(CliFlagsTest, HaveNoMessageOfTheParserWhateverTheFlag) {
  const std::vector<std::vector<std::string>> all = verbs();
  ASSERT_GT(all.size(), 20U);
  int tried = 0;
  for (const std::vector<std::string>& verb : all) {
    const auto [with, without] = flags(verb);
    EXPECT_FALSE(without.empty()) << verb.front();
    const auto expect_own_words = [&](std::vector<std::string> more) {
      more.insert(more.begin(), verb.begin(), verb.end());
      const Finished done = weir(more);
      for (const char* foreign : kForeign)
        EXPECT_FALSE(has(done.err, foreign)) << verb.front() << " " << more.back() << done.err;
      EXPECT_EQ(done.exit_code, 2) << verb.front() << " " << more.back() << done.err;
      ++tried;
    };
    for (const std::string& flag : with) {
      expect_own_words({flag + "="});
      // These two take more than one value.
      const bool is_repeatable =
          (flag == "--query" && verb.front() == "call") || flag == "--explain";
      if (!is_repeatable) expect_own_words({flag, "x", flag, "y"});
    }
    for (const std::string& flag : without)
      if (!has("--url --key-file --company-id --time-zone --store --calls-per-day "
               "--max-connections --ca-file --config --org --help",
               flag))
        expect_own_words({flag + "=maybe"});
    expect_own_words({"--no-such-flag"});
  }
  EXPECT_GT(tried, 150);
}

}  // namespace
}  // namespace weir
