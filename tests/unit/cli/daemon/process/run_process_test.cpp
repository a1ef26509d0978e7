// Programs that the daemon runs: what they get, and that nothing of them is left.
#include "daemon/process/run_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "support/temporary_folder.h"

namespace weir::daemon {
namespace {

using namespace std::chrono_literals;

// A script and what it prints.
struct Outcome {
  ProcessEnd end;
  std::string output;
};

Outcome run(ProcessOrder order) {
  std::string output;
  order.on_output = [&](std::string_view bytes) {
    output += bytes;
    return true;
  };
  const Result<ProcessEnd> end = run_process(order);
  EXPECT_TRUE(end) << end.error().message;
  return {.end = end ? *end : ProcessEnd{}, .output = output};
}

Outcome run_script(const std::string& script, const std::string& input = "") {
  return run({.command = {"/bin/sh", "-c", script}, .input = input});
}

bool is_gone(const std::string& pid) { return ::kill(std::stoi(pid), 0) != 0; }

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

TEST(RunProcess, PassesTheArgumentsAsTheyAreWithoutAShell) {
  const Outcome done = run({.command = {"/usr/bin/printf", "%s|", "a b", "$HOME", "*", "", "ü;|"}});
  EXPECT_EQ(done.output, "a b|$HOME|*||ü;||");
  EXPECT_TRUE(done.end.went_well());
}

TEST(RunProcess, FindsAProgramInThePath) {
  EXPECT_EQ(run({.command = {"echo", "here"}}).output, "here\n");
}

TEST(RunProcess, GivesTheInputToItsEnd) {
  const std::string input(3 * 1024 * 1024 + 7, 'x');
  EXPECT_EQ(run_script("cat", input).output, input);
}

TEST(RunProcess, GivesAnEmptyInputWhenThereIsNone) {
  EXPECT_EQ(run_script("cat; echo end").output, "end\n");
}

TEST(RunProcess, DoesNotMindAProgramThatReadsNoInput) {
  EXPECT_TRUE(run_script("exit 0", std::string(1024 * 1024, 'x')).end.went_well());
}

TEST(RunProcess, GivesPathHomeAndLangAndWhatItIsToldAndNoKey) {
  ::setenv("WEIR_INTEGRATION_KEY", "CANARY-key", 1);
  ::setenv("PGPASSWORD", "CANARY-password", 1);
  ::setenv("LANG", "C.UTF-8", 1);
  const Outcome done = run({.command = {"/usr/bin/env"}, .environment = {{"WEIR_FORM", "F=1\n2"}}});
  EXPECT_EQ(done.output.find("CANARY"), std::string::npos) << done.output;
  EXPECT_NE(done.output.find("PATH="), std::string::npos);
  EXPECT_NE(done.output.find("LANG=C.UTF-8\n"), std::string::npos);
  EXPECT_NE(done.output.find("WEIR_FORM=F=1\n2\n"), std::string::npos);
  ::unsetenv("WEIR_INTEGRATION_KEY");
  ::unsetenv("PGPASSWORD");
}

TEST(RunProcess, LetsNoDescriptorOfThisProcessThrough) {
  const int open_without_care = ::dup(STDERR_FILENO);
  EXPECT_EQ(run_script("ls /proc/self/fd | wc -l").output, "4\n");  // and the one of ls
  ::close(open_without_care);
}

TEST(RunProcess, StartsWithNoSignalBlockedOrIgnored) {
  sigset_t all;
  ::sigfillset(&all);
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  const Outcome done = run_script("grep -E 'Sig(Blk|Ign)' /proc/self/status");
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // But for the two that glibc keeps for itself, 32 and 33.
  std::istringstream lines(done.output);
  std::string name;
  std::string mask;
  while (lines >> name >> mask)
    EXPECT_EQ(std::stoull(mask, nullptr, 16) & ~(std::uint64_t{3} << 31), 0U) << name;
  EXPECT_EQ(name, "SigIgn:");
}

class ExitCodes : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Each, ExitCodes, ::testing::Values(0, 1, 2, 65, 100, 127, 255));
TEST_P(ExitCodes, AreToldAsTheyAre) {
  const Outcome done = run_script("exit " + std::to_string(GetParam()));
  EXPECT_EQ(done.end.exit_code, GetParam());
  EXPECT_EQ(done.end.went_well(), GetParam() == 0);
}

TEST(RunProcess, TellsTheSignalThatEndedIt) {
  const Outcome done = run_script("kill -9 $$");
  EXPECT_EQ(done.end.exit_code, 137);
  EXPECT_EQ(shown(done.end, 1s), "was ended by signal 9");
}

TEST(RunProcess, KeepsTheLastFourKibibytesOfStandardError) {
  const Outcome done = run_script("seq 1 100000 >&2; echo the end >&2; exit 3");
  EXPECT_EQ(done.end.last_words.size(), 4096U);
  EXPECT_TRUE(done.end.last_words.ends_with("100000\nthe end\n"));
}

TEST(RunProcess, ShowsWhatAProgramSaidInOneLine) {
  const ProcessEnd end{.exit_code = 3, .last_words = "no such\n\x1b[31mtable\n"};
  EXPECT_EQ(shown(end, 1s), "ended with exit code 3: “no such  [31mtable”");
}

struct NotStarted {
  std::string program;
  std::string says;
};
class CannotStart : public ::testing::TestWithParam<NotStarted> {};
INSTANTIATE_TEST_SUITE_P(
    Each, CannotStart,
    ::testing::Values(NotStarted{"/nowhere/save", "No such file or directory"},
                      NotStarted{"no-such-program-of-weir", "No such file or directory"},
                      NotStarted{"/etc/passwd", "Permission denied"},
                      NotStarted{"/", "Permission denied"}, NotStarted{"", "is empty"}));
TEST_P(CannotStart, SaysWhichAndWhy) {
  const Result<ProcessEnd> end = run_process({.command = {GetParam().program}});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(end.error().message.find(GetParam().program), std::string::npos);
  EXPECT_NE(end.error().message.find(GetParam().says), std::string::npos) << end.error().message;
}

TEST(RunProcess, EndsAtItsTimeoutWithAllThatItStarted) {
  const Outcome done = run(
      {.command = {"/bin/sh", "-c", "sleep 1000 & echo $! $$; exec sleep 1000"}, .timeout = 200ms});
  EXPECT_EQ(done.end.cause, ProcessEnd::Cause::kTimeout);
  for (const std::string& pid : words_of(done.output)) EXPECT_TRUE(is_gone(pid)) << pid;
  EXPECT_EQ(words_of(done.output).size(), 2U);
}

TEST(RunProcess, KillsWhatDoesNotHeedTheFirstSignal) {
  const Outcome done = run({.command = {"/bin/sh", "-c",
                                        "trap '' TERM; (while :; do sleep 1; done) & echo $! $$; "
                                        "while :; do sleep 1; done"},
                            .timeout = 100ms,
                            .patience = 200ms});
  EXPECT_EQ(done.end.cause, ProcessEnd::Cause::kTimeout);
  EXPECT_EQ(done.end.exit_code, 137);
  for (const std::string& pid : words_of(done.output)) EXPECT_TRUE(is_gone(pid)) << pid;
}

TEST(RunProcess, LeavesAProgramTimeToTidyUpAfterTheFirstSignal) {
  const Outcome done = run({.command = {"/bin/sh", "-c",
                                        "trap 'echo tidied >&2; exit 9' TERM; "
                                        "while :; do sleep 0.01; done"},
                            .timeout = 100ms});
  EXPECT_EQ(done.end.exit_code, 9);
  EXPECT_TRUE(done.end.last_words.ends_with("tidied\n")) << done.end.last_words;
  EXPECT_TRUE(shown(done.end, 2s).starts_with("did not end within 2 s and was ended: "));
}

TEST(RunProcess, EndsWhatAProgramLeftBehindWhenItEnded) {
  const Outcome done =
      run({.command = {"/bin/sh", "-c", "sleep 1000 & echo $!"}, .patience = 200ms});
  EXPECT_TRUE(done.end.went_well());
  EXPECT_TRUE(is_gone(words_of(done.output).at(0)));
}

TEST(RunProcess, ReadsWhatIsWrittenShortlyAfterTheEnd) {
  EXPECT_EQ(run_script("(sleep 0.1; echo late) & echo early").output, "early\nlate\n");
}

TEST(RunProcess, LeavesNoZombie) {
  run_script("(sleep 0.05; exit 1) & (exit 2) & exit 0");
  reap_strays();
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(RunProcess, StraysThatLeftTheirGroupAreReapedOnceTheyHaveEnded) {
  const testing::TemporaryFolder folder;
  const Outcome done = run_script("setsid sh -c 'while ! [ -e " + folder.file("go") +
                                  " ]; do sleep 0.01; done' >/dev/null 2>&1 & echo $!");
  const std::string stray = words_of(done.output).at(0);
  reap_strays();
  EXPECT_FALSE(is_gone(stray));
  folder.write("go", "");
  siginfo_t ended = {};
  ::waitid(P_PID, static_cast<id_t>(std::stoi(stray)), &ended, WEXITED | WNOWAIT);
  reap_strays();
  EXPECT_TRUE(is_gone(stray));
}

TEST(RunProcess, IsEndedWhenItsOutputIsRefused) {
  std::size_t taken = 0;
  const Result<ProcessEnd> end =
      run_process({.command = {"/usr/bin/yes"}, .on_output = [&](std::string_view bytes) {
                     taken += bytes.size();
                     return taken < 1'000'000;
                   }});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, ProcessEnd::Cause::kOutputRefused);
  EXPECT_LT(taken, 2'000'000U);
}

TEST(RunProcess, EndsAtItsTimeoutThoughItWritesWithoutEnd) {
  const Result<ProcessEnd> end =
      run_process({.command = {"/bin/sh", "-c", "yes & exec yes >&2"}, .timeout = 200ms});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, ProcessEnd::Cause::kTimeout);
}

TEST(RunProcess, EndsAtAStopAfterTheTimeThatIsLeftToIt) {
  std::stop_source stop;
  std::string output;
  const Result<ProcessEnd> end = run_process({.command = {"/bin/sh", "-c", "echo up; sleep 1000"},
                                              .on_output =
                                                  [&](std::string_view bytes) {
                                                    output += bytes;
                                                    stop.request_stop();
                                                    return true;
                                                  },
                                              .stop = stop.get_token(),
                                              .stop_grace = 50ms});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, ProcessEnd::Cause::kStop);
  EXPECT_EQ(output, "up\n");
}

TEST(RunProcess, MayEndByItselfWhileAStopWaits) {
  std::stop_source stop;
  stop.request_stop();
  const Result<ProcessEnd> end = run_process(
      {.command = {"/bin/sh", "-c", "exit 4"}, .stop = stop.get_token(), .stop_grace = 30s});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, ProcessEnd::Cause::kItself);
  EXPECT_EQ(end->exit_code, 4);
}

TEST(RunProcess, RunsManyAtOnceWithoutMixingThemUp) {
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([thread] {
      for (int i = 0; i < 10; ++i) {
        const std::string input = std::to_string(thread) + "-" + std::to_string(i);
        const Outcome done = run_script("cat; exit " + std::to_string(thread), input);
        EXPECT_EQ(done.output, input);
        EXPECT_EQ(done.end.exit_code, thread);
        reap_strays();
      }
    });
  }
}

}  // namespace
}  // namespace weir::daemon
