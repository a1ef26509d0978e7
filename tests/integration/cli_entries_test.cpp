// weir poll and weir entries against the real mock server, with real commands and files.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "integration/entries_fixture.h"

namespace weir::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A program of ours that runs on, until it is ended.
class Running {
 public:
  Running(const std::vector<std::string>& words, const std::map<std::string, std::string>& env,
          const std::string& out, const std::string& err) {
    std::vector<std::string> command = {std::string(WEIR_BINARIES) + "/weir"};
    command.insert(command.end(), words.begin(), words.end());
    process_ = start(command, env, out, err);
  }
  ~Running() { end(SIGKILL); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  bool has_ended() const {
    siginfo_t ended = {};
    ::waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOHANG | WNOWAIT);
    return ended.si_pid == process_;
  }

  void signal(int number) const { ::kill(process_, number); }

  int end(int signal) {
    if (process_ <= 0) return 0;
    ::kill(process_, signal);
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t process_ = -1;
};

void wait_until(const std::function<bool()>& come) {
  while (!come()) std::this_thread::yield();
}

class KilledEntriesTest : public EntriesTest {
 protected:
  // Each time a little later after it has written something.
  void kill_while_it_writes(std::vector<std::string> words, int times, int pauses) {
    words.insert(words.begin(), {"poll", "--form", "F"});
    for (int kill = 0; kill < times; ++kill) {
      const std::size_t before = content(file("out")).size();
      Running running(words, environment_, file("o"), file("e"));
      wait_until([&] { return content(file("out")).size() > before || running.has_ended(); });
      for (int i = 0; i < kill * pauses; ++i) std::this_thread::yield();
      running.end(SIGKILL);
    }
  }
};

TEST_F(EntriesTest, PollPrintsEachEntryOnceAsALineOfJson) {
  receive(1, 3);
  const Finished first = poll({});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(ids_of(first.out), ElementsAre("e1", "e2", "e3"));
  receive(4, 4);
  EXPECT_THAT(ids_of(poll({}).out), ElementsAre("e4"));
  EXPECT_EQ(poll({}).out, "");
}

TEST_F(EntriesTest, PollAppendsToAFile) {
  receive(1, 2);
  EXPECT_EQ(poll({"--to", file("out.ndjson")}).exit_code, 0);
  receive(3, 3);
  EXPECT_EQ(poll({"--to", file("out.ndjson")}).exit_code, 0);
  EXPECT_THAT(ids_of(content(file("out.ndjson"))), ElementsAre("e1", "e2", "e3"));
}

TEST_F(EntriesTest, PollRunsACommandForEachEntry) {
  receive(1, 2);
  const Finished done =
      poll({"--exec", "cat >> " + file("out") + "; echo $WEIR_ENTRY_ID >> " + file("ids")});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(ids_of(content(file("out"))), ElementsAre("e1", "e2"));
  EXPECT_EQ(content(file("ids")), "e1\ne2\n");
}

TEST_F(EntriesTest, PollEndsAfterAsManyEntriesAsItIsTold) {
  receive(1, 5);
  EXPECT_THAT(ids_of(poll({"--max", "2"}).out), ElementsAre("e1", "e2"));
  EXPECT_THAT(ids_of(poll({"--max", "2"}).out), ElementsAre("e3", "e4"));
  EXPECT_THAT(ids_of(poll({}).out), ElementsAre("e5"));
}

TEST_F(EntriesTest, PollLeavesOlderEntriesAlone) {
  receive(1, 5);
  EXPECT_THAT(ids_of(poll({"--since", "2026-11-01T00:00:04Z"}).out), ElementsAre("e4", "e5"));
}

TEST_F(EntriesTest, PollPrintsTheRowsThatOthersChangeAsWeirApplyReadsThem) {
  ASSERT_EQ(push(kRows).exit_code, 0);
  std::vector<std::string> words = {"poll", "--source", "OUTAGES", "--once"};
  const Finished first = weir(words);
  EXPECT_EQ(first.exit_code, 0) << first.err;
  somebody_else_applies("op,id,city,status\nupsert,3,Selma,c\ndelete,1,,\n");
  const Finished second = weir(words);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  ASSERT_EQ(lines_of(second.out).size(), 2U) << second.out;
  EXPECT_EQ(json::parse(lines_of(second.out).at(0)).at("op"), "upsert");
  EXPECT_EQ(json::parse(lines_of(second.out).at(1)).at("op"), "delete");
}

struct WrongFlags {
  std::vector<std::string> words;
  std::string says;
};
TEST_F(EntriesTest, FlagsThatCannotBeMeantAreRefused) {
  const std::vector<WrongFlags> family = {
      {{"poll"}, "--form F or --source ID"},
      {{"poll", "--form", "F", "--source", "S"}, "--form F or --source ID"},
      {{"poll", "--form", "F", "--to", "x", "--exec", "y"}, "exclude"},
      {{"poll", "--form", "F", "--since", "yesterday"}, "2026-11-01T08:00:00Z"},
      {{"poll", "--source", "S", "--since", "2026-11-01"}, "--since"},
      {{"poll", "--form", ""}, "--form"},
      {{"poll", "--form", "F", "--max", "0"}, "--max"},
      {{"entries", "retry"}, "--all"},
      {{"entries", "drop", "--poll", "P", "--all"}, "--all"},
      {{"entries"}, "list, retry or drop"},
  };
  for (const WrongFlags& wrong : family) {
    const Finished done = weir(wrong.words);
    EXPECT_EQ(done.exit_code, 2) << wrong.words.front() << done.err;
    EXPECT_THAT(done.err, HasSubstr(wrong.says));
  }
}

TEST_F(EntriesTest, ACommandThatFailsKeepsTheEntryAndItsReason) {
  receive(1, 2);
  const Finished done = poll({"--exec", "echo no disk >&2; exit 1"});
  EXPECT_EQ(done.exit_code, 7) << done.err;
  EXPECT_THAT(done.err, HasSubstr("no disk"));
  const json waiting = listed().at("waiting").at(0);
  EXPECT_EQ(waiting.at("poll"), "form F");
  EXPECT_EQ(waiting.at("entries"), 2);
  EXPECT_EQ(waiting.at("attempts"), 1);
  EXPECT_EQ(waiting.at("reason"), "the command ended with exit code 1: “no disk”");
  const auto calls = server_->usage().calls_today;
  const Finished resting = poll({"--exec", "exit 1"});
  EXPECT_EQ(resting.exit_code, 7);
  EXPECT_THAT(resting.err, HasSubstr("unless weir entries retry --poll 'form F' ends that"));
  EXPECT_EQ(server_->usage().calls_today, calls) << "a look would hand nothing over";
}

TEST_F(EntriesTest, AnEntryThatIsRefusedIsADeadLetterAndComesAgainWhenItIsRetried) {
  receive(1, 3);
  const std::string script = "grep -q e2 && exit 65; exit 0";
  EXPECT_EQ(poll({"--exec", script}).exit_code, 7);
  const json letter = listed().at("dead_letters").at(0);
  EXPECT_EQ(letter.at("entry"), "e2");
  EXPECT_EQ(letter.at("reason"), "the command ended with exit code 65");
  const Finished text = weir({"entries", "list"});
  EXPECT_THAT(text.out, HasSubstr("exit code 65"));
  const Finished retried = weir({"entries", "retry", "e2", "--json"});
  EXPECT_EQ(retried.out, "{\"retried\":1}\n");
  EXPECT_THAT(ids_of(poll({}).out), ElementsAre("e2"));
  EXPECT_THAT(listed().at("dead_letters"), IsEmpty());
}

TEST_F(EntriesTest, DeadLettersAreDropped) {
  receive(1, 3);
  poll({"--exec", "exit 65"});
  EXPECT_EQ(weir({"entries", "drop", "e1", "--json"}).out, "{\"dropped\":1}\n");
  EXPECT_EQ(weir({"entries", "drop", "--poll", "form F"}).out, "2 entries dropped\n");
  EXPECT_THAT(listed().at("dead_letters"), IsEmpty());
  EXPECT_EQ(poll({}).out, "");
}

TEST_F(EntriesTest, WhatWaitsCostsNoCallToSee) {
  receive(1, 1);
  poll({});
  const auto calls = server_->usage().calls_today;
  weir({"entries", "list"});
  EXPECT_EQ(server_->usage().calls_today, calls);
}

TEST_F(EntriesTest, AWrongKeyEndsWithItsCode) {
  environment_["WEIR_INTEGRATION_KEY"] = "wrong";
  EXPECT_EQ(poll({}).exit_code, 4);
}

TEST_F(EntriesTest, AFileThatCannotBeWrittenLosesNothing) {
  receive(1, 1);
  EXPECT_EQ(poll({"--to", file("none/out.ndjson")}).exit_code, 7);
  weir({"entries", "retry", "--all"});  // or it may still rest
  EXPECT_THAT(ids_of(poll({}).out), ElementsAre("e1"));
}

TEST_F(EntriesTest, OneProgramAtATimePollsAForm) {
  receive(1, 1);
  Running other({"poll", "--form", "F", "--to", file("out")}, environment_, file("o"), file("e"));
  wait_until([&] { return !content(file("out")).empty(); });
  const Finished refused = poll({});
  EXPECT_EQ(refused.exit_code, 8);
  EXPECT_THAT(refused.err, HasSubstr("form F"));
  EXPECT_EQ(poll({}, "G").exit_code, 0);
  EXPECT_EQ(other.end(SIGTERM), 143);
  EXPECT_EQ(poll({}).exit_code, 0);
}

TEST_F(EntriesTest, PollOutlivesSighup) {
  receive(1, 1);
  Running running({"poll", "--form", "F", "--to", file("out")}, environment_, file("o"), file("e"));
  wait_until([&] { return !content(file("out")).empty(); });
  running.signal(SIGHUP);
  wait_until([&] { return has(content(file("e")), "SIGHUP"); });
  EXPECT_EQ(running.end(SIGINT), 130);
}

TEST_F(EntriesTest, PollTakesDeliveriesOfTheFormConnectorForNoCall) {
  Running running({"poll", "--form", "F", "--to", file("out"), "--receiver-port", "0"},
                  environment_, file("o"), file("e"));
  const std::string before = "receive http://127.0.0.1:";
  wait_until([&] { return has(content(file("e")), before) && server_->usage().calls_today == 1; });
  const std::string told = content(file("e"));
  const std::size_t begin = told.find("http://", told.find(before));
  ASSERT_TRUE(
      server_->form_connector().set_url(told.substr(begin, told.find('\n', begin) - begin)));
  receive(1, 2);
  wait_until([&] { return lines_of(content(file("out"))).size() == 2; });
  EXPECT_THAT(ids_of(content(file("out"))), ElementsAre("e1", "e2"));
  EXPECT_EQ(server_->usage().calls_today, 1);
  EXPECT_EQ(running.end(SIGTERM), 143);
}

// The platform may still be at the call of the one that was killed.
TEST_F(EntriesTest, AKillInTheMidstOfALookHoldsUpTheNextOneForAMomentWhichIsSaid) {
  receive(1, 2);
  server_->faults().add({.kind = mock::FaultKind::kDelay, .seconds = 600});
  Running running({"poll", "--form", "F", "--to", file("out")}, environment_, file("o"), file("e"));
  wait_until([&] { return server_->faults().delayed() == 1; });
  running.end(SIGKILL);
  server_->faults().end_delays();
  const Finished at_once = poll({"--wait", "0"});
  EXPECT_EQ(at_once.exit_code, 6) << at_once.err;
  EXPECT_THAT(at_once.err, HasSubstr("another process is looking at form F"));
  const Finished next = poll({});
  EXPECT_EQ(next.exit_code, 0) << next.err;
  EXPECT_THAT(next.err, HasSubstr("or it was killed a moment ago; waiting for up to 30 s"));
  EXPECT_THAT(ids_of(next.out), ElementsAre("e1", "e2"));
}

// Killed while its handler runs, at whatever point: each entry is there at least once, whole. What
// waits is handed over before the first look, so no kill meets a call.
TEST_F(KilledEntriesTest, AKillLosesNoEntryAndTearsNoLine) {
  receive(1, 40);
  ASSERT_EQ(poll({"--exec", "exit 1"}).exit_code, 7);
  ASSERT_EQ(weir({"entries", "retry", "--all"}).exit_code, 0);
  kill_while_it_writes({"--exec", "cat >> " + file("out"), "--max", "3"}, 12, 50);
  ASSERT_EQ(poll({"--exec", "cat >> " + file("out")}).exit_code, 0);
  EXPECT_EQ(different_ids(content(file("out"))), 40U);
}

TEST_F(KilledEntriesTest, AKillWhileAFileIsWrittenLosesNoEntryAndTearsNoLine) {
  receive(1, 400);
  ASSERT_EQ(poll({"--exec", "exit 1"}).exit_code, 7);
  ASSERT_EQ(weir({"entries", "retry", "--all"}).exit_code, 0);
  kill_while_it_writes({"--to", file("out"), "--max", "39"}, 10, 10);
  ASSERT_EQ(poll({"--to", file("out")}).exit_code, 0);
  EXPECT_EQ(different_ids(content(file("out"))), 400U);
}

}  // namespace
}  // namespace weir::testing
