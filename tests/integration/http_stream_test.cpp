// Replies that go on, over real sockets.
#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "server/http_server.h"
#include "support/raw_client.h"

namespace weir::server {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;

constexpr std::string_view kAsk = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

// Tells each number up to the one that the test has told.
class Numbers final : public HttpStream {
 public:
  Numbers(const std::atomic<int>& last, std::size_t width, std::atomic<int>& alive)
      : last_(last), width_(width), alive_(alive) {
    ++alive_;
  }
  ~Numbers() override { --alive_; }
  std::string_view next() override {
    if (told_ >= last_) return {};
    if (last_ == 13) throw std::runtime_error("unlucky");
    text_ = std::string(width_, ' ') + std::to_string(++told_) + "\n";
    return text_;
  }

 private:
  const std::atomic<int>& last_;
  const std::size_t width_;
  std::atomic<int>& alive_;
  int told_ = 0;
  std::string text_;
};

class HttpStreamTest : public ::testing::Test {
 protected:
  void start(HttpOptions options = {}) {
    options.workers = 2;
    server_ = HttpServer::start(options, [this](const HttpQuestion& question) {
                if (question.target == "/plain") return text_reply(200, "text/plain", "plain");
                const std::size_t width = question.target == "/wide" ? 1024UL * 1024 : 0;
                return HttpReply{.headers = {{"Content-Type", "text/event-stream"}},
                                 .stream = std::make_unique<Numbers>(last_, width, alive_)};
              }).value();
  }

  RawClient ask(std::string_view question = kAsk) const {
    RawClient client(server_->port());
    client.send(question);
    return client;
  }

  static std::string read_until(const RawClient& client, const std::string& end) {
    std::string text;
    while (!text.ends_with(end)) {
      const std::string more = client.receive();
      if (more.empty()) break;
      text += more;
    }
    return text;
  }

  void wait_for_streams(std::size_t count) const {
    while (server_->counts().streams != count) std::this_thread::yield();
  }

  static std::ptrdiff_t threads() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  }

  std::atomic<int> last_ = 1;
  std::atomic<int> alive_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpStreamTest, TellsWhatComesWhenItComes) {
  start();
  const RawClient client = ask();
  const std::string head = read_until(client, "\r\n\r\n1\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n")) << head;
  EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos);
  last_ = 3;
  EXPECT_EQ(read_until(client, "3\n"), "2\n3\n");
}

TEST_F(HttpStreamTest, ManyStreamsTakeOneThread) {
  start();
  const RawClient first = ask();
  read_until(first, "1\n");
  const std::ptrdiff_t before = threads();
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(ask());
  for (const RawClient& client : clients) EXPECT_TRUE(read_until(client, "1\n").ends_with("1\n"));
  EXPECT_EQ(threads(), before);
  EXPECT_EQ(server_->counts().streams, 101U);
  EXPECT_TRUE(ask("GET /plain HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                  .read_to_end()
                  .ends_with("plain"));
}

TEST_F(HttpStreamTest, AClientThatGoesIsForgotten) {
  start();
  {
    const RawClient client = ask();
    read_until(client, "1\n");
    EXPECT_EQ(alive_, 1);
  }
  wait_for_streams(0);
  while (alive_ != 0) std::this_thread::yield();
}

TEST_F(HttpStreamTest, ASlowReaderHoldsUpNobodyAndIsEndedAfterAWhile) {
  const auto clock = std::make_shared<weir::testing::ManualClock>(TimePoint{12h});
  start({.clock = clock});
  last_ = 1000;
  const RawClient slow = ask("GET /wide HTTP/1.1\r\nHost: h\r\n\r\n");
  const RawClient quick = ask();
  EXPECT_TRUE(read_until(quick, "\n1000\n").ends_with("\n1000\n"));
  EXPECT_EQ(server_->counts().streams, 2U);
  clock->advance(1min);
  wait_for_streams(1);
  last_ = 1001;
  EXPECT_EQ(read_until(quick, "1001\n"), "1001\n");
}

TEST_F(HttpStreamTest, WhatAStreamThrowsIsItsOwnEnd) {
  start();
  const RawClient client = ask();
  read_until(client, "1\n");
  last_ = 13;
  EXPECT_EQ(client.read_to_end(), "");
  last_ = 14;
  EXPECT_TRUE(read_until(ask(), "14\n").ends_with("14\n"));
}

TEST_F(HttpStreamTest, StoppingEndsThemAtOnce) {
  start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(ask());
  for (const RawClient& client : clients) read_until(client, "1\n");
  server_->stop();
  for (const RawClient& client : clients) EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(alive_, 0);
}

TEST_F(HttpStreamTest, OfHeadIsTheHeadAlone) {
  start();
  EXPECT_TRUE(ask("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").read_to_end().ends_with("\r\n\r\n"));
  EXPECT_EQ(server_->counts().streams, 0U);
}

TEST_F(HttpStreamTest, TakesNoNoticeOfWhatItsClientSays) {
  start();
  const RawClient client = ask(std::string(kAsk) + std::string(kAsk));
  read_until(client, "1\n");
  client.send("something else");
  last_ = 2;
  EXPECT_EQ(read_until(client, "2\n"), "2\n");
}

}  // namespace
}  // namespace weir::server
