// A client that is driven by an event loop of its user's: when it has something to do, who does it,
// and how it fares.
#include <sys/types.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "sending_fixture.h"

namespace weir {
namespace {

// Tasks that run when the test says so.
class Tasks {
 public:
  Executor executor() {
    return [this](std::function<void()> task) {
      std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    };
  }

  std::size_t waiting() const {
    std::lock_guard lock(mutex_);
    return tasks_.size();
  }

  // All that are there, and those that they hand over.
  void run() {
    while (auto task = next()) task();
  }

 private:
  std::function<void()> next() {
    std::lock_guard lock(mutex_);
    if (tasks_.empty()) return {};
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  mutable std::mutex mutex_;
  std::deque<std::function<void()>> tasks_;
};

std::ptrdiff_t threads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                       std::filesystem::directory_iterator());
}

class EventLoopTest : public SendingTest {
 protected:
  ClientOptions with_executor(PlayedPlatform::Answer answer = accepted) {
    ClientOptions chosen = options(std::move(answer));
    chosen.send_in_background = true;
    chosen.executor = tasks_.executor();
    chosen.on_due = [this](TimePoint due) { told_.push_back(due); };
    return chosen;
  }

  Tasks tasks_;
  std::vector<TimePoint> told_;
};

TEST_F(EventLoopTest, TheNextMomentIsTheOneAtWhichThereIsSomethingToDo) {
  Client& client = open(options());
  EXPECT_EQ(client.next_due(), clock_->now()) << "an earlier program may have left something";
  EXPECT_EQ(client.run_due().value(), std::nullopt);
  EXPECT_EQ(client.next_due(), std::nullopt);
  change("A");
  EXPECT_EQ(client.next_due(), clock_->now());
  EXPECT_EQ(client.run_due().value(), std::nullopt);
  EXPECT_EQ(platform_->calls(), 1);
}

TEST_F(EventLoopTest, WhoIsToldWhenItMovesEarlierNeedsNoThread) {
  ClientOptions chosen = options();
  chosen.sources["A"] = {.shortest = 60s};
  chosen.on_due = [this](TimePoint due) { told_.push_back(due); };
  Client& client = open(std::move(chosen));
  ASSERT_TRUE(client.run_due());
  told_.clear();
  change("A", 1);
  EXPECT_EQ(told_, std::vector<TimePoint>{clock_->now()});
  ASSERT_TRUE(client.run_due());
  change("A", 2);
  const std::optional<TimePoint> next = client.run_due().value();
  ASSERT_TRUE(next);
  EXPECT_EQ(platform_->calls(), 1);
  clock_->advance(*next - clock_->now());
  EXPECT_EQ(client.run_due().value(), std::nullopt);
  EXPECT_EQ(platform_->calls(), 2);
}

TEST_F(EventLoopTest, ManyNewsAreToldOnceUntilSomebodyLooks) {
  ClientOptions chosen = options();
  chosen.on_due = [this](TimePoint due) { told_.push_back(due); };
  Client& client = open(std::move(chosen));
  ASSERT_TRUE(client.run_due());
  told_.clear();
  for (int row = 0; row < 100; ++row) change("A", row);
  EXPECT_EQ(told_.size(), 1U);
}

TEST_F(EventLoopTest, TheCallbackMayThrow) {
  ClientOptions chosen = options();
  chosen.on_due = [](TimePoint) { throw std::runtime_error("no timer"); };
  open(std::move(chosen));
  change("A");
  EXPECT_TRUE(client_->run_due());
  EXPECT_EQ(platform_->calls(), 1);
}

TEST_F(EventLoopTest, WithAnExecutorAChangeIsSentByItAndWeirHasNoThread) {
  const std::ptrdiff_t before = threads();
  open(with_executor());
  tasks_.run();
  change("A");
  EXPECT_EQ(threads(), before);
  EXPECT_EQ(tasks_.waiting(), 1U);
  EXPECT_EQ(platform_->calls(), 0);
  tasks_.run();
  EXPECT_EQ(platform_->calls(), 1);
  EXPECT_EQ(client_->next_due(), std::nullopt);
}

TEST_F(EventLoopTest, AnExecutorHasOneStepOfEachTaskAtATime) {
  open(with_executor());
  tasks_.run();
  for (int row = 0; row < 10; ++row) change("A", row);
  EXPECT_EQ(tasks_.waiting(), 1U);
  tasks_.run();
  EXPECT_EQ(platform_->calls(), 1);
}

TEST_F(EventLoopTest, WhatComesWhileAStepRunsGetsAStepOfItsOwn) {
  bool is_first = true;
  open(with_executor([&](const HttpRequest& request) {
    if (std::exchange(is_first, false)) change("B");
    return accepted(request);
  }));
  tasks_.run();
  change("A");
  tasks_.run();
  EXPECT_EQ(platform_->calls_for("B"), 1);
}

TEST_F(EventLoopTest, AfterAStepItIsToldWhenTheNextOneIsAndATimerBringsIt) {
  ClientOptions chosen = with_executor();
  chosen.sources["A"] = {.shortest = 60s};
  Client& client = open(std::move(chosen));
  change("A", 1);
  tasks_.run();
  told_.clear();
  change("A", 2);
  tasks_.run();
  ASSERT_FALSE(told_.empty());
  EXPECT_GT(told_.back(), clock_->now());
  clock_->advance(told_.back() - clock_->now());
  ASSERT_TRUE(client.run_due());
  EXPECT_EQ(tasks_.waiting(), 2U) << "the polls have not been looked at for as long";
  tasks_.run();
  EXPECT_EQ(platform_->calls(), 2);
}

TEST_F(EventLoopTest, ATaskThatRunsAfterTheClientIsGoneDoesNothing) {
  open(with_executor());
  change("A");
  client_.reset();
  tasks_.run();
  EXPECT_EQ(platform_->calls(), 0);
}

TEST_F(EventLoopTest, TheEndOfAClientWaitsForItsStep) {
  Gate gate;
  open(with_executor([&](const HttpRequest& request) {
    gate.pass();
    return accepted(request);
  }));
  change("A");
  std::jthread worker([&] { tasks_.run(); });
  ASSERT_TRUE(platform_->wait_until_inside(1));
  std::jthread opener([&] { gate.open(); });
  client_.reset();
  EXPECT_EQ(platform_->calls(), 1);
}

TEST_F(EventLoopTest, PollsAreStepsToo) {
  int handled = 0;
  open(with_executor());
  tasks_.run();
  const Poll poll = client_->data_source("A")
                        .poll([&](const RowChanges&) -> Result<void> {
                          ++handled;
                          return {};
                        })
                        .value();
  EXPECT_EQ(handled, 0);
  tasks_.run();
  EXPECT_EQ(handled, 1);
  ASSERT_TRUE(client_->next_due());
  EXPECT_GT(*client_->next_due(), clock_->now());
}

TEST_F(EventLoopTest, ManyClientsShareTwoThreads) {
  std::vector<Client> clients;
  int calls = 0;
  for (int i = 0; i < 30; ++i) {
    ClientOptions chosen = with_executor([&](const HttpRequest& request) {
      static std::mutex counting;
      std::lock_guard lock(counting);
      ++calls;
      return accepted(request);
    });
    chosen.on_due = {};
    chosen.store = folder_.file("weir" + std::to_string(i) + ".db");
    clients.push_back(Client::open(std::move(chosen)).value());
  }
  for (Client& client : clients) ASSERT_TRUE(client.data_source("A").upsert({"1", "a"}));
  {
    std::jthread one([&] { tasks_.run(); });
    std::jthread other([&] { tasks_.run(); });
  }
  EXPECT_EQ(calls, 30);
}

TEST_F(EventLoopTest, HealthTellsWhatWorkedWhatFailedAndUntilWhenItRests) {
  bool is_refused = true;
  open(options(
      [&](const HttpRequest& request) { return is_refused ? answer(401) : accepted(request); }));
  EXPECT_TRUE(client_->health()->is_well());
  EXPECT_EQ(client_->health()->last_success, std::nullopt);
  change("A");
  ASSERT_TRUE(client_->run_due());
  Health health = client_->health().value();
  EXPECT_FALSE(health.is_well());
  ASSERT_EQ(health.parts.size(), 1U);
  EXPECT_EQ(health.parts[0].name, "A");
  EXPECT_EQ(health.parts[0].failure->code, ErrorCode::kUnauthenticated);
  ASSERT_TRUE(health.parts[0].rests_until);
  EXPECT_EQ(health.halted.size(), 1U);
  is_refused = false;
  clock_->advance(*health.parts[0].rests_until - clock_->now());
  ASSERT_TRUE(client_->run_due());
  health = client_->health().value();
  EXPECT_TRUE(health.is_well());
  EXPECT_EQ(health.parts[0].last_success, clock_->now());
  EXPECT_TRUE(health.last_success);
}

TEST_F(EventLoopTest, HealthTellsOfPollsUntilTheyEnd) {
  open(options([](const HttpRequest&) { return answer(500); }));
  std::optional<Poll> poll =
      client_->data_source("A").poll([](const RowChanges&) -> Result<void> { return {}; }).value();
  ASSERT_TRUE(client_->run_due());
  const Health health = client_->health().value();
  ASSERT_EQ(health.parts.size(), 1U);
  EXPECT_TRUE(health.parts[0].is_poll);
  EXPECT_EQ(health.parts[0].failure->code, ErrorCode::kUnavailable);
  EXPECT_TRUE(health.parts[0].rests_until);
  poll.reset();
  EXPECT_TRUE(client_->health()->parts.empty());
}

}  // namespace
}  // namespace weir
