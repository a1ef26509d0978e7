// Polls for form entries of the real client against the real mock server.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

#include "poll_fixture.h"
#include "support/sanitizers.h"

namespace weir {
namespace {

TEST_F(PollTest, HandsOverEachEntryOnceInTheOrderOfReceipt) {
  add("b", 2ms);
  add("a", 1ms);
  Client client = open();
  auto poll = client.form_entries("F").poll([&](const FormEntry& entry) -> Result<void> {
    EXPECT_EQ(entry.answers, R"({"page":{"x":"1"}})");
    EXPECT_EQ(entry.form_id, "F");
    ids_.push_back(entry.id);
    return {};
  });
  ASSERT_TRUE(poll) << poll.error().message;
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"a", "b"}));
  add("c", 3ms);
  look(client, *poll);
  EXPECT_EQ(ids_, (Ids{"a", "b", "c"}));
  EXPECT_EQ(calls(), 2);
}

TEST_F(PollTest, FindsEntriesThatShareATimeAndThoseThatAppearLate) {
  Client client = open();
  auto poll = client.form_entries("F").poll(collect());
  add("first", 1000ms);
  add("late", 500ms, 60s);
  ASSERT_TRUE(client.poll_due());
  add("same millisecond", 1000ms);
  look(client, *poll);
  pass(60s);
  look(client, *poll);
  EXPECT_EQ(ids_, (Ids{"first", "same millisecond", "late"}));
}

TEST_F(PollTest, ReadsEveryPage) {
  add_many(11);
  Client client = open();
  auto poll = client.form_entries("F").poll(collect(), {.page_entries = 5});
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_.size(), 11U);
  EXPECT_EQ(calls(), 3);
  ids_.clear();
  look(client, *poll);
  EXPECT_EQ(ids_, Ids{});
}

TEST_F(PollTest, StopsAtAFullPageThatIsTheLast) {
  add_many(10);
  Client client = open();
  auto poll = client.form_entries("F").poll(collect(), {.page_entries = 10});
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_.size(), 10U);
  EXPECT_EQ(calls(), 1);
}

TEST_F(PollTest, TellsWhatItsLastLookHasFound) {
  Client client = open();
  auto poll = client.form_entries("F").poll(collect());
  ASSERT_TRUE(poll);
  EXPECT_EQ(poll->pace()->found, std::nullopt) << "it has not looked yet";
  for (const int count : {0, 3, 0, 1}) {
    for (int i = 0; i < count; ++i)
      add("e" + std::to_string(ids_.size()) + "-" + std::to_string(i), clock_->now() - kStart);
    look(client, *poll);
    EXPECT_EQ(poll->pace()->found, count);
    pass(1h);
  }
}

TEST_F(PollTest, TellsHowOftenItLooksForNoCall) {
  Client client = open();
  auto poll = client.form_entries("F").poll(collect());
  ASSERT_TRUE(poll);
  const Result<PollPace> before = poll->pace();
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(before->limited_by, LimitedBy::kConnection) << "the first look is due at once";
  const auto next = client.poll_due();
  ASSERT_TRUE(next);
  const Result<PollPace> pace = poll->pace();
  ASSERT_TRUE(pace);
  EXPECT_EQ(pace->next_at, *next);
  EXPECT_EQ(clock_->now() + *pace->interval, *next);
  EXPECT_LE(pace->interval_with_more_calls, *pace->interval);
  EXPECT_GT(pace->rows_per_hour, 0);
  EXPECT_EQ(calls(), 1);
}

TEST_F(PollTest, GoesOnAfterTheLastEntryHandledInTheNextProgram) {
  add_many(9);
  {
    Client client = open();
    auto poll = client.form_entries("F").poll(
        [&](const FormEntry& entry) -> Result<void> {
          if (entry.id == "e7") return Error{.message = "full"};
          ids_.push_back(entry.id);
          return {};
        },
        {.page_entries = 5});
    static_cast<void>(client.poll_due());
  }
  EXPECT_EQ(ids_.size(), 7U);
  Client next = open();
  auto poll = next.form_entries("F").poll(collect());
  ASSERT_TRUE(next.poll_due());
  EXPECT_EQ(ids_.size(), 9U);
  EXPECT_EQ(ids_[7], "e7");
}

TEST_F(PollTest, LooksAtABusyFormAsOftenAfterARestartAsBefore) {
  constexpr std::int64_t kFewCalls = 48;
  // The busy form is the next to be looked at.
  const auto next_look = [&](Client& client) {
    const auto next = client.poll_due();
    EXPECT_TRUE(next && next->has_value());
    return static_cast<double>((**next - clock_->now()).count());
  };
  double before = 0;
  {
    Client client = open(false, kFewCalls);
    auto busy = client.form_entries("F").poll(collect());
    auto silent = client.form_entries("G").poll(collect());
    for (int quarter = 0; quarter < 16; ++quarter) {
      for (int i = 0; i < 5; ++i)
        add("e" + std::to_string(quarter * 5 + i), quarter * 15min + i * 3min);
      pass(15min);
      ASSERT_TRUE(client.poll_due());
    }
    silent->hint();
    look(client, *busy);
    before = next_look(client);
  }
  Client client = open(false, kFewCalls);
  auto busy = client.form_entries("F").poll(collect());
  auto silent = client.form_entries("G").poll(collect());
  EXPECT_NEAR(next_look(client), before, 0.2 * before);
}

TEST_F(PollTest, CallsAFailingHandlerAgainWithoutAnotherCall) {
  add_many(3);
  int failures = 0;
  Client client = open();
  auto poll = client.form_entries("F").poll([&](const FormEntry& entry) -> Result<void> {
    if (entry.id == "e1" && ++failures < 3) return Error{.message = "not now"};
    ids_.push_back(entry.id);
    return {};
  });
  static_cast<void>(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"e0"}));
  pass(1s);
  static_cast<void>(client.poll_due());
  EXPECT_EQ(failures, 2);
  EXPECT_EQ(calls(), 1);
  pass(2s);
  static_cast<void>(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"e0", "e1", "e2"}));
}

// AddressSanitizer's allocator does not survive a fork beside other threads, those of the server.
#ifndef WEIR_ADDRESS_SANITIZER
// A child that polls and dies, by its own hand, when `dies` says so.
template <class Dies>
void poll_and_die(const std::function<Client()>& open, const std::string& log, Dies dies) {
  const pid_t child = ::fork();
  if (child == 0) {
    Client client = open();
    auto poll = client.form_entries("F").poll(
        [&](const FormEntry& entry) -> Result<void> {
          if (dies(entry)) ::kill(::getpid(), SIGKILL);
          std::ofstream(log, std::ios::app) << entry.id << '\n';
          return {};
        },
        {.page_entries = 5});
    static_cast<void>(client.poll_due());
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
}

Ids lines_of(const std::string& path) {
  std::ifstream file(path);
  Ids lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST_F(PollTest, LosesNothingWhenItIsKilledInTheHandlerOrBetweenPages) {
  add_many(13);
  const std::string log = folder_.file("handled");
  const auto open_it = [this] { return open(); };
  poll_and_die(open_it, log, [](const FormEntry& entry) { return entry.id == "e2"; });
  pass(10s);
  // The first entry of the second page, before anything of it was handled.
  poll_and_die(open_it, log, [&](const FormEntry& entry) { return entry.id == "e5"; });
  pass(10s);
  Client client = open();
  auto poll = client.form_entries("F").poll(collect());
  ASSERT_TRUE(client.poll_due());
  Ids all = lines_of(log);
  all.insert(all.end(), ids_.begin(), ids_.end());
  ASSERT_EQ(all.size(), 13U) << "each once: no program died after it had handled one";
  for (int i = 0; i < 13; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], "e" + std::to_string(i));
}
#endif

TEST_F(PollTest, EndsInTheMidstOfALook) {
  add_many(20);
  Client client = open();
  std::optional<Poll> poll;
  Result<Poll> begun = client.form_entries("F").poll(
      [&](const FormEntry& entry) -> Result<void> {
        ids_.push_back(entry.id);
        poll.reset();
        return {};
      },
      {.page_entries = 3});
  ASSERT_TRUE(begun);
  poll.emplace(std::move(*begun));
  static_cast<void>(client.poll_due());
  EXPECT_EQ(ids_.size(), 1U);
  EXPECT_EQ(calls(), 1);
}

TEST_F(PollTest, KeepsItsPlaceWhenTheBudgetEndsBetweenPages) {
  start({.calls_per_day = 2});
  for (int i = 0; i < 12; ++i) add("e" + std::to_string(i), 1min * (i - 12));
  Client client = open(false, 2);
  auto poll = client.form_entries("F").poll(collect(), {.overlap = 0ms, .page_entries = 5});
  static_cast<void>(client.poll_due());
  EXPECT_EQ(ids_.size(), 10U);
  pass(24h);
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_.size(), 12U);
  EXPECT_EQ(server_->usage().refused, 0);
}

TEST_F(PollTest, LooksAgainAfterAnIntervalThatItsCallsAllow) {
  Client client = open();
  auto poll = client.form_entries("F").poll(collect());
  const auto next = client.poll_due();
  ASSERT_TRUE(next && *next);
  EXPECT_GT(**next, clock_->now());
  EXPECT_LT(**next, clock_->now() + 1h) << "2,500 calls are left for one form";
  EXPECT_EQ(calls(), 1);
  pass(**next - clock_->now());
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(calls(), 2);
}

TEST_F(PollTest, RestsAfterAFailedCall) {
  server_->faults().add({.kind = mock::FaultKind::kStatus, .status = 503});
  add_many(1);
  Client client = open();
  auto poll = client.form_entries("F").poll(collect());
  EXPECT_EQ(client.poll_due().value(), clock_->now() + 1s);
  pass(1s);
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"e0"}));
}

TEST_F(PollTest, EndsWithItsHandle) {
  Client client = open();
  { auto poll = client.form_entries("F").poll(collect()); }
  add_many(1);
  EXPECT_EQ(client.poll_due().value(), std::nullopt);
  EXPECT_EQ(calls(), 0);
}

TEST_F(PollTest, LooksInTheBackgroundAndAtOnceOnAHint) {
  add("a", 1ms);
  std::atomic<int> handled = 0;
  Client client = open(true);
  auto poll = client.form_entries("F").poll([&](const FormEntry&) -> Result<void> {
    ++handled;
    return {};
  });
  while (handled < 1) ::sched_yield();
  add("b", 2ms);
  poll->hint();
  while (handled < 2) ::sched_yield();
}

TEST_F(PollTest, LooksAgainWhenAHintComesDuringALook) {
  add("a", 1ms);
  Client client = open();
  std::optional<Poll> poll;
  auto begun = client.form_entries("F").poll([&](const FormEntry& entry) -> Result<void> {
    ids_.push_back(entry.id);
    if (entry.id == "a") {
      add("b", 2ms);
      poll->hint();
    }
    return {};
  });
  poll.emplace(std::move(*begun));
  ASSERT_TRUE(client.poll_due());
  EXPECT_EQ(ids_, (Ids{"a", "b"}));
}

TEST_F(PollTest, StopsPromptlyBetweenEntries) {
  add_many(5);
  std::atomic<int> handled = 0;
  std::optional<Client> client = open(true);
  auto poll = client->form_entries("F").poll([&](const FormEntry&) -> Result<void> {
    ++handled;
    client->request_stop();
    return {};
  });
  while (handled < 1) ::sched_yield();
  poll = Error{};
  client.reset();
  EXPECT_EQ(handled, 1);
}

TEST_F(PollTest, RefusesOptionsThatCannotBe) {
  Client client = open();
  FormEntries entries = client.form_entries("F");
  EXPECT_FALSE(entries.poll({}));
  EXPECT_FALSE(entries.poll(collect(), {.pace = {.weight = 0}}));
  EXPECT_FALSE(entries.poll(collect(), {.pace = {.shortest = 2h, .longest = 1h}}));
  EXPECT_FALSE(entries.poll(collect(), {.answer_format = "raw"}));
  EXPECT_FALSE(client.form_entries("").poll(collect()));
}

}  // namespace
}  // namespace weir
