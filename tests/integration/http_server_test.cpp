// The HTTP server of Platform Sync over real sockets, with clients that behave and clients that do
// not. Its time limits run on a clock that the tests move.
#include "server/http_server.h"

#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <atomic>
#include <future>

#include "support/raw_client.h"

namespace weir::server {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;

constexpr std::string_view kGet = "GET /?b=2&a=1%26 HTTP/1.1\r\nHost: h\r\n\r\n";

// A body of pieces; its size may be kept to itself.
class Pieces final : public HttpBody {
 public:
  explicit Pieces(std::vector<std::string> pieces, bool tells_size = true)
      : pieces_(std::move(pieces)), tells_size_(tells_size) {}

  std::optional<std::uint64_t> size() const override {
    if (!tells_size_) return std::nullopt;
    std::uint64_t size = 0;
    for (const std::string& piece : pieces_) size += piece.size();
    return size;
  }
  Result<std::string_view> next() override {
    if (next_ == pieces_.size()) return std::string_view();
    if (pieces_[next_] == "fails") return Error{.code = ErrorCode::kStoreBusy};
    return std::string_view(pieces_[next_++]);
  }

 private:
  const std::vector<std::string> pieces_;
  const bool tells_size_;
  std::size_t next_ = 0;
};

HttpReply reply_of(std::vector<std::string> pieces, bool tells_size = true) {
  return {.body = std::make_unique<Pieces>(std::move(pieces), tells_size)};
}

class HttpServerTest : public ::testing::Test {
 protected:
  void start(HttpOptions options = {}, HttpHandler handler = {}) {
    options.clock = clock_;
    if (!handler) {
      handler = [](const HttpQuestion& question) {
        return reply_of({std::string(question.target)});
      };
    }
    server_ = HttpServer::start(options, std::move(handler)).value();
  }

  RawClient connect() const { return RawClient(server_->port()); }

  std::string ask(std::string_view request) const {
    const RawClient client = connect();
    client.send(request);
    return client.read_answer();
  }

  // Until the server has taken note of this many connections.
  void await_connections(std::size_t count) const {
    while (server_->counts().connections != count) std::this_thread::yield();
  }

  std::shared_ptr<weir::testing::ManualClock> clock_ =
      std::make_shared<weir::testing::ManualClock>(TimePoint{12h});
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, HandsTheQuestionOverAsItCameAndTheAnswerBack) {
  start({}, [&](const HttpQuestion& question) {
    HttpReply reply = reply_of({std::string(question.method), " ", std::string(question.target),
                                " ", std::string(question.accept_encoding), " ",
                                std::string(question.remote_address)});
    reply.status = 401;
    reply.headers = {{"Content-Type", "text/x"}, {"Content-Encoding", "gzip"}};
    return reply;
  });
  const std::string answer =
      ask("GET /a%20path?b=2+2&a=%26 HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip;q=0.5\r\n"
          "REMOTE_ADDR: 6.6.6.6\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 ")) << answer;
  EXPECT_NE(answer.find("Content-Encoding: gzip\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Content-Type: text/x\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nGET /a%20path?b=2+2&a=%26 gzip;q=0.5 127.0.0.1")) << answer;
}

TEST_F(HttpServerTest, SendsABodyOfUnknownSizeInChunks) {
  start({}, [](const HttpQuestion&) { return reply_of({"one", std::string(70'000, 'x')}, false); });
  const RawClient client = connect();
  client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_to_end();
  EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n")),
            "\r\n\r\n3\r\none\r\n11170\r\n" + std::string(70'000, 'x') + "\r\n0\r\n\r\n");
}

TEST_F(HttpServerTest, EndsABodyOfUnknownSizeForAnOldClientWithTheConnection) {
  start({}, [](const HttpQuestion&) { return reply_of({"one", "two"}, false); });
  const RawClient client = connect();
  client.send("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
  const std::string answer = client.read_to_end();
  EXPECT_EQ(answer.find("chunked"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nonetwo")) << answer;
}

TEST_F(HttpServerTest, CutsTheConnectionWhenABodyFails) {
  for (const bool tells_size : {true, false}) {
    start({}, [=](const HttpQuestion&) { return reply_of({"one", "fails", "two"}, tells_size); });
    const RawClient client = connect();
    client.send(kGet);
    const std::string answer = client.read_to_end();
    EXPECT_NE(answer.find("one"), std::string::npos);
    EXPECT_FALSE(answer.ends_with("0\r\n\r\n")) << "half an answer must not look whole";
  }
}

TEST_F(HttpServerTest, LeavesTheBodyOutForHead) {
  start();
  const RawClient client = connect();
  client.send("HEAD /1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_to_end();
  EXPECT_NE(answer.find("Content-Length: 2\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(HttpServerTest, AnswersOneAfterAnotherOnOneConnection) {
  start();
  const RawClient client = connect();
  client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HT");
  const std::string first = client.receive();
  EXPECT_NE(first.find("/1"), std::string::npos);
  client.send("TP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answers = first + client.read_to_end();
  EXPECT_LT(answers.find("/1"), answers.find("/2"));
  EXPECT_LT(answers.find("/2"), answers.find("/3")) << answers;
  EXPECT_NE(answers.find("Connection: close"), std::string::npos);
  await_connections(0);
  EXPECT_EQ(server_->counts().requests, 3U);
}

TEST_F(HttpServerTest, EndsAConnectionAfterItsShareOfRequests) {
  start({.requests_per_connection = 2});
  const RawClient client = connect();
  client.send(std::string(kGet) + std::string(kGet) + std::string(kGet));
  const std::string answers = client.read_to_end();
  EXPECT_NE(answers.find("Connection: close"), std::string::npos);
  EXPECT_EQ(server_->counts().requests, 2U);
}

TEST_F(HttpServerTest, SaysWhyItRefusesAlsoToAClientThatGoesOnSending) {
  start();
  const RawClient client = connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
  client.send(std::string(100'000, 'x'));
  EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 405 "));
  client.shut_writing();
  await_connections(0);
  EXPECT_EQ(server_->counts().refused, (std::map<int, std::uint64_t>{{405, 1}}));
  EXPECT_EQ(server_->counts().requests, 0U) << "the handler never saw it";
}

TEST_F(HttpServerTest, CutsOffWhoDripsAHeadOrLeavesAConnectionIdle) {
  start();
  const RawClient drips = connect();
  const RawClient idles = connect();
  idles.send(kGet);
  idles.read_answer();
  while (server_->counts().idle != 1) std::this_thread::yield();
  drips.send("GET / HTTP/1.1\r\nX: ");
  await_connections(2);
  clock_->advance(5'001ms);
  EXPECT_EQ(drips.read_to_end(), "");
  await_connections(1);
  clock_->advance(10'000ms);
  EXPECT_EQ(idles.read_to_end(), "");
  await_connections(0);
  EXPECT_EQ(server_->counts().late, 2U);
}

TEST_F(HttpServerTest, TakesALargeBodyAsTheClientTakesItAndCutsOffWhoTakesNothing) {
  constexpr std::size_t kSize = 12UL * 1024 * 1024;
  start({}, [](const HttpQuestion&) {
    return reply_of(std::vector<std::string>(12, std::string(kSize / 12, 'x')));
  });
  const RawClient reads = connect();
  const RawClient stalls = connect();
  reads.send(kGet);
  stalls.send(kGet);
  EXPECT_TRUE(stalls.receive().starts_with("HTTP/1.1 200 "));
  EXPECT_GT(reads.read_answer().size(), kSize);
  // The server may not have noticed yet that nobody takes anything.
  while (server_->counts().connections != 0) clock_->advance(1s);
  EXPECT_LT(stalls.read_to_end().size(), kSize);
}

TEST_F(HttpServerTest, MakesRoomByEndingWhoTakesNothingOfItsAnswer) {
  start({.most_connections = 2}, [](const HttpQuestion&) {
    return reply_of(std::vector<std::string>(12, std::string(1024UL * 1024, 'x')));
  });
  const RawClient stalls = connect();
  const RawClient stalls_too = connect();
  for (const RawClient* client : {&stalls, &stalls_too}) {
    client->send(kGet);
    EXPECT_FALSE(client->receive().empty());
  }
  const RawClient third = connect();
  third.send(kGet);
  EXPECT_GT(third.read_answer().size(), 12UL * 1024 * 1024);
}

TEST_F(HttpServerTest, MakesRoomByEndingWhoHasWaitedLongest) {
  start({.most_connections = 3});
  const RawClient idle = connect();
  idle.send(kGet);
  idle.read_answer();
  while (server_->counts().idle != 1) std::this_thread::yield();
  std::vector<RawClient> silent;
  for (std::size_t i = 0; i < 2; ++i) {
    silent.push_back(connect());
    await_connections(2 + i);
    clock_->advance(1ms);
  }
  const auto served = [&] {
    const RawClient one_more = connect();
    one_more.send(kGet);
    return one_more.read_answer().starts_with("HTTP/1.1 200 ");
  };
  EXPECT_TRUE(served());
  EXPECT_EQ(idle.read_to_end(), "") << "the idle one goes first";
  await_connections(2);
  EXPECT_TRUE(served()) << "there is room";
  await_connections(2);
  silent.push_back(connect());
  await_connections(3);
  EXPECT_TRUE(served());
  EXPECT_EQ(silent.front().read_to_end(), "") << "then the one that has been silent longest";
}

// It has its answer, and only takes up room for what its client may still be sending.
TEST_F(HttpServerTest, MakesRoomFirstByEndingWhoWasRefused) {
  start({.most_connections = 3});
  const RawClient idle = connect();
  idle.send(kGet);
  idle.read_answer();
  std::vector<RawClient> refused;
  for (std::size_t i = 0; i < 2; ++i) {
    refused.push_back(connect());
    refused.back().send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n");
    EXPECT_TRUE(refused.back().read_to_end().starts_with("HTTP/1.1 405 "));
  }
  await_connections(3);
  EXPECT_TRUE(ask(kGet).starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(server_->counts().made_room, 1U);
  idle.send(kGet);
  EXPECT_TRUE(idle.read_answer().starts_with("HTTP/1.1 200 ")) << "it was not the one that went";
}

TEST_F(HttpServerTest, AnswersWhileOthersAreRefusedOneAfterAnother) {
  start({.most_connections = 8});
  std::vector<RawClient> flood;
  for (int i = 0; i < 100; ++i) {
    flood.push_back(connect());
    flood.back().send("GARBAGE\r\n\r\n");
    if (i % 2 == 0) {
      EXPECT_TRUE(ask(kGet).starts_with("HTTP/1.1 200 ")) << i;
    }
  }
}

TEST_F(HttpServerTest, CountsWhatItRefusesByItsReason) {
  start();
  const std::vector<std::pair<int, std::string>> requests = {
      {400, "GET  HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {414, "GET /" + std::string(9'000, 'a')},
      {431, "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(17'000, 'a')},
      {505, "GET / HTTP/2.0\r\nHost: h\r\n\r\n"}};
  for (const auto& [status, request] : requests) {
    const RawClient client = connect();
    client.send(request);
    EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 " + std::to_string(status)));
    client.shut_writing();
    await_connections(0);
  }
  EXPECT_EQ(server_->counts().refused,
            (std::map<int, std::uint64_t>{{400, 2}, {414, 1}, {431, 1}, {505, 1}}));
}

TEST_F(HttpServerTest, TakesOneHeaderLineAsLongAsTheHeadMayBe) {
  start();
  const std::string before = "GET / HTTP/1.1\r\nHost: h\r\nCookie: ";
  for (const std::size_t size : {8'000UL, 8'192UL, 8'193UL, 12'000UL, 16'384UL}) {
    const std::string request = before + std::string(size - before.size() - 4, 'c') + "\r\n\r\n";
    EXPECT_TRUE(ask(request).starts_with("HTTP/1.1 200 ")) << size;
  }
}

// As while a source is slow to read: the answer that is let out only by the fast one would never
// come.
TEST_F(HttpServerTest, AnswersOthersWhileManyWaitForASlowAnswer) {
  constexpr int kSlow = 40;
  std::promise<void> fast_is_answered;
  const std::shared_future<void> go_on = fast_is_answered.get_future().share();
  start({.workers = 2}, [&](const HttpQuestion& question) {
    if (question.target == "/slow") go_on.wait();
    return reply_of({std::string(question.target)});
  });
  std::vector<RawClient> slow;
  for (int i = 0; i < kSlow; ++i) {
    slow.push_back(connect());
    slow.back().send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  await_connections(kSlow);
  EXPECT_TRUE(ask("GET /fast HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("/fast"));
  fast_is_answered.set_value();
  for (const RawClient& client : slow) EXPECT_TRUE(client.read_answer().ends_with("/slow"));
  server_->stop();  // its workers use what is of this test
}

TEST_F(HttpServerTest, TurnsWhatTheHandlerThrowsIntoABare500) {
  start({}, [](const HttpQuestion&) -> HttpReply { throw std::runtime_error("a secret"); });
  const std::string answer = ask(kGet);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 "));
  EXPECT_EQ(answer.find("secret"), std::string::npos);
}

TEST_F(HttpServerTest, LetsTheAnswerUnderWayEndWhenItStops) {
  std::promise<void> asked;
  std::promise<void> goes_on;
  start({}, [&](const HttpQuestion&) {
    asked.set_value();
    goes_on.get_future().wait();
    return reply_of({"done"});
  });
  const RawClient client = connect();
  client.send(kGet);
  asked.get_future().wait();
  std::thread stops([&] { server_->stop(); });
  goes_on.set_value();
  EXPECT_TRUE(client.read_to_end().ends_with("done"));
  stops.join();
}

TEST_F(HttpServerTest, SaysThatAPortIsTaken) {
  start();
  const auto second = HttpServer::start({.port = server_->port()}, {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find(std::to_string(server_->port())), std::string::npos);
}

}  // namespace
}  // namespace weir::server
