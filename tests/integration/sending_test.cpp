// Sending over time and in several threads: halts that end, data sources that are sent at once,
// deadlines that are kept.
#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sending_fixture.h"

namespace weir {
namespace {

// ---- Halts that end.

struct Failure {
  const char* name;
  Result<HttpResponse> answer;
  int most_calls_a_day;
};

const Failure kFailures[] = {
    {"WrongKey", answer(401), 97},
    {"Forbidden", answer(403), 97},
    {"UnknownDataSource",
     answer(404, R"({"ResponseStatus":{"ErrorCode":"NotFound",)"
                 R"("Message":"Data source not found"}})"),
     25},
    {"Throttled", answer(429), 150},
    {"ServerFailure", answer(503), 170},
    {"WebPage", answer(200, "<html>sign in</html>"), 170},
    {"NoConnection", Error{.code = ErrorCode::kUnavailable, .message = "played"}, 170},
    {"NoAnswer",
     Error{.code = ErrorCode::kTimeout, .message = "played", .may_have_been_sent = true}, 170},
};

class HaltTest : public SendingTest, public ::testing::WithParamInterface<Failure> {
 protected:
  // As a program with an event loop of its own.
  void run_until(TimePoint end) {
    while (clock_->now() < end) {
      const auto next = client_->send_due();
      ASSERT_TRUE(next) << next.error().message;
      if (!next->has_value()) return;
      clock_->set_wall_time(std::max(**next, clock_->now() + 1s));
      clock_->advance(1ms);
    }
  }
};

TEST_P(HaltTest, IsOverWithinAnHourOnceThePlatformIsWell) {
  int calls = 0;
  open(options([&](const HttpRequest& request) {
    return ++calls == 1 ? GetParam().answer : accepted(request);
  }));
  change("OUTAGES");
  run_until(kStart + 61min);
  EXPECT_TRUE(client_->outbox()->waiting.empty());
  EXPECT_EQ(calls, 2);
}

TEST_P(HaltTest, BoundsTheCallsOfADayWhileItLasts) {
  open(options([&](const HttpRequest&) { return GetParam().answer; }));
  change("OUTAGES");
  run_until(kStart + 24h);
  EXPECT_GE(platform_->calls(), 2);
  EXPECT_LE(platform_->calls(), GetParam().most_calls_a_day);
}

class PollHaltTest : public HaltTest {
 protected:
  void poll_until(TimePoint end, const std::function<bool()>& is_enough) {
    const Result<Poll> poll =
        client_->form_entries("FORM").poll([](const FormEntry&) { return Result<void>(); });
    ASSERT_TRUE(poll);
    while (clock_->now() < end && !is_enough()) {
      const auto next = client_->poll_due();
      ASSERT_TRUE(next) << next.error().message;
      clock_->advance(std::max(next->value_or(clock_->now()) - clock_->now(), 1000ms));
    }
  }
};

TEST_P(PollHaltTest, LooksAgainWithinAnHourOnceThePlatformIsWell) {
  int calls = 0;
  open(options([&](const HttpRequest& request) {
    return ++calls == 1 ? GetParam().answer : accepted(request);
  }));
  poll_until(kStart + 61min, [&] { return calls > 1; });
  EXPECT_GT(calls, 1);
}

TEST_P(PollHaltTest, BoundsTheCallsOfADayWhileItLasts) {
  open(options([&](const HttpRequest&) { return GetParam().answer; }));
  poll_until(kStart + 24h, [] { return false; });
  EXPECT_GE(platform_->calls(), 2);
  EXPECT_LE(platform_->calls(), GetParam().most_calls_a_day);
}

INSTANTIATE_TEST_SUITE_P(Each, PollHaltTest, ::testing::ValuesIn(kFailures),
                         [](const auto& each) { return std::string(each.param.name); });

INSTANTIATE_TEST_SUITE_P(Each, HaltTest, ::testing::ValuesIn(kFailures),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_F(SendingTest, AHaltIsShownToOtherProcessesUntilABatchArrives) {
  bool is_well = false;
  open(options([&](const HttpRequest& request) {
    return is_well ? Result<HttpResponse>(accepted(request)) : answer(401);
  }));
  change("OUTAGES");
  change("CREWS");
  ASSERT_TRUE(client_->send_due());
  ClientOptions others = options();
  Result<Client> other = Client::open(std::move(others));
  ASSERT_TRUE(other);
  const OutboxContents contents = other->outbox().value();
  for (const WaitingChanges& waiting : contents.waiting) {
    EXPECT_THAT(waiting.halted_by, ::testing::HasSubstr("401")) << waiting.source;
    EXPECT_EQ(waiting.halted_until, kStart + 15min);
  }
  EXPECT_TRUE(other->data_source("OUTAGES").send(1s));
  ASSERT_EQ(other->outbox()->waiting.size(), 1U);
  EXPECT_EQ(other->outbox()->waiting.front().halted_by, "");
}

TEST_F(SendingTest, AHaltEndsOnceAnotherProcessCanSend) {
  int row = 0;
  for (const Failure& failure : {kFailures[0], kFailures[1], kFailures[2]}) {
    bool is_well = false;
    open(options([&](const HttpRequest& request) {
      return is_well ? Result<HttpResponse>(accepted(request)) : failure.answer;
    }));
    change("OUTAGES", ++row);
    ASSERT_TRUE(client_->send_due());
    is_well = true;
    ASSERT_TRUE(client_->send_due());
    EXPECT_FALSE(client_->outbox()->waiting.empty()) << "it rests by itself: " << failure.name;
    ASSERT_TRUE(Client::open(options())->data_source("OUTAGES").send(1s));
    change("OUTAGES", ++row);
    ASSERT_TRUE(client_->send_due());
    EXPECT_TRUE(client_->outbox()->waiting.empty()) << failure.name;
  }
}

TEST_F(SendingTest, AHaltThatIsOverIsShownNoMore) {
  open(options([&](const HttpRequest&) { return answer(401); }));
  change("OUTAGES");
  ASSERT_TRUE(client_->send_due());
  EXPECT_TRUE(client_->outbox()->waiting.front().halted_until);
  clock_->advance(15min);
  EXPECT_FALSE(client_->outbox()->waiting.front().halted_until);
  EXPECT_EQ(client_->outbox()->waiting.front().halted_by, "");
}

TEST_F(SendingTest, SomebodyWhoSendsIsToldAtOnceWhatHaltsIt) {
  open(options([&](const HttpRequest&) { return answer(401); }));
  change("OUTAGES");
  const Milliseconds begun = clock_->steady_now();
  EXPECT_EQ(client_->drain(2h).error().code, ErrorCode::kUnauthenticated);
  EXPECT_LT(clock_->steady_now() - begun, 1min);
}

// ---- Several data sources at once.

class AtOnceTest : public SendingTest, public ::testing::WithParamInterface<int> {};

// The first calls wait for as many others as may be under way beside them.
TEST_P(AtOnceTest, LeavesOneConnectionToOthers) {
  const int connections = GetParam();
  const int expected = std::max(1, connections - 1);
  ClientOptions opened = options([&](const HttpRequest& request) {
    EXPECT_TRUE(platform_->wait_until_inside(expected));
    return accepted(request);
  });
  opened.max_connections = connections;
  open(std::move(opened));
  // A multiple of what is sent at once, all there before the first is sent.
  for (int i = 0; i < 2 * expected; ++i) change("SOURCE" + std::to_string(i));
  const Result<SendReport> sent = client_->drain(1min);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->calls, 2 * expected);
  EXPECT_EQ(sent->changes, 2 * expected);
  EXPECT_EQ(platform_->most_at_once(), expected);
}

INSTANTIATE_TEST_SUITE_P(Connections, AtOnceTest, ::testing::Values(1, 2, 3, 5));

TEST_F(SendingTest, OneDataSourceIsNeverSentTwiceAtOnce) {
  std::atomic<int> inside = 0;
  open(options([&](const HttpRequest& request) {
    EXPECT_EQ(++inside, 1);
    std::this_thread::yield();
    --inside;
    return accepted(request);
  }));
  for (int i = 0; i < 20; ++i) {
    change("OUTAGES", i);
    std::vector<std::jthread> senders;
    for (int sender = 0; sender < 4; ++sender)
      senders.emplace_back([&] { EXPECT_TRUE(client_->data_source("OUTAGES").send(1min)); });
  }
  EXPECT_TRUE(client_->outbox()->waiting.empty());
}

// ---- Deadlines.

class DeadlineTest : public SendingTest {
 protected:
  // With real time: what is awaited is that it does not last.
  void with_real_time(ClientOptions& options) { options.clock = system_clock(); }

  static Milliseconds time_of(const std::function<void()>& what) {
    const auto begun = std::chrono::steady_clock::now();
    what();
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begun);
  }

  Gate gate_;
};

TEST_F(DeadlineTest, AreKeptBesideALongDrain) {
  ClientOptions opened = options([&](const HttpRequest& request) {
    if (request.target == "SLOW1" || request.target == "SLOW2") gate_.pass();
    return accepted(request);
  });
  with_real_time(opened);
  open(std::move(opened));
  change("SLOW1");
  change("SLOW2");
  auto drained = std::async(std::launch::async, [&] { return client_->drain(1min); });
  ASSERT_TRUE(platform_->wait_until_inside(2));
  change("QUICK");
  EXPECT_TRUE(client_->data_source("QUICK").send(30s)) << "it waits for no other";
  const Milliseconds time = time_of([&] {
    EXPECT_EQ(client_->data_source("SLOW1").send(200ms).error().code, ErrorCode::kTimeout);
  });
  EXPECT_GE(time, 190ms);
  EXPECT_LT(time, 20s);
  gate_.open();
  EXPECT_TRUE(drained.get());
}

TEST_F(DeadlineTest, AreKeptBesideAnotherProcess) {
  ClientOptions slow = options([&](const HttpRequest& request) {
    gate_.pass();
    return accepted(request);
  });
  with_real_time(slow);
  slow.max_connections = 1;
  slow.wait = 30s;
  const std::shared_ptr<PlayedPlatform> slow_platform = platform_;
  ClientOptions opened = slow;
  open(std::move(slow));
  change("OUTAGES");
  change("CREWS");
  auto sent =
      std::async(std::launch::async, [&] { return client_->data_source("OUTAGES").send(1min); });
  ASSERT_TRUE(slow_platform->wait_until_inside(1));
  Result<Client> other = Client::open(std::move(opened));
  ASSERT_TRUE(other);
  EXPECT_LT(time_of([&] {
              EXPECT_EQ(other->data_source("OUTAGES").send(200ms).error().code, ErrorCode::kBusy)
                  << "the writer is busy";
            }),
            20s);
  EXPECT_LT(time_of([&] {
              EXPECT_EQ(other->data_source("CREWS").send(200ms).error().code,
                        ErrorCode::kTooManyConnections)
                  << "no connection is free";
            }),
            20s);
  EXPECT_EQ(slow_platform->calls(), 1);
  gate_.open();
  EXPECT_TRUE(sent.get());
}

TEST_F(SendingTest, HoweverShortTheTimeEverythingIsTriedOnce) {
  open(options());
  change("OUTAGES");
  EXPECT_TRUE(client_->data_source("OUTAGES").send(0ms));
}

// ---- Counts.

TEST_F(SendingTest, WhatStaysIsCountedOverAllDataSources) {
  // The time is over with the first call.
  ClientOptions opened = options([&](const HttpRequest& request) {
    clock_->advance(1min);
    return accepted(request);
  });
  opened.max_connections = 1;
  open(std::move(opened));
  for (int i = 0; i < 7; ++i) change("A", i);
  for (int i = 0; i < 30; ++i) change("B", i);
  for (int i = 0; i < 40; ++i) change("C", i);
  const Result<SendReport> sent = client_->drain(1s);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kTimeout);
  EXPECT_THAT(sent.error().message, ::testing::HasSubstr(" 70 changes"));
}

}  // namespace
}  // namespace weir
