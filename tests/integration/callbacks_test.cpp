// What callbacks may do: throw whatever they like, and call any public function.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sending_fixture.h"

namespace weir {
namespace {

// Until something has happened so often; false when it has not within ten seconds.
class Count {
 public:
  void add() {
    std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool reaches(int count, Milliseconds within = 10s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

[[noreturn]] void throw_one(int kind) {
  if (kind == 0) throw std::runtime_error("played exception");
  if (kind == 1) throw std::bad_alloc();
  throw 42;
}

class ThrowingTest : public SendingTest, public ::testing::WithParamInterface<int> {
 protected:
  // Hour after hour, since the end of a rest is reckoned from a moment that this thread cannot see.
  bool happens_again(Count& count, const std::function<void()>& wake) {
    for (int hour = 0; hour < 100; ++hour) {
      clock_->advance(1h);
      wake();
      if (count.reaches(2, 200ms)) return true;
    }
    return false;
  }
};

TEST_P(ThrowingTest, ATransportInTheBackgroundEndsNothing) {
  Count calls;
  ClientOptions opened = options([&](const HttpRequest&) -> Result<HttpResponse> {
    calls.add();
    throw_one(GetParam());
  });
  opened.send_in_background = true;
  open(std::move(opened));
  change("OUTAGES");
  EXPECT_TRUE(calls.reaches(1));
  // The thread is still there: what is handed over now is looked at.
  EXPECT_TRUE(happens_again(calls, [&] { change("OUTAGES", 1); }));
}

TEST_P(ThrowingTest, ALogSinkInTheBackgroundEndsNothing) {
  Count lines;
  ClientOptions opened = options([](const HttpRequest&) { return answer(503); });
  opened.send_in_background = true;
  opened.log = [&](LogLevel, std::string_view) {
    lines.add();
    throw_one(GetParam());
  };
  open(std::move(opened));
  change("OUTAGES");
  EXPECT_TRUE(lines.reaches(1));
  EXPECT_TRUE(happens_again(lines, [&] { change("OUTAGES", 1); }));
}

TEST_P(ThrowingTest, AHandlerInTheBackgroundIsCalledAgain) {
  Count handled;
  ClientOptions opened = options();
  opened.send_in_background = true;
  open(std::move(opened));
  Result<Poll> poll = client_->form_entries("FORM").poll([&](const FormEntry&) -> Result<void> {
    handled.add();
    throw_one(GetParam());
  });
  ASSERT_TRUE(poll);
  EXPECT_TRUE(handled.reaches(1));
  EXPECT_TRUE(happens_again(handled, [&] { poll->hint(); }));
}

// As an event loop drives the client: a right one calls it at once while something is due.
TEST_P(ThrowingTest, ATransportIsTriedAgainAfterARest) {
  open(options([&](const HttpRequest&) -> Result<HttpResponse> { throw_one(GetParam()); }));
  change("OUTAGES");
  for (int turn = 0; turn < 20; ++turn) {
    EXPECT_TRUE(client_->run_due());
    change("OUTAGES", turn);
  }
  EXPECT_EQ(client_->usage()->calls_today, 1);
  EXPECT_FALSE(client_->health()->is_well());
  clock_->advance(1h);
  EXPECT_TRUE(client_->run_due());
  EXPECT_EQ(client_->usage()->calls_today, 2);
}

TEST_P(ThrowingTest, AHandlerIsCalledAgainAfterARest) {
  open(options());
  int handled = 0;
  Result<Poll> poll = client_->form_entries("FORM").poll([&](const FormEntry&) -> Result<void> {
    ++handled;
    throw_one(GetParam());
  });
  ASSERT_TRUE(poll);
  for (int turn = 0; turn < 20; ++turn) EXPECT_TRUE(client_->run_due());
  EXPECT_EQ(handled, 1);
  EXPECT_TRUE(poll->failure());
  EXPECT_FALSE(client_->health()->is_well());
}

// As an event loop calls it, without a word of who else has the store.
TEST_F(SendingTest, RunDueFindsWhatOthersHandOver) {
  open(options());
  EXPECT_TRUE(client_->run_due());
  ClientOptions others = options();
  Result<Client> other = Client::open(std::move(others));
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->data_source("OUTAGES").upsert({"1", "theirs"}));
  for (int turn = 0; turn < 3 && client_->usage()->calls_today == 0; ++turn) {
    clock_->advance(29s);
    EXPECT_TRUE(client_->run_due());
  }
  EXPECT_EQ(client_->usage()->calls_today, 1);
  EXPECT_TRUE(client_->outbox()->waiting.empty());
}

TEST_P(ThrowingTest, ALogSinkOrOnDueThatThrowsChangesNothing) {
  ClientOptions opened = options();
  opened.log = [&](LogLevel, std::string_view) { throw_one(GetParam()); };
  opened.on_due = [&](TimePoint) { throw_one(GetParam()); };
  open(std::move(opened));
  change("OUTAGES");
  EXPECT_TRUE(client_->drain(1min));
  EXPECT_EQ(client_->usage()->calls_today, 1);
  EXPECT_TRUE(client_->outbox()->waiting.empty());
}

std::string name_of_kind(const ::testing::TestParamInfo<int>& each) {
  if (each.param == 0) return "OfTheStandard";
  return each.param == 1 ? "OfMemory" : "OfAnotherKind";
}

INSTANTIATE_TEST_SUITE_P(Exceptions, ThrowingTest, ::testing::Values(0, 1, 2), name_of_kind);

TEST_F(SendingTest, WhatATransportThrowsIsAnErrorForWhoWaits) {
  open(options([](const HttpRequest&) -> Result<HttpResponse> {
    throw std::runtime_error("played exception");
  }));
  change("OUTAGES");
  const Result<SendReport> sent = client_->drain(500ms);
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error().message, ::testing::HasSubstr("played exception"));
  EXPECT_EQ(client_->usage()->calls_today, 1) << "nobody knows whether it was sent";
}

TEST_F(SendingTest, WhatIsNoExceptionOfTheStandardLeavesNothingUnderWay) {
  bool throws = true;
  open(options([&](const HttpRequest& request) -> Result<HttpResponse> {
    if (throws) throw 42;
    return accepted(request);
  }));
  change("A");
  change("B");
  EXPECT_FALSE(client_->drain(1s));
  throws = false;
  EXPECT_TRUE(client_->drain(1min));
  EXPECT_TRUE(client_->outbox()->waiting.empty());
}

// Every public function that does not end the client.
struct PublicFunction {
  const char* name;
  std::function<void(Client&)> call;
};

const std::vector<PublicFunction> kFunctions = {
    {"upsert",
     [](Client& c) {
       static_cast<void>(c.data_source("NEW").upsert({"1", "a"}));
     }},
    {"erase", [](Client& c) { static_cast<void>(c.data_source("NEW").erase("1")); }},
    {"publish",
     [](Client& c) {
       static_cast<void>(c.data_source("NEW").publish({{"1", "b"}}));
     }},
    {"send", [](Client& c) { static_cast<void>(c.data_source("OUTAGES").send(1h)); }},
    {"drain", [](Client& c) { static_cast<void>(c.drain(1h)); }},
    {"send_due", [](Client& c) { static_cast<void>(c.send_due()); }},
    {"poll_due", [](Client& c) { static_cast<void>(c.poll_due()); }},
    {"outbox", [](Client& c) { static_cast<void>(c.outbox()); }},
    {"retry", [](Client& c) { static_cast<void>(c.retry({})); }},
    {"drop", [](Client& c) { static_cast<void>(c.drop({})); }},
    {"usage", [](Client& c) { static_cast<void>(c.usage()); }},
    {"advise", [](Client& c) { static_cast<void>(c.advise()); }},
    {"calibrate", [](Client& c) { static_cast<void>(c.calibrate(1)); }},
    {"describe", [](Client& c) { static_cast<void>(c.data_source("OUTAGES").describe()); }},
    {"read_rows",
     [](Client& c) {
       static_cast<void>(
           c.data_source("OUTAGES").read_rows([](const RowsPage&) { return Result<void>(); }));
     }},
    {"poll",
     [](Client& c) {
       static_cast<void>(
           c.form_entries("OTHER").poll([](const FormEntry&) { return Result<void>(); }));
     }},
};

// With the real clock, so that whoever waits for itself is found out.
class CallingTest : public SendingTest {
 protected:
  ClientOptions with_real_time(PlayedPlatform::Answer answer) {
    ClientOptions opened = options(std::move(answer));
    opened.clock = system_clock();
    opened.wait = 50ms;
    return opened;
  }
};

class CallingEachTest : public CallingTest, public ::testing::WithParamInterface<PublicFunction> {
 protected:
  // Once, or a call within a callback would call back for ever.
  void call_once() {
    if (!was_called_.exchange(true)) GetParam().call(*client_);
  }

  // In another thread, so that one that hangs fails this test.
  static void expect_end(const std::function<void()>& what) {
    std::promise<void> ended;
    std::jthread thread([&] {
      what();
      ended.set_value();
    });
    if (ended.get_future().wait_for(20s) == std::future_status::ready) return;
    std::fputs("a public function hangs in a callback\n", stderr);
    std::abort();
  }

  std::atomic<bool> was_called_ = false;
};

TEST_P(CallingEachTest, FromAHandler) {
  open(with_real_time(accepted));
  change("OUTAGES");
  int handled = 0;
  const Result<Poll> poll = client_->form_entries("FORM").poll([&](const FormEntry&) {
    ++handled;
    call_once();
    return Result<void>();
  });
  expect_end([&] { EXPECT_TRUE(client_->poll_due()); });
  EXPECT_EQ(handled, 1);
}

TEST_P(CallingEachTest, FromATransport) {
  open(with_real_time([&](const HttpRequest& request) {
    call_once();
    return accepted(request);
  }));
  change("OUTAGES");
  expect_end([&] { EXPECT_TRUE(client_->data_source("OUTAGES").send(1min)); });
  EXPECT_TRUE(was_called_);
}

TEST_P(CallingEachTest, FromALogSink) {
  ClientOptions opened = with_real_time(accepted);
  opened.log = [&](LogLevel, std::string_view) { call_once(); };
  open(std::move(opened));
  change("OUTAGES");
  expect_end([&] { EXPECT_TRUE(client_->data_source("OUTAGES").send(1min)); });
  EXPECT_TRUE(was_called_);
}

INSTANTIATE_TEST_SUITE_P(Function, CallingEachTest, ::testing::ValuesIn(kFunctions),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_F(CallingTest, AHandlerThatPollsIsTold) {
  open(with_real_time(accepted));
  std::optional<Error> told;
  const Result<Poll> poll = client_->form_entries("FORM").poll([&](const FormEntry&) {
    const auto polled = client_->poll_due();
    if (!polled) told = polled.error();
    return Result<void>();
  });
  EXPECT_TRUE(client_->poll_due());
  ASSERT_TRUE(told);
  EXPECT_EQ(told->code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(client_->poll_due()) << "afterwards it may";
}

TEST_F(CallingTest, ATransportThatSendsTheSameDataSourceIsTold) {
  std::optional<Error> told;
  open(with_real_time([&](const HttpRequest& request) {
    const auto sent = client_->data_source("OUTAGES").send(1h);
    if (!sent) told = sent.error();
    return accepted(request);
  }));
  change("OUTAGES");
  EXPECT_TRUE(client_->drain(1min));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->code, ErrorCode::kInvalidArgument);
}

// ---- A client that is assigned over, moved from, or ended while handles are alive.

TEST_F(SendingTest, AssigningOverAClientEndsItsThread) {
  ClientOptions first = options();
  const std::shared_ptr<PlayedPlatform> of_first = platform_;
  first.send_in_background = true;
  open(std::move(first));
  DataSource handle = client_->data_source("OUTAGES");
  testing::TemporaryFolder elsewhere;
  ClientOptions second = options();
  second.store = elsewhere.file("weir.db");
  Result<Client> other = Client::open(std::move(second));
  ASSERT_TRUE(other);
  *client_ = std::move(*other);
  const int before = of_first->calls();
  ASSERT_TRUE(handle.upsert({"1", "kept"})) << "a handle still keeps";
  clock_->advance(1h);
  EXPECT_EQ(of_first->calls(), before) << "but nobody sends any more";
  EXPECT_TRUE(client_->data_source("OUTAGES").upsert({"1", "here"}));
  EXPECT_TRUE(client_->drain(1min));
  EXPECT_EQ(platform_->calls(), 1);
}

TEST_F(SendingTest, AMovedFromClientCanBeAssignedToAndDestroyed) {
  open(options());
  Client moved = std::move(*client_);
  Client& itself = moved;
  moved = std::move(itself);
  EXPECT_TRUE(moved.data_source("OUTAGES").upsert({"1", "a"}));
  *client_ = std::move(moved);
  EXPECT_TRUE(client_->drain(1min));
  EXPECT_EQ(platform_->calls(), 1);
}

}  // namespace
}  // namespace weir
