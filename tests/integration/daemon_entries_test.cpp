// Polls of the daemon as its tasks: looks by a client in virtual time, entries from the mock
// server, handlers that are real programs and files.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "daemon/entries/backfill.h"
#include "daemon/entries/poll_task.h"
#include "integration/poll_fixture.h"

namespace weir::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DaemonEntriesTest : public PollTest {
 protected:
  OrgParts parts(Client& client) {
    return {.config = org_,
            .daemon = settings_,
            .client = client,
            .clock = clock_,
            .log = {},
            .rows_kept = {},
            .looks_wanted = [this] { ++looks_wanted_; }};
  }

  std::unique_ptr<Task> make(Client& client, const PollConfig& config) {
    Result<std::unique_ptr<PollTask>> task =
        make_poll_task(config, parts(client), {.slots = slots_}, [this] { ++wakes_; });
    if (!task) throw std::runtime_error(task.error().message);
    return std::move(*task);
  }

  PollConfig append_to(const std::string& name) const {
    return {.name = "P", .form = "F", .handler = AppendHandler{.path = folder_.file(name)}};
  }
  static PollConfig script(const std::string& text) {
    return {
        .name = "P", .form = "F", .handler = CommandHandler{.command = {"/bin/sh", "-c", text}}};
  }

  // A look, and a turn of the task.
  void turn(Client& client, Task& task) {
    const auto next = client.poll_due();
    ASSERT_TRUE(next) << next.error().message;
    task.run({});
  }

  Ids lines(const std::string& name) const {
    Ids ids;
    std::ifstream file(folder_.file(name));
    for (std::string line; std::getline(file, line);)
      ids.push_back(nlohmann::json::parse(line).at("Id"));
    return ids;
  }

  OrgConfig org_;
  DaemonSettings settings_;
  std::shared_ptr<HandlerSlots> slots_ = std::make_shared<HandlerSlots>(8);
  int wakes_ = 0;
  int looks_wanted_ = 0;
};

TEST_F(DaemonEntriesTest, HandOverWhatALookHasFound) {
  add("1", 0ms);
  add("2", 1ms);
  Client client = open();
  const PollConfig config = append_to("out");
  const auto task = make(client, config);
  task->run({});
  EXPECT_EQ(looks_wanted_, 1);
  turn(client, *task);
  EXPECT_GT(wakes_, 0);
  EXPECT_THAT(lines("out"), ElementsAre("1", "2"));
  EXPECT_EQ(task->status().state, TaskState::kWell);
  EXPECT_EQ(task->status().waiting, 0);
}

TEST_F(DaemonEntriesTest, AHandlerThatFailsIsTriedAgainAndHoldsUpNoLook) {
  add("1", 0ms);
  Client client = open();
  const PollConfig config =
      script("cat >> " + folder_.file("out") + "; test -e " + folder_.file("ok"));
  const auto task = make(client, config);
  task->run({});
  turn(client, *task);
  const TaskStatus failing = task->status();
  EXPECT_EQ(failing.state, TaskState::kFailing);
  EXPECT_THAT(failing.error, HasSubstr("exit code 1"));
  EXPECT_EQ(failing.waiting, 1);
  EXPECT_EQ(failing.next_at, std::optional(clock_->now() + 1s));
  EXPECT_EQ(calls(), 1);
  pass(1h);
  add("2", 1h);
  turn(client, *task);
  EXPECT_EQ(task->status().waiting, 2);
  folder_.write("ok", "");
  pass(10min);
  task->run({});
  EXPECT_THAT(lines("out"), ElementsAre("1", "1", "1", "2"));
  EXPECT_EQ(task->status().state, TaskState::kWell);
}

TEST_F(DaemonEntriesTest, APoisonedEntryBecomesADeadLetterAndComesAgainAfterARetry) {
  add("1", 0ms);
  add("2", 1ms);
  Client client = open();
  const PollConfig config =
      script("grep -q '\"Id\":\"1\"' && ! test -e " + folder_.file("ok") + " && exit 65; exit 0");
  const auto task = make(client, config);
  task->run({});
  turn(client, *task);
  EXPECT_EQ(task->status().dead_letters, 1);
  EXPECT_EQ(task->status().waiting, 0);
  folder_.write("ok", "");
  ASSERT_EQ(*client.retry_entries({.queue = "P"}), 1);
  task->run({});
  EXPECT_EQ(task->status().dead_letters, 0);
  EXPECT_EQ(task->status().waiting, 0);
}

TEST_F(DaemonEntriesTest, InStrictOrderTheFormStopsAndSaysWhatToDo) {
  add("1", 0ms);
  Client client = open();
  PollConfig config = script("exit 65");
  config.is_strict = true;
  const auto task = make(client, config);
  task->run({});
  turn(client, *task);
  EXPECT_EQ(task->status().state, TaskState::kStopped);
  EXPECT_THAT(task->status().what_to_do, HasSubstr("weir entries"));
}

TEST_F(DaemonEntriesTest, OfTwoProcessesOneHandsOverAndTheOtherTakesOver) {
  add("1", 0ms);
  Client first = open();
  Client second = open();
  const PollConfig config = append_to("out");
  auto one = make(first, config);
  const auto other = make(second, config);
  one->run({});
  other->run({});
  EXPECT_EQ(other->status().state, TaskState::kElsewhere);
  EXPECT_EQ(other->status().error, "") << "which is no failure";
  turn(first, *one);
  turn(second, *other);
  EXPECT_THAT(lines("out"), ElementsAre("1"));
  one.reset();
  add("2", 2h);
  pass(2h);
  other->run({});
  turn(second, *other);
  EXPECT_THAT(lines("out"), ElementsAre("1", "2"));
  EXPECT_EQ(other->status().state, TaskState::kWell);
  EXPECT_EQ(other->status().handled, 1);
}

TEST_F(DaemonEntriesTest, WhoStandsByTellsWhatWaitsInTheSharedStore) {
  add("1", 0ms);
  add("2", 1ms);
  Client first = open();
  Client second = open();
  const PollConfig config = script("grep -q '\"Id\":\"1\"' && exit 65; exit 1");
  const auto one = make(first, config);
  one->run({});
  turn(first, *one);
  const auto other = make(second, config);
  other->run({});
  EXPECT_EQ(other->status().state, TaskState::kElsewhere);
  EXPECT_EQ(other->status().dead_letters, 1);
  EXPECT_EQ(other->status().waiting, 1);
}

// As of a backfill, or of a process that was killed in the midst of a look.
TEST_F(DaemonEntriesTest, ALookThatAnotherProcessIsAtIsNoFailure) {
  add("1", 0ms);
  Client client = open();
  const PollConfig config = append_to("out");
  const auto task = make(client, config);
  task->run({});
  bool is_seen = false;
  Client other = open();
  Poll poll = other.form_entries("F")
                  .poll(
                      [&](const FormEntry&) -> Result<void> {
                        turn(client, *task);
                        is_seen = true;
                        return {};
                      },
                      {})
                  .value();
  ASSERT_TRUE(other.poll_due());
  ASSERT_TRUE(is_seen);
  EXPECT_EQ(task->status().state, TaskState::kWell) << task->status().error;
}

TEST_F(DaemonEntriesTest, EntriesAndTriesThatFailAreCounted) {
  add("1", 0ms);
  add("2", 1ms);
  Client client = open();
  const PollConfig config = script("grep -q '\"Id\":\"2\"' && exit 65; exit 0");
  const auto task = make(client, config);
  task->run({});
  turn(client, *task);
  EXPECT_EQ(task->status().handled, 1);
  EXPECT_EQ(task->status().failed, 1);
}

TEST_F(DaemonEntriesTest, ALookThatFailsIsShown) {
  Client client = open();
  const PollConfig config = append_to("out");
  server_->faults().add({.status = 500});
  const auto task = make(client, config);
  task->run({});
  turn(client, *task);
  EXPECT_EQ(task->status().state, TaskState::kFailing);
  EXPECT_THAT(task->status().error, HasSubstr("500"));
}

TEST_F(DaemonEntriesTest, ALookThatFailsIsShownBeforeTheNextTurnOfTheHandler) {
  Client client = open();
  const PollConfig config = append_to("out");
  server_->faults().add({.status = 500});
  const auto task = make(client, config);
  task->run({});
  ASSERT_TRUE(client.poll_due());
  const TaskStatus failing = task->status();
  EXPECT_EQ(failing.state, TaskState::kFailing);
  EXPECT_THAT(failing.error, HasSubstr("500"));
  pass(1min);
  EXPECT_EQ(task->status().since, failing.since) << "since it was first seen";
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(task->status().state, TaskState::kWell);
}

TEST_F(DaemonEntriesTest, NoMoreHandlersRunThanAllowed) {
  slots_ = std::make_shared<HandlerSlots>(1);
  ASSERT_TRUE(slots_->try_take([] {}));
  add("1", 0ms);
  Client client = open();
  const PollConfig config = append_to("out");
  const auto task = make(client, config);
  task->run({});
  turn(client, *task);
  EXPECT_THAT(lines("out"), IsEmpty());
  const int before = wakes_;
  slots_->give_back();
  EXPECT_GT(wakes_, before);
  task->run({});
  EXPECT_THAT(lines("out"), ElementsAre("1"));
}

TEST_F(DaemonEntriesTest, AfterAStopNothingBegins) {
  add("1", 0ms);
  Client client = open();
  const PollConfig config = append_to("out");
  const auto task = make(client, config);
  task->run({});
  ASSERT_TRUE(client.poll_due());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(task->run(stop.get_token()), std::nullopt);
  EXPECT_THAT(lines("out"), IsEmpty());
}

// What a backfill is asked to go on with.
class BackfillTest : public DaemonEntriesTest {
 protected:
  void SetUp() override {
    DaemonEntriesTest::SetUp();
    for (int i = 0; i < 600; ++i) add("e" + std::to_string(i), Milliseconds{i * 1000});
  }

  Result<BackfillReport> run(Client& client, std::optional<std::int64_t> max_calls = {},
                             bool goes_on = true) {
    return backfill(client, config_,
                    {.from = kStart, .before = kStart + 1h, .max_calls = max_calls},
                    [&](const BackfillPlan& plan) {
                      plan_ = plan;
                      return goes_on;
                    });
  }

  Ids waiting(Client& client) {
    Ids ids;
    const std::vector<QueuedEntry> entries = *client.entry_queue("P").first(1000);
    for (const QueuedEntry& entry : entries) ids.push_back(entry.id);
    return ids;
  }

  const PollConfig config_ = append_to("out");
  BackfillPlan plan_;
};

TEST_F(BackfillTest, SaysTheCallsAndSpendsJustThese) {
  Client client = open();
  const Result<BackfillReport> report = run(client);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(plan_.entries, 600);
  EXPECT_EQ(plan_.calls_spent + plan_.calls_to_come, 3);
  EXPECT_EQ(report->calls, 3);
  EXPECT_EQ(calls(), 3);
  EXPECT_EQ(report->entries, 600);
  EXPECT_TRUE(report->is_complete);
  EXPECT_EQ(waiting(client).size(), 600U);
  EXPECT_THAT(client.entry_queue("P").first(1)->front().body, HasSubstr(R"({"backfill":true,)"));
}

TEST_F(BackfillTest, TakesAllThatCameBeforeItsEndByTheMillisecondAndNothingOfTheEnd) {
  add("last", 1h - 1ms);
  add("of the next", 1h);
  add("of the next too", 1h + 1ms);
  Client client = open();
  ASSERT_TRUE(run(client)->is_complete);
  const Ids taken = waiting(client);
  EXPECT_EQ(taken.size(), 601U);
  EXPECT_EQ(taken.back(), "last");
}

TEST_F(BackfillTest, TakesNothingWhenItIsNotWanted) {
  Client client = open();
  const Result<BackfillReport> report = run(client, {}, false);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->is_complete);
  EXPECT_THAT(waiting(client), IsEmpty());
  EXPECT_EQ(calls(), 1);
}

TEST_F(BackfillTest, GoesOnWhereItEnded) {
  Client client = open();
  EXPECT_FALSE(run(client, 2)->is_complete);
  EXPECT_EQ(waiting(client).size(), 500U);
  client = open();
  const Result<BackfillReport> rest = run(client);
  EXPECT_TRUE(rest->is_complete);
  EXPECT_EQ(plan_.calls_spent, 0);
  EXPECT_EQ(plan_.calls_to_come, 1);
  EXPECT_EQ(rest->entries, 100);
  EXPECT_EQ(calls(), 3);
  EXPECT_EQ(waiting(client).size(), 600U);
}

TEST_F(BackfillTest, LeavesThePlaceOfThePollAlone) {
  Client client = open();
  {
    Result<Poll> poll = client.form_entries("F").poll(collect());
    look(client, *poll);
  }
  ASSERT_EQ(ids_.size(), 600U);
  ASSERT_TRUE(run(client)->is_complete);
  ids_.clear();
  Result<Poll> poll = client.form_entries("F").poll(collect());
  look(client, *poll);
  EXPECT_THAT(ids_, IsEmpty());
}

TEST_F(BackfillTest, OfNothingIsOneCall) {
  Client client = open();
  const Result<BackfillReport> report =
      backfill(client, config_, {.from = kStart + 2h, .before = kStart + 3h},
               [](const BackfillPlan&) { return true; });
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->is_complete);
  EXPECT_EQ(report->calls, 1);
}

}  // namespace
}  // namespace weir::daemon
