// Requests with bodies against the real HTTP server over real sockets: what is taken, what is
// refused, and what those can do who mean harm. Its time limits run on a clock that the tests move.
#include <gtest/gtest.h>
#include <weir/testing/manual_clock.h>

#include <atomic>
#include <thread>

#include "server/http_server.h"
#include "support/raw_client.h"

namespace weir::server {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;

constexpr std::size_t kLimit = 1000;

// What has become of the uploads of a test.
struct Uploads {
  std::atomic<int> begun = 0;
  std::atomic<int> finished = 0;
  std::atomic<int> gone = 0;
  std::atomic<std::size_t> bytes = 0;
};

// Answers with what it was given; "!stop" anywhere in a piece is answered at once, "!throw" with
// an exception.
class Echo final : public HttpUpload {
 public:
  explicit Echo(Uploads& uploads) : uploads_(uploads) { ++uploads_.begun; }
  ~Echo() override { ++uploads_.gone; }

  std::optional<HttpReply> take(std::string_view piece) override {
    text_.append(piece);
    uploads_.bytes += piece.size();
    if (piece.find("!stop") != std::string_view::npos) return text_reply(409, "text/x", "stopped");
    if (piece.find("!throw") != std::string_view::npos) throw std::runtime_error("a secret");
    return std::nullopt;
  }
  HttpReply finish() override {
    ++uploads_.finished;
    return text_reply(201, "text/x", text_);
  }

 private:
  Uploads& uploads_;
  std::string text_;
};

// /gather is answered by the handler, /echo by an Echo, /no before the body; elsewhere GET alone.
HttpRoute route_of(std::string_view target, Uploads& uploads) {
  if (target == "/gather") return {.methods = "POST, PUT, DELETE", .most_body_bytes = kLimit};
  if (target == "/echo") {
    return {.methods = "POST",
            .most_body_bytes = kLimit,
            .upload = [&uploads](const HttpQuestion&) -> HttpIntake {
              return std::make_unique<Echo>(uploads);
            }};
  }
  if (target == "/no") {
    return {.methods = "POST",
            .most_body_bytes = kLimit,
            .upload = [](const HttpQuestion&) -> HttpIntake {
              return text_reply(403, "text/x", "not you");
            }};
  }
  return {};
}

class HttpBodiesTest : public ::testing::Test {
 protected:
  void SetUp() override { start(); }

  void start(HttpOptions options = {}) {
    options.clock = clock_;
    options.routes = [this](std::string_view, std::string_view target) {
      return route_of(target, uploads_);
    };
    server_ = HttpServer::start(options, [](const HttpQuestion& question) {
                return text_reply(200, "text/x",
                                  std::string(question.method) + " " +
                                      std::string(question.header("x-name")) + " [" +
                                      std::string(question.body) + "]");
              }).value();
  }

  RawClient connect() const { return RawClient(server_->port()); }

  static std::string post(const std::string& headers, const std::string& body,
                          const std::string& target = "/echo") {
    return "POST " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
  }

  static std::string sized(const std::string& body, const std::string& target = "/echo") {
    return post("Content-Length: " + std::to_string(body.size()) + "\r\n", body, target);
  }

  static std::string chunked(const std::string& chunks, const std::string& target = "/echo") {
    return post("Transfer-Encoding: chunked\r\n", chunks, target);
  }

  // Refused with this status, in one answer, and then the connection is over.
  void expect_refused(const std::string& request, int status) const {
    const RawClient client = connect();
    client.send(request);
    const std::string answer = client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(status) + " "))
        << request.substr(0, 200) << "\n->\n"
        << answer;
    EXPECT_EQ(answer.find("HTTP/1.1 ", 1), std::string::npos) << answer;
  }

  void await_connections(std::size_t count) const {
    while (server_->counts().connections != count) std::this_thread::yield();
  }

  std::shared_ptr<weir::testing::ManualClock> clock_ =
      std::make_shared<weir::testing::ManualClock>(TimePoint{12h});
  Uploads uploads_;
  std::unique_ptr<HttpServer> server_;
};

bool ends_with_body(const std::string& answer, const std::string& body) {
  return answer.ends_with("\r\n\r\n" + body);
}

TEST_F(HttpBodiesTest, HandsAGatheredBodyToTheHandler) {
  const RawClient client = connect();
  client.send("PUT /gather HTTP/1.1\r\nHost: h\r\nX-Name: ada\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(ends_with_body(client.read_answer(), "PUT ada [hello]"));
  client.send("DELETE /gather HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(ends_with_body(client.read_answer(), "DELETE  []"));
  client.send(chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "/gather"));
  EXPECT_TRUE(ends_with_body(client.read_answer(), "POST  [abcde]"));
  EXPECT_EQ(server_->counts().requests, 3U) << "on one connection";
}

TEST_F(HttpBodiesTest, HandsABodyOverHoweverItArrives) {
  const std::string body(kLimit, 'b');
  for (const std::string& request :
       {sized(body), chunked("1f4\r\n" + body.substr(500) + "\r\n1F4;x=y\r\n" + body.substr(500) +
                             "\r\n0\r\nX-Sum: 1\r\n\r\n")}) {
    const RawClient whole = connect();
    whole.send(request);
    EXPECT_TRUE(ends_with_body(whole.read_answer(), body));
    const RawClient by_bytes = connect();
    for (const char byte : request) by_bytes.send(std::string_view(&byte, 1));
    EXPECT_TRUE(ends_with_body(by_bytes.read_answer(), body));
  }
  EXPECT_EQ(uploads_.finished, 4);
}

TEST_F(HttpBodiesTest, TakesTheNextRequestWhereTheBodyEnds) {
  const RawClient client = connect();
  client.send(sized("one") + chunked("3\r\ntwo\r\n0\r\n\r\n") + sized("") +
              "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answers = client.read_to_end();
  EXPECT_LT(answers.find("one"), answers.find("two"));
  EXPECT_LT(answers.find("two"), answers.find("GET  []")) << answers;
  EXPECT_EQ(uploads_.finished, 3);
}

TEST_F(HttpBodiesTest, TellsAClientThatWaitsToSendItsBody) {
  const RawClient client = connect();
  client.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
  EXPECT_EQ(client.receive(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  EXPECT_TRUE(ends_with_body(client.read_answer(), "hello"));
  // Who does not wait is not told.
  client.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", "again"));
  EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 201 "));
  client.send(post("Content-Length: 0\r\nExpect: 100-continue\r\n", ""));
  EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 201 "));
}

TEST_F(HttpBodiesTest, AsksForNoBodyThatItDoesNotTake) {
  expect_refused(post("Content-Length: 1001\r\nExpect: 100-continue\r\n", ""), 413);
  expect_refused(post("Content-Length: 5\r\nExpect: 100-continue\r\n", "", "/no"), 403);
  expect_refused(post("Content-Length: 5\r\nExpect: something\r\n", ""), 417);
  EXPECT_EQ(uploads_.begun, 0);
}

TEST_F(HttpBodiesTest, DoesNotTellAnOldClientToGoOn) {
  const RawClient client = connect();
  client.send("POST /echo HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  client.send("hello");
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 201 ")) << answer;
}

TEST_F(HttpBodiesTest, RefusesABodyBeyondTheLimitOfItsRoute) {
  expect_refused(sized(std::string(kLimit + 1, 'x')), 413);
  expect_refused(sized(std::string(kLimit + 1, 'x'), "/gather"), 413);
  expect_refused(post("Content-Length: 999999999999999999\r\n", "x"), 413);
  EXPECT_EQ(uploads_.begun, 0) << "nobody was asked";
  std::string chunks;
  for (int i = 0; i < 11; ++i) chunks += "64\r\n" + std::string(100, 'x') + "\r\n";
  expect_refused(chunked(chunks + "0\r\n\r\n"), 413);
  expect_refused(chunked("fffffff\r\n" + std::string(200'000, 'x')), 413);
  EXPECT_EQ(uploads_.finished, 0);
  await_connections(0);
  EXPECT_EQ(uploads_.gone, uploads_.begun);
  EXPECT_LE(uploads_.bytes, 2 * kLimit) << "no more than the limit was ever handed over";
}

TEST_F(HttpBodiesTest, RefusesABodyWhereNoneIsTaken) {
  expect_refused("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", 413);
  expect_refused("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411);
  expect_refused("GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n", 417);
  expect_refused(post("Content-Encoding: gzip\r\nContent-Length: 1\r\n", "x"), 415);
}

TEST_F(HttpBodiesTest, NamesTheMethodsThatATargetTakes) {
  for (const std::string method : {"GET", "PATCH", "OPTIONS", "get", "POSTS", "TRACE"}) {
    const RawClient client = connect();
    client.send(method + " /gather HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string answer = client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 405 ")) << answer;
    EXPECT_NE(answer.find("Allow: POST, PUT, DELETE\r\n"), std::string::npos);
  }
}

TEST_F(HttpBodiesTest, RefusesChunksThatTwoServersCouldReadInTwoWays) {
  for (const std::string chunks :
       {"5\nhello\r\n0\r\n\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
        "-1\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n",
        "12345678901234567\r\nhello\r\n0\r\n\r\n", "4\r\nhello\r\n0\r\n\r\n",
        "6\r\nhello\r\n0\r\n\r\n", "\r\n", "5\r\nhello\r\n0\r\nno header\r\n\r\n",
        "5\r\nhello\r\n0\r\nX : y\r\n\r\n"}) {
    expect_refused(chunked(chunks), 400);
  }
  expect_refused(chunked("5;" + std::string(20'000, 'x') + "\r\nhello\r\n0\r\n\r\n"), 400);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 2000; ++i) trailers += "X: yyyyyyy\r\n";
  expect_refused(chunked(trailers), 400);
  EXPECT_EQ(uploads_.finished, 0);
}

TEST_F(HttpBodiesTest, NeverTakesTheInsideOfABodyForARequest) {
  const std::string inner = "GET /inner HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string length = std::to_string(inner.size());
  for (const std::string& request :
       {post("Content-Length: " + length + "\r\nTransfer-Encoding: chunked\r\n", inner),
        post("Transfer-Encoding: chunked\r\nContent-Length: " + length + "\r\n", inner),
        post("Content-Length: " + length + "\r\nContent-Length: 0\r\n", inner),
        post("Content-Length: 0\r\nContent-Length: " + length + "\r\n", inner),
        post("Content-Length: 0, " + length + "\r\n", inner),
        post("Transfer-Encoding: identity\r\n", inner),
        post("Transfer-Encoding: xchunked\r\n", inner),
        post("Transfer-Encoding: chunked, identity\r\n", inner),
        post("Transfer-Encoding:\r\n chunked\r\n", inner),
        post("Transfer-Encoding : chunked\r\n", inner),
        "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + inner,
        "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\n" + inner}) {
    expect_refused(request, 400);
  }
  const RawClient client = connect();
  client.send(sized(inner));
  EXPECT_TRUE(client.read_answer().ends_with(inner)) << "a body may say what it likes";
  client.send(sized("!stop" + inner) + inner);
  const std::string answers = client.read_to_end();
  EXPECT_EQ(answers.find("HTTP/1.1 ", 1), std::string::npos) << answers;
}

TEST_F(HttpBodiesTest, EndsARequestThatIsAnsweredInMidBody) {
  const RawClient client = connect();
  client.send(post("Content-Length: 1000\r\n", "!stop"));
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 409 ")) << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  client.shut_writing();
  await_connections(0);
  EXPECT_EQ(uploads_.gone, 1);
  EXPECT_EQ(uploads_.finished, 0);
}

TEST_F(HttpBodiesTest, AnswersBeforeABodyThatGoesOn) {
  const RawClient client = connect();
  client.send(post("Content-Length: 1000\r\n", "", "/no"));
  EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 403 "));
  EXPECT_TRUE(client.send(std::string(1000, 'x'))) << "so that nothing resets the connection";
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpBodiesTest, TurnsWhatAnUploadThrowsIntoABare500) {
  for (const std::string& request : {sized("!throw"), chunked("6\r\n!throw\r\n0\r\n\r\n")}) {
    const RawClient client = connect();
    client.send(request);
    const std::string answer = client.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
    EXPECT_EQ(answer.find("secret"), std::string::npos);
  }
}

TEST_F(HttpBodiesTest, DropsABodyWhoseClientGoesAway) {
  for (const std::string& request :
       {post("Content-Length: 100\r\n", "half"), chunked("64\r\nhalf"), chunked("4\r\nhalf\r\n")}) {
    const RawClient client = connect();
    client.send(request);
    client.shut_writing();
    EXPECT_EQ(client.read_to_end(), "");
  }
  await_connections(0);
  EXPECT_EQ(uploads_.begun, 3);
  EXPECT_EQ(uploads_.gone, 3);
  EXPECT_EQ(uploads_.finished, 0);
}

TEST_F(HttpBodiesTest, CutsOffWhoDripsABody) {
  start({.workers = 1, .most_workers = 1});
  for (const std::string& request : {post("Content-Length: 100\r\n", "x"), chunked("1\r\nx\r\n")}) {
    std::size_t sent = uploads_.bytes;
    const RawClient drips = connect();
    const RawClient other = connect();
    drips.send(request);
    ++sent;
    for (int i = 0; i < 29; ++i) {
      drips.send(request.ends_with("x") ? "x" : "1\r\nx\r\n");
      ++sent;
      while (uploads_.bytes != sent) std::this_thread::yield();
      // The server's own time does not count. Its only worker is done with the drip once it answers
      // another.
      other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      ASSERT_NE(other.read_answer(), "");
      clock_->advance(1s);
    }
    clock_->advance(1s);
    EXPECT_EQ(drips.read_to_end(), "");
  }
  await_connections(0);
  EXPECT_EQ(server_->counts().late, 2U);
  EXPECT_EQ(uploads_.finished, 0);
}

TEST_F(HttpBodiesTest, MakesRoomByEndingWhoDripsABody) {
  start({.most_connections = 1});
  const RawClient drips = connect();
  drips.send(post("Content-Length: 100\r\n", "x"));
  while (uploads_.begun == 0) std::this_thread::yield();
  while (uploads_.bytes == 0) std::this_thread::yield();
  const RawClient asks = connect();
  asks.send(sized("hello"));
  EXPECT_TRUE(asks.read_answer().starts_with("HTTP/1.1 201 "));
  EXPECT_EQ(drips.read_to_end(), "");
}

TEST_F(HttpBodiesTest, LetsTheBodyUnderWayEndWhenItStops) {
  const RawClient client = connect();
  client.send(post("Content-Length: 10\r\n", "hello"));
  while (uploads_.bytes == 0) std::this_thread::yield();
  std::thread stops([&] { server_->stop(); });
  client.send("hello");
  const std::string answer = client.read_to_end();
  stops.join();
  EXPECT_TRUE(ends_with_body(answer, "hellohello")) << answer;
}

TEST_F(HttpBodiesTest, AnswersOthersWhileManyDripBodies) {
  std::vector<RawClient> drips;
  for (int i = 0; i < 200; ++i) {
    drips.push_back(connect());
    drips.back().send(i % 2 == 0 ? post("Content-Length: 100\r\n", "x") : chunked("64\r\nx"));
  }
  const RawClient asks = connect();
  asks.send(sized("hello"));
  EXPECT_TRUE(asks.read_answer().starts_with("HTTP/1.1 201 "));
}

TEST_F(HttpBodiesTest, AnswersOnlyToItsOwnHost) {
  start({.only_for_host = "127.0.0.1"});
  const auto ask = [&](const std::string& host) {
    const RawClient client = connect();
    client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    return client.read_to_end().substr(0, 13);
  };
  EXPECT_EQ(ask("127.0.0.1"), "HTTP/1.1 200 ");
  EXPECT_EQ(ask("LOCALHOST:" + std::to_string(server_->port())), "HTTP/1.1 200 ");
  EXPECT_EQ(ask("evil.example"), "HTTP/1.1 421 ");
  EXPECT_EQ(ask("127.0.0.1.evil.example"), "HTTP/1.1 421 ");
  EXPECT_EQ(ask(""), "HTTP/1.1 421 ");
}

}  // namespace
}  // namespace weir::server
