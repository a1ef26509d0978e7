// A stop is heeded in every wait of every operation, and no call follows it.
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sending_fixture.h"

namespace weir {
namespace {

// A clock whose first wait is when somebody asks to stop.
class StoppedWhileWaiting final : public Clock {
 public:
  TimePoint now() const override { return clock_.now(); }
  Milliseconds steady_now() const override { return clock_.steady_now(); }
  bool wait(Milliseconds duration, const std::stop_token& stop) override {
    ++waits;
    if (on_wait) on_wait();
    return clock_.wait(duration, stop);
  }

  std::function<void()> on_wait;
  int waits = 0;

 private:
  testing::ManualClock clock_{kStart};
};

using Operation = std::function<std::optional<Error>(Client&)>;

struct NamedOperation {
  const char* name;
  Operation run;
  bool tries_again = false;  // by itself, after a rest
};

template <class Value>
std::optional<Error> error_of(const Result<Value>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

class NoRows final : public RowSource {
 public:
  Result<std::vector<std::string>> columns() override {
    return std::vector<std::string>{"id", "city"};
  }
  Result<void> read(const RowQuery&, const RowSink& sink) override { return sink({"1", "Dinuba"}); }
};

const NamedOperation kOperations[] = {
    {"Send", [](Client& client) { return error_of(client.data_source("OUTAGES").send(10min)); },
     true},
    {"Drain", [](Client& client) { return error_of(client.drain(10min)); }, true},
    {"SendDue", [](Client& client) { return error_of(client.send_due()); }},
    {"Describe", [](Client& client) { return error_of(client.data_source("OUTAGES").describe()); },
     true},
    {"ReadRows",
     [](Client& client) {
       return error_of(
           client.data_source("OUTAGES").read_rows([](const RowsPage&) { return Result<void>(); }));
     },
     true},
    {"Diff",
     [](Client& client) {
       NoRows rows;
       return error_of(client.data_source("OUTAGES").diff(rows));
     },
     true},
    {"PollForm",
     [](Client& client) {
       const Result<Poll> poll =
           client.form_entries("FORM").poll([](const FormEntry&) { return Result<void>(); });
       return error_of(client.poll_due());
     }},
    {"PollSource",
     [](Client& client) {
       const Result<Poll> poll =
           client.data_source("OUTAGES").poll([](const RowChanges&) { return Result<void>(); });
       return error_of(client.poll_due());
     },
     true},
    {"Download",
     [](Client& client) {
       const testing::TemporaryFolder folder;
       return error_of(client.download(
           {.entry_id = "e1", .file_name = "photo.jpg", .to = folder.file("photo.jpg")}));
     },
     true},
    {"Adopt",
     [](Client& client) {
       return error_of(client.data_source("NEW").publish(
           {{"1", "Dinuba"}}, {.first = FirstPublish::kAdopt, .columns = {"id", "city"}}));
     },
     true},
};

class StopTest : public SendingTest, public ::testing::WithParamInterface<NamedOperation> {
 protected:
  Client& open_with(PlayedPlatform::Answer answer) {
    ClientOptions opened = options(std::move(answer));
    opened.clock = waiting_;
    opened.max_connections = 1;
    open(std::move(opened));
    change("OUTAGES");
    return *client_;
  }

  // In its first wait a stop is asked for.
  void expect_stopped() {
    int calls_then = 0;
    waiting_->on_wait = [&] {
      if (waiting_->waits == 1) calls_then = platform_->calls();
      client_->request_stop();
    };
    const std::optional<Error> error = GetParam().run(*client_);
    ASSERT_TRUE(error);
    EXPECT_LE(waiting_->waits, 2);
    EXPECT_EQ(platform_->calls(), calls_then) << "a call after the stop";
  }

  std::shared_ptr<StoppedWhileWaiting> waiting_ = std::make_shared<StoppedWhileWaiting>();
};

TEST_P(StopTest, EndsItBeforeItsFirstCall) {
  open_with(accepted);
  client_->request_stop();
  EXPECT_EQ(GetParam().run(*client_)->code, ErrorCode::kCancelled);
  EXPECT_EQ(platform_->calls(), 0);
}

TEST_P(StopTest, EndsTheRestBeforeItTriesAgain) {
  if (!GetParam().tries_again) GTEST_SKIP() << "it does not try again by itself";
  open_with([](const HttpRequest&) { return answer(503); });
  expect_stopped();
  EXPECT_EQ(platform_->calls(), 1);
}

TEST_P(StopTest, EndsItAfterTheCallUnderWay) {
  open_with([&](const HttpRequest& request) {
    client_->request_stop();
    return accepted(request);
  });
  change("CREWS");
  static_cast<void>(GetParam().run(*client_));
  EXPECT_EQ(platform_->calls(), 1);
}

// Another process holds what it waits for while it is in a call of its own.
TEST_P(StopTest, EndsTheWaitForAConnectionOrAWriter) {
  open_with(accepted);
  Gate gate;
  ClientOptions others = options([&](const HttpRequest& request) {
    gate.pass();
    return accepted(request);
  });
  others.clock = system_clock();
  others.max_connections = 1;
  const std::shared_ptr<PlayedPlatform> theirs = platform_;
  Result<Client> other = Client::open(std::move(others));
  ASSERT_TRUE(other);
  auto sent =
      std::async(std::launch::async, [&] { return other->data_source("OUTAGES").send(1min); });
  ASSERT_TRUE(theirs->wait_until_inside(1));
  waiting_->on_wait = [&] { client_->request_stop(); };
  const std::optional<Error> error = GetParam().run(*client_);
  EXPECT_TRUE(error);
  EXPECT_EQ(waiting_->waits, 1);
  gate.open();
  EXPECT_TRUE(sent.get());
  EXPECT_EQ(theirs->calls(), 1);
}

INSTANTIATE_TEST_SUITE_P(Each, StopTest, ::testing::ValuesIn(kOperations),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace weir
