// The curl transport against servers that behave badly.
#include <gtest/gtest.h>
#include <zlib.h>

#include "http/curl_handle.h"
#include "http/curl_transport.h"
#include "support/raw_server.h"

namespace weir::http {
namespace {

using namespace std::chrono_literals;
using testing::RawAnswer;
using testing::RawServer;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

Result<HttpResponse> send_to(const std::string& url, const std::string& method,
                             std::int64_t max_answer_bytes = 1 << 20) {
  const auto transport =
      curl_transport({.base_url = url, .connect_timeout = 2s, .max_answer_bytes = max_answer_bytes})
          .value();
  HttpRequest request{
      .method = method, .path = "/api/v2/datasource", .query = {{"k", "a b&c"}}, .timeout = 5s};
  if (method == "PUT") request.body = std::string(2 * 1024 * 1024, 'x');
  return transport->send(request);
}

std::size_t discard(char*, std::size_t, std::size_t size, void*) { return size; }

CURLcode perform(CurlHandle& handle, const std::string& url, bool guarded) {
  handle.set(CURLOPT_URL, url.c_str());
  handle.set_function(CURLOPT_WRITEFUNCTION, &discard);
  if (guarded) handle.allow_one_request();
  return handle.perform();
}

TEST(CurlTransport, SendsARequestOnceWhenTheConnectionIsReset) {
  for (const std::string method : {"GET", "PUT"}) {
    const RawServer server({""});
    const Result<HttpResponse> response = send_to(server.url(), method);
    ASSERT_FALSE(response);
    EXPECT_TRUE(response.error().may_have_been_sent);
    EXPECT_EQ(server.requests(), 1) << method;
  }
}

// The reason for the guard: this is what libcurl does by itself. When it stops doing so, the guard
// can go.
TEST(CurlHandle, WouldSendTwiceOnAReusedConnectionWithoutItsGuard) {
  const RawServer server({kOk, "", kOk});
  CurlHandle handle;
  ASSERT_EQ(perform(handle, server.url(), false), CURLE_OK);
  EXPECT_EQ(perform(handle, server.url(), false), CURLE_OK);
  EXPECT_EQ(server.requests(), 3) << "two transfers, three requests";
}

TEST(CurlHandle, SendsOnceOnAReusedConnectionWithItsGuard) {
  const RawServer server({kOk, "", kOk});
  CurlHandle handle;
  ASSERT_EQ(perform(handle, server.url(), true), CURLE_OK);
  EXPECT_EQ(perform(handle, server.url(), true), CURLE_ABORTED_BY_CALLBACK);
  EXPECT_EQ(server.requests(), 2);
}

TEST(CurlTransport, SaysThatNothingLeftWhenNobodyListens) {
  int port = 0;
  {
    const RawServer gone({});
    port = gone.port();
  }
  const Result<HttpResponse> response = send_to("http://127.0.0.1:" + std::to_string(port), "PUT");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(response.error().may_have_been_sent);
}

TEST(CurlTransport, FollowsNoRedirect) {
  const RawServer server(
      {"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", kOk});
  EXPECT_EQ(send_to(server.url(), "GET")->status, 302);
  EXPECT_EQ(server.requests(), 1);
}

TEST(CurlTransport, SendsWhatItShouldAndNoExpectHeader) {
  const RawServer server({kOk});
  ASSERT_TRUE(send_to(server.url(), "PUT"));
  const std::string head = server.last_request().substr(0, server.last_request().find("\r\n\r\n"));
  EXPECT_TRUE(head.starts_with("PUT /api/v2/datasource?k=a%20b%26c HTTP/1.1\r\n")) << head;
  EXPECT_EQ(head.find("Expect"), std::string::npos);
  EXPECT_NE(head.find("Content-Type: application/json"), std::string::npos);
  EXPECT_NE(head.find("Accept-Encoding: gzip"), std::string::npos);
}

TEST(CurlTransport, GivesHeaderNamesInLowerCase) {
  const RawServer server({"HTTP/1.1 429 Slow\r\nRetry-After:  7 \r\nContent-Length: 2\r\n\r\n{}"});
  const Result<HttpResponse> response = send_to(server.url(), "GET");
  const std::pair<std::string, std::string> expected = {"retry-after", "7"};
  EXPECT_NE(std::find(response->headers.begin(), response->headers.end(), expected),
            response->headers.end());
}

TEST(CurlTransport, StopsReadingAnAnswerThatIsTooLarge) {
  const RawServer server(
      {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(100'000, 'x')});
  const Result<HttpResponse> response = send_to(server.url(), "GET", 50'000);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kBadResponse);
  EXPECT_TRUE(response.error().may_have_been_sent);
}

TEST(CurlTransport, StopsReadingHeadersWithoutEnd) {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 5000; ++i) answer += "X-Filler: 0123456789012345678901234567890123456789\r\n";
  const RawServer server({answer + "Content-Length: 2\r\nConnection: close\r\n\r\n{}"});
  EXPECT_EQ(send_to(server.url(), "GET").error().code, ErrorCode::kBadResponse);
}

TEST(CurlTransport, SaysOfAHeaderOfAnySizeThatItIsTooLarge) {
  const std::string head = "HTTP/1.1 200 OK\r\nX: ";
  for (const std::size_t size : {70'000, 100'000, 110'000, 200'000, 400'000}) {
    for (const std::string& line : {head + std::string(size, 'a') + "\r\n\r\n",
                                    "HTTP/1.1 200 " + std::string(size, 'a') + "\r\n\r\n"}) {
      const RawServer server =
          RawServer::answering([&](const std::string&) { return RawAnswer{.bytes = line}; });
      const Result<HttpResponse> response = send_to(server.url(), "GET");
      ASSERT_FALSE(response) << size;
      EXPECT_NE(response.error().message.find("headers"), std::string::npos)
          << response.error().message;
    }
  }
}

TEST(CurlTransport, DoesNotTakeAnAnswerThatWasCutShort) {
  const RawServer server({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{}"});
  const Result<HttpResponse> response = send_to(server.url(), "GET");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
}

TEST(CurlTransport, DoesNotTakeAnAnswerThatEndsWithinItsHead) {
  const std::string codings[] = {"", "Content-Encoding: gzip\r\n"};
  for (const std::string before : {"", "HTTP/1.1 100 Continue\r\n\r\n"}) {
    for (const std::string& coding : codings) {
      const std::string head = "HTTP/1.1 200 OK\r\nX-A: 1\r\n" + coding + "Connection: close\r\n";
      for (std::size_t size = 0; size <= head.size(); ++size) {
        const std::string answer = before + head.substr(0, size);
        const RawServer server =
            RawServer::answering([&](const std::string&) { return RawAnswer{.bytes = answer}; });
        const Result<HttpResponse> response = send_to(server.url(), "GET");
        ASSERT_FALSE(response) << answer;
        EXPECT_TRUE(response.error().may_have_been_sent) << answer;
      }
    }
  }
  const RawServer whole({"HTTP/1.1 204 No Content\r\n\r\n"});
  EXPECT_TRUE(send_to(whole.url(), "GET"));
}

// It waits for as long as a server may be silent, which is the least that can be asked for.
TEST(CurlTransport, GivesUpASilentServerBeforeTheTimeForTheCallIsOver) {
  const RawServer silent = RawServer::answering(
      [](const std::string&) { return RawAnswer{.after = testing::AfterAnswer::kStall}; });
  const Result<HttpResponse> response =
      curl_transport({.base_url = silent.url()})
          .value()
          ->send({.method = "GET", .path = "/", .timeout = 1h, .longest_silence = 1ms});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout);
  EXPECT_NE(response.error().message.find("nothing arrived for too long"), std::string::npos);
}

TEST(CurlTransport, RefusesAServerThatSpeaksNoTls) {
  const RawServer server({kOk});
  const Result<HttpResponse> response =
      send_to("https://127.0.0.1:" + std::to_string(server.port()), "GET");
  ASSERT_FALSE(response);
  EXPECT_FALSE(response.error().may_have_been_sent) << "the request never left";
}

// Interim answers and trailers, each with what the last head must not be mistaken for.
TEST(CurlTransport, TakesTheHeadersOfTheLastHeadAlone) {
  const std::string shadows =
      "Date: Tue, 13 Apr 2049 00:00:00 GMT\r\nRetry-After: 86400\r\nETag: \"old\"\r\n"
      "Content-Range: bytes 0-1/2\r\nLast-Modified: Tue, 13 Apr 2049 00:00:00 GMT\r\n";
  const std::string early = "HTTP/1.1 103 Early Hints\r\n" + shadows + "\r\n";
  const std::string processing = "HTTP/1.1 102 Processing\r\n" + shadows + "\r\n";
  const std::string go_on = "HTTP/1.1 100 Continue\r\n" + shadows + "\r\n";
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Last: yes\r\n\r\n{}";
  const std::string with_trailers =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Last: yes\r\n\r\n2\r\n{}\r\n0\r\n" +
      shadows + "\r\n";
  for (const std::string& answer : {early + ok, processing + ok, go_on + ok, early + early + ok,
                                    go_on + early + ok, with_trailers, early + with_trailers}) {
    const RawServer server({answer});
    const Result<HttpResponse> response = send_to(server.url(), "GET");
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "{}");
    EXPECT_EQ(response->header("x-last"), "yes");
    for (const char* name : {"date", "retry-after", "etag", "content-range", "last-modified"})
      EXPECT_EQ(response->header(name), "") << name << " in\n" << answer;
  }
}

std::string gzipped(const std::string& text, int window) {
  z_stream stream = {};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY);
  std::string coded(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(coded.data());
  stream.avail_out = static_cast<uInt>(coded.size());
  deflate(&stream, Z_FINISH);
  coded.resize(coded.size() - stream.avail_out);
  deflateEnd(&stream);
  return coded;
}

constexpr int kGzip = 15 + 16;
constexpr int kZlib = 15;
constexpr int kRaw = -15;

Result<HttpResponse> send_coded(const std::string& coding, const std::string& body) {
  const RawServer server({"HTTP/1.1 200 OK\r\nContent-Encoding: " + coding +
                          "\r\nContent-Length: " + std::to_string(body.size()) +
                          "\r\nConnection: close\r\n\r\n" + body});
  return send_to(server.url(), "GET");
}

TEST(CurlTransport, UnpacksAnswers) {
  std::string text = "{\"Rows\":[";
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i) + ",";
  text += "0]}";
  EXPECT_EQ(send_coded("gzip", gzipped(text, kGzip))->body, text);
  EXPECT_EQ(send_coded("GZIP", gzipped("{", kGzip) + gzipped("}", kGzip))->body, "{}");
  EXPECT_EQ(send_coded("x-gzip", gzipped("{}", kGzip))->body, "{}");
  EXPECT_EQ(send_coded("deflate", gzipped(text, kZlib))->body, text);
  EXPECT_EQ(send_coded("deflate", gzipped(text, kRaw))->body, text);
  EXPECT_EQ(send_coded("identity", "{}")->body, "{}");
  EXPECT_EQ(send_coded("gzip", "")->body, "");
  EXPECT_EQ(send_coded("br", "{}").error().code, ErrorCode::kBadResponse);
  EXPECT_FALSE(send_coded("gzip", "{}")) << "it is not packed";
}

TEST(CurlTransport, DoesNotTakeAPackedAnswerThatWasCutOff) {
  const std::string whole = gzipped("{\"Rows\":[]}", kGzip);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const Result<HttpResponse> response = send_coded("gzip", whole.substr(0, size));
    ASSERT_FALSE(response) << size;
    EXPECT_EQ(response.error().code, ErrorCode::kUnavailable) << size;
    EXPECT_TRUE(response.error().may_have_been_sent);
  }
  EXPECT_TRUE(send_coded("gzip", whole));
}

TEST(CurlTransport, LimitsAnAnswerByWhatItUnpacksTo) {
  const std::string packed = gzipped(std::string(10 << 20, ' '), kGzip);
  ASSERT_LT(packed.size(), 100'000U);
  EXPECT_EQ(send_coded("gzip", packed).error().code, ErrorCode::kBadResponse);
}

TEST(CurlTransport, SaysThatItIsTheHeadersThatAreTooLarge) {
  const RawServer server({"HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') +
                          "\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"});
  const Error error = send_to(server.url(), "GET").error();
  EXPECT_NE(error.message.find("headers"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("65536"), std::string::npos) << error.message;
}

TEST(CurlTransport, SendsNothingWhenItsMomentHasPassed) {
  const RawServer server({kOk});
  const auto transport = curl_transport({.base_url = server.url()}).value();
  HttpRequest request{.method = "PUT", .path = "/api/v2/datasource", .body = "{}"};
  int asked = 0;
  request.may_still_be_sent = [&] { return ++asked > 1; };
  const Result<HttpResponse> response = transport->send(request);
  ASSERT_FALSE(response);
  EXPECT_FALSE(response.error().may_have_been_sent);
  EXPECT_EQ(server.requests(), 0);
  ASSERT_TRUE(transport->send(request));
  EXPECT_EQ(server.requests(), 1);
}

TEST(CurlTransport, RefusesACaFileThatIsNotThere) {
  EXPECT_FALSE(curl_transport({.base_url = "https://h", .ca_file = "/no/such/file"}));
}

}  // namespace
}  // namespace weir::http
