// The HTTP server of Platform Sync when the system gives no more threads or no more memory: it goes
// on with what it has.
#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <atomic>
#include <future>
#include <new>
#include <system_error>

#include "server/http_server.h"
#include "support/raw_client.h"

namespace weir::server {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;

thread_local bool is_worker = false;

// Gives so many threads for workers and refuses more.
struct Threads {
  std::atomic<int> left = 0;
  std::atomic<int> refused = 0;
  // Otherwise it is memory that there is none of.
  bool are_refused = true;

  std::thread start(std::function<void()> work) {
    if (left > 0) {
      --left;
      return std::thread([work = std::move(work)] {
        is_worker = true;
        work();
      });
    }
    ++refused;
    if (!are_refused) throw std::bad_alloc();
    throw std::system_error(EAGAIN, std::generic_category());
  }
};

// Once it is told to, there is no memory in the thread that accepts when that asks for the time.
class ScarceClock final : public Clock {
 public:
  void fail_once() { fails_ = true; }
  bool has_failed() const { return !fails_; }

  TimePoint now() const override { return time_.now(); }
  Milliseconds steady_now() const override {
    const bool accepts = !is_worker && std::this_thread::get_id() != test_;
    if (accepts && fails_.exchange(false)) throw std::bad_alloc();
    return time_.steady_now();
  }
  bool wait(Milliseconds duration, const std::stop_token& stop) override {
    return time_.wait(duration, stop);
  }

 private:
  testing::ManualClock time_{TimePoint{12h}};
  mutable std::atomic<bool> fails_ = false;
  const std::thread::id test_ = std::this_thread::get_id();
};

// One good piece, and then no memory for another.
class ScarceBody final : public HttpBody {
 public:
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  Result<std::string_view> next() override {
    if (has_begun_) throw std::bad_alloc();
    has_begun_ = true;
    return std::string_view("half");
  }

 private:
  bool has_begun_ = false;
};

class HttpServerScarcityTest : public ::testing::Test {
 protected:
  using Started = Result<std::unique_ptr<HttpServer>>;

  // With two workers. "/slow" is answered when slow_goes_on_ is set.
  Started start(int threads) {
    threads_.left = threads;
    return HttpServer::start(
        {.workers = 2,
         .clock = clock_,
         .start_worker = [this](auto work) { return threads_.start(std::move(work)); }},
        [go_on = slow_goes_on_.get_future().share()](const HttpQuestion& question) -> HttpReply {
          if (question.target == "/slow") go_on.wait();
          if (question.target == "/half") return {.body = std::make_unique<ScarceBody>()};
          return {.status = 204};
        });
  }

  static RawClient ask(const HttpServer& server, const std::string& target) {
    RawClient client(server.port());
    client.send("GET " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    return client;
  }

  static bool is_answered(const RawClient& client) {
    return client.read_to_end().starts_with("HTTP/1.1 204 ");
  }

  std::vector<RawClient> ask_slowly(const HttpServer& server, int times) {
    std::vector<RawClient> clients;
    for (int i = 0; i < times; ++i) clients.push_back(ask(server, "/slow"));
    return clients;
  }

  // The server has tried to start more workers, and again.
  void await_refusals() const {
    for (const int before = threads_.refused; threads_.refused < before + 2;)
      std::this_thread::yield();
  }

  const std::shared_ptr<ScarceClock> clock_ = std::make_shared<ScarceClock>();
  Threads threads_;
  std::promise<void> slow_goes_on_;
};

TEST_F(HttpServerScarcityTest, GoesOnWithItsWorkersWhenTheSystemGivesNoMoreThreads) {
  const Started server = start(2);
  ASSERT_TRUE(server);
  const std::vector<RawClient> slow = ask_slowly(**server, 2);
  await_refusals();
  const RawClient waits = ask(**server, "/");
  slow_goes_on_.set_value();
  for (const RawClient& client : slow) EXPECT_TRUE(is_answered(client));
  EXPECT_TRUE(is_answered(waits));
  EXPECT_TRUE(is_answered(ask(**server, "/")));
}

TEST_F(HttpServerScarcityTest, HasMoreWorkersAsSoonAsTheSystemGivesThreadsAgain) {
  const Started server = start(2);
  ASSERT_TRUE(server);
  const std::vector<RawClient> slow = ask_slowly(**server, 2);
  await_refusals();
  threads_.left = 1;
  EXPECT_TRUE(is_answered(ask(**server, "/"))) << "one more than none of two is of use";
  slow_goes_on_.set_value();
  for (const RawClient& client : slow) EXPECT_TRUE(is_answered(client));
}

TEST_F(HttpServerScarcityTest, SaysWhenItCannotStartForWantOfThreads) {
  for (const int threads : {0, 1}) {
    slow_goes_on_ = {};
    const Started server = start(threads);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(server.error().message.find("threads"), std::string::npos);
  }
}

TEST_F(HttpServerScarcityTest, ThrowsWhenItCannotStartForWantOfMemoryAndEndsWhatItHasStarted) {
  threads_.are_refused = false;
  EXPECT_THROW(static_cast<void>(start(1)), std::bad_alloc);
}

TEST_F(HttpServerScarcityTest, CutsOffOnlyWhoseAnswerTakesMoreMemoryThanThereIs) {
  const Started server = start(2);
  ASSERT_TRUE(server);
  for (int i = 0; i < 4; ++i) {
    const std::string answer = ask(**server, "/half").read_to_end();
    EXPECT_FALSE(answer.ends_with("0\r\n\r\n")) << "half an answer must not look whole";
  }
  EXPECT_TRUE(is_answered(ask(**server, "/"))) << "the workers are all there";
}

TEST_F(HttpServerScarcityTest, TakesTheNextConnectionWhenThereIsNoMemoryForOne) {
  const Started server = start(2);
  ASSERT_TRUE(server);
  clock_->fail_once();
  const RawClient refused(server->get()->port());
  char none = 0;
  EXPECT_EQ(::recv(refused.socket(), &none, 1, 0), 0) << "closed, and not left open";
  EXPECT_TRUE(clock_->has_failed());
  EXPECT_TRUE(is_answered(ask(**server, "/")));
}

}  // namespace
}  // namespace weir::server
