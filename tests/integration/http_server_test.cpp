// The HTTP server of Platform Sync over real sockets, with clients that behave and clients that do
// not. Its time limits run on a clock that the tests move.
#include "sync/http_server.h"

#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <atomic>
#include <future>

#include "support/raw_client.h"

namespace weir::sync {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;

constexpr std::string_view kGet = "GET /?b=2&a=1%26 HTTP/1.1\r\nHost: h\r\n\r\n";

class HttpServerTest : public ::testing::Test {
 protected:
  void start(HttpOptions options = {}, HttpHandler handler = {}) {
    options.clock = clock_;
    if (!handler) {
      handler = [](const HttpQuestion& question) {
        return HttpReply{.body = {std::make_shared<const std::string>(question.path)}};
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

TEST_F(HttpServerTest, HandsTheQuestionOverDecodedAndTheAnswerBack) {
  HttpQuestion asked;
  start({}, [&](const HttpQuestion& question) {
    asked = question;
    return HttpReply{.status = 401,
                     .content_encoding = "gzip",
                     .body = {std::make_shared<const std::string>("ab"),
                              std::make_shared<const std::string>("cd")}};
  });
  const std::string answer =
      ask("GET /a%20path?b=2+2&a=%26 HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip, deflate\r\n"
          "REMOTE_ADDR: 6.6.6.6\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 ")) << answer;
  EXPECT_NE(answer.find("Content-Encoding: gzip\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Content-Length: 4\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nabcd")) << answer;
  EXPECT_EQ(asked.path, "/a path");
  EXPECT_EQ(asked.parameters,
            (std::vector<std::pair<std::string, std::string>>{{"a", "&"}, {"b", "2 2"}}));
  EXPECT_TRUE(asked.accepts_gzip);
  EXPECT_EQ(asked.remote_address, "127.0.0.1");
}

TEST_F(HttpServerTest, KnowsWhoTakesGzip) {
  std::atomic<bool> accepts = false;
  start({}, [&](const HttpQuestion& question) {
    accepts = question.accepts_gzip;
    return HttpReply{};
  });
  for (const auto& [value, expected] : std::map<std::string, bool>{{"gzip", true},
                                                                   {"deflate, gzip;q=0.5", true},
                                                                   {"gzip;q=0, deflate", false},
                                                                   {"gzip;q=0.000", false},
                                                                   {"deflate", false},
                                                                   {"", false}}) {
    ask("GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: " + value + "\r\n\r\n");
    EXPECT_EQ(accepts, expected) << value;
  }
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
  EXPECT_EQ(server_->counts().refused, 1U);
  EXPECT_EQ(server_->counts().requests, 0U) << "the handler never saw it";
}

TEST_F(HttpServerTest, CutsOffWhoDripsAHeadOrLeavesAConnectionIdle) {
  start();
  const RawClient drips = connect();
  const RawClient idles = connect();
  idles.send(kGet);
  idles.read_answer();
  drips.send("GET / HTTP/1.1\r\nX: ");
  await_connections(2);
  clock_->advance(5'001ms);
  EXPECT_EQ(drips.read_to_end(), "");
  await_connections(1);
  clock_->advance(10'000ms);
  EXPECT_EQ(idles.read_to_end(), "");
  await_connections(0);
  EXPECT_EQ(server_->counts().cut_off, 2U);
}

TEST_F(HttpServerTest, SharesALargeBodyAndCutsOffWhoTakesNothingOfIt) {
  const auto body = std::make_shared<const std::string>(std::string(12UL * 1024 * 1024, 'x'));
  start({}, [&](const HttpQuestion&) { return HttpReply{.body = {body}}; });
  const RawClient reads = connect();
  const RawClient stalls = connect();
  reads.send(kGet);
  stalls.send(kGet);
  EXPECT_TRUE(stalls.receive().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(reads.read_answer().ends_with(std::string(1000, 'x')));
  // The test, this handler, and one for the answer that stalls: no copies.
  EXPECT_LE(body.use_count(), 3);
  clock_->advance(30'001ms);
  await_connections(0);
  EXPECT_LT(stalls.read_to_end().size(), body->size());
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
    return HttpReply{.body = {std::make_shared<const std::string>("done")}};
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
}  // namespace weir::sync
