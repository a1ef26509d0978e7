// Help, mistyped words, signals and refusals of the real weir command.
#include <sched.h>
#include <sys/wait.h>

#include <filesystem>
#include <sstream>

#include "cli_fixture.h"

namespace weir {
namespace {

using mock::FaultKind;
using testing::Finished;
using testing::has;
using testing::kRows;
using testing::rows_up_to;

class CliWordsTest : public testing::CliTest {};

TEST_F(CliWordsTest, PrintsTheManualAndCompletions) {
  const Finished manual = weir({"help", "man"});
  EXPECT_EQ(manual.exit_code, 0);
  EXPECT_TRUE(manual.out.starts_with(".TH WEIR 1")) << manual.out.substr(0, 80);
  for (const std::string verb : {"push", "diff", "apply", "outbox retry", "serve", "completion"})
    EXPECT_TRUE(has(manual.out, ".SS weir " + verb + "\n")) << verb;
  const Finished settings = weir({"help", "weir.toml"});
  EXPECT_TRUE(settings.out.starts_with(".TH WEIR.TOML 5")) << settings.out.substr(0, 80);
  EXPECT_TRUE(has(settings.out, "\\fBcalls_per_day\\fR"));
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Finished script = weir({"completion", shell});
    EXPECT_EQ(script.exit_code, 0);
    EXPECT_TRUE(has(script.out, "max-deletes")) << shell;
  }
  EXPECT_EQ(weir({"completion", "tcsh"}).exit_code, 2);
  EXPECT_EQ(weir({"completion"}).exit_code, 2);
}

TEST_F(CliWordsTest, TellsOfAVariableThatIsNoSetting) {
  start();
  environment_["WEIR_MAX_CONECTIONS"] = "1";
  const Finished done = weir({"usage"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_TRUE(has(done.err,
                  "WEIR_MAX_CONECTIONS in the environment is not a setting; did you mean "
                  "WEIR_MAX_CONNECTIONS?"))
      << done.err;
}

TEST_F(CliWordsTest, KnowsWhichVerbWasMeant) {
  for (const auto& [typed, meant] : std::map<std::string, std::string>{{"psuh", "push"},
                                                                       {"dif", "diff"},
                                                                       {"aply", "apply"},
                                                                       {"usge", "usage"},
                                                                       {"outbx", "outbox"},
                                                                       {"donwload", "download"},
                                                                       {"simulat", "simulate"},
                                                                       {"advice", "advise"},
                                                                       {"sevre", "serve"},
                                                                       {"hlep", "help"},
                                                                       {"verison", "version"}}) {
    const Finished refused = weir({typed});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_EQ(refused.err,
              "weir: there is no command '" + typed + "'; did you mean " + meant + "?\n");
  }
  EXPECT_EQ(weir({"version"}).out, weir({"--version"}).out);
  EXPECT_EQ(weir({"help"}).out, weir({"--help"}).out);
  EXPECT_TRUE(has(weir({"help"}).out, "push"));
  EXPECT_EQ(weir({}).exit_code, 2);
  EXPECT_TRUE(has(weir({}).err, "push"));
  for (const char* verb :
       {"push", "diff", "apply", "usage", "outbox", "download", "simulate", "advise", "serve"}) {
    const Finished help = weir({"help", verb});
    EXPECT_EQ(help.exit_code, 0) << help.err;
    EXPECT_EQ(help.out, weir({verb, "--help"}).out);
    EXPECT_TRUE(has(help.out, "--config") && has(help.out, "--verbose")) << help.out;
    std::istringstream lines(help.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
  EXPECT_TRUE(has(weir({"help", "serve"}).out, "WEIR_PRIVATE_TOKEN"));
  EXPECT_TRUE(has(weir({"help", "settings"}).out, "| `calls_per_day` |"));
}

TEST_F(CliWordsTest, SaysWhatToDoWithAFlagThatCannotBeTaken) {
  start();
  const std::vector<std::pair<std::vector<std::string>, std::string>> refusals = {
      {{"--json", "usage"}, "--json stands behind its command: weir usage --json"},
      {{"usage", "--metrics", "--json"}, "leave out --json"},
      {{"usage", "--metrics", "--watch"}, "--watch"},
      {{"outbox", "drop", "--all", "--source", "A"}, "--all is all dead letters; leave it out"},
      {{"outbox", "drop", "5", "--all"}, "--all is all dead letters; leave it out"},
      {{"outbox", "retry"}, "say which dead letters"},
      {{"entries", "drop", "5", "--all"}, "--all is all dead letters; leave it out"},
      {{"run", "--rehearse", "999d"}, "whole days from 1d to 366d"}};
  for (const auto& [words, told] : refusals) {
    const Finished refused = weir(words);
    EXPECT_EQ(refused.exit_code, 2) << words.front() << refused.out;
    EXPECT_TRUE(has(refused.err, told)) << refused.err;
  }
  const Finished none = weir({"entries", "drop", "abc"});
  EXPECT_TRUE(has(none.err, "there is no entry 'abc', and no other")) << none.err;
  const std::string rows = folder_.write("rows.csv", "id,city\n1,a\n");
  const Finished key =
      weir({"push", "--source", "A", "--csv", rows, "--key", "city", "--columns", "id"});
  EXPECT_TRUE(has(key.err, "the key 'city' is not among --columns")) << key.err;
}

TEST_F(CliWordsTest, SaysHowToGoOnWithAFileThatItHasWritten) {
  const std::string file = folder_.file("new.toml");
  EXPECT_TRUE(has(weir({"init", "--config", file}).out, "then: weir check --config " + file));
  std::filesystem::remove(file);
  EXPECT_EQ(weir({"init", "--config", file, "--json"}).out, "{\"wrote\":\"" + file + "\"}\n");
}

// A program that prints it may do so once only, as of a token that is good for one use.
TEST_F(CliWordsTest, HasTheKeyPrintedOnce) {
  start();
  environment_.erase("WEIR_INTEGRATION_KEY");
  const std::string program =
      folder_.write("vault", "#!/bin/sh\necho x >> " + folder_.file("runs") + "\necho " +
                                 std::string(testing::kCanary) + "\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const std::string config =
      folder_.write("weir.toml", "integration_key_file = 'exec:" + program + "'\n");
  const std::string rows = folder_.write("rows.csv", testing::kRows);
  const Finished pushed = weir({"push", "--source", "OUTAGES", "--csv", rows, "--config", config});
  EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
  EXPECT_EQ(std::filesystem::file_size(folder_.file("runs")), 2U);
}

// 12.3 and 12.4
TEST_F(CliWordsTest, NamesWhatIsWrongInAFolderThatWasDeleted) {
  start();
  environment_["WEIR_STORE"] = "weir.db";
  for (const std::string words :
       {"usage", "outbox list", "usage --ca-file ca.pem", "usage --config weir.toml"}) {
    std::filesystem::create_directory(folder_.file("gone"));
    const Finished refused =
        testing::run({"/bin/sh", "-c",
                      "cd '" + folder_.file("gone") + "' && rmdir ../gone && exec '" +
                          std::string(WEIR_BINARIES) + "/weir' " + words},
                     environment_);
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_FALSE(has(refused.err, "threads")) << refused.err;
    EXPECT_TRUE(has(refused.err, "folder") || has(refused.err, "does not exist")) << refused.err;
    std::filesystem::remove(folder_.file("gone"));
  }
}

struct Signalled {
  int number;
  int exit_code;
};

TEST_F(CliWordsTest, FinishesItsCallAtEachSignal) {
  for (const Signalled& signalled :
       {Signalled{SIGHUP, 129}, Signalled{SIGINT, 130}, Signalled{SIGTERM, 143}}) {
    start();
    environment_["WEIR_STORE"] = folder_.file("weir" + std::to_string(signalled.number) + ".db");
    server_->faults().add({.kind = FaultKind::kDelay, .seconds = 60});
    const std::string changes =
        folder_.write("changes.csv", "op,id,city,status\nupsert,1,Dinuba,a\n");
    const pid_t child = testing::start({std::string(WEIR_BINARIES) + "/weir", "apply", "--source",
                                        "OUTAGES", "--changes", changes},
                                       environment_, folder_.file("out"), folder_.file("err"));
    while (server_->faults().delayed() == 0) ::sched_yield();
    ASSERT_EQ(::kill(child, signalled.number), 0);
    server_->faults().end_delays();
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
    EXPECT_TRUE(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == signalled.exit_code) << status;
    EXPECT_EQ(rows().size(), 1U) << "the call under way was finished";
    EXPECT_EQ(push(kRows, {"--wait", "0"}).exit_code, 0) << "no lease rests";
  }
}

// 5.3
TEST_F(CliWordsTest, NamesFlagsInEachRefusal) {
  start();
  push(rows_up_to(30));
  const std::vector<std::pair<Finished, std::string>> refusals = {
      {push("id,city,status\n"), "--allow-empty"},
      {push("id,status,city\n1,a,b\n"), "--replace"},
      {push("id,city\n1,a\n"), "--replace"},
      {push(rows_up_to(5)), "--max-deletes 25"},
      {push(rows_up_to(29), {"--max-deletes", "0"}), "--max-deletes"},
      {push(rows_up_to(20), {"--max-deletes", "5%"}), "--max-deletes"}};
  for (const auto& [refused, flag] : refusals) {
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_TRUE(has(refused.err, flag)) << refused.err;
    EXPECT_FALSE(has(refused.err, "::")) << refused.err;
  }
}

}  // namespace
}  // namespace weir
