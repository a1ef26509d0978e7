#include "sync/http_head.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::sync {
namespace {

int refusal(const std::string& lines, const std::string& request_line = "GET /?ids=A HTTP/1.1") {
  return refusal_of_head(request_line + "\r\nHost: h\r\n" + lines + "\r\n");
}

TEST(HttpHeadTest, LetsThroughWhatADeviceSends) {
  EXPECT_EQ(refusal("Accept-Encoding: gzip, deflate\r\nUser-Agent: App/1 (\xC3\xA4)\r\n"), 0);
  EXPECT_EQ(refusal("Connection: keep-alive\r\nX-Empty:\r\nContent-Length: 0\r\n"), 0);
  EXPECT_EQ(refusal("Content-Type: application/json\r\n"), 0);
  EXPECT_EQ(refusal("", "HEAD / HTTP/1.0"), 0);
}

TEST(HttpHeadTest, FindsTheEndOfAHead) {
  EXPECT_EQ(head_length("GET / HTTP/1.1\r\n\r"), 0U);
  EXPECT_EQ(head_length("GET / HTTP/1.1\r\n\r\nnext"), 18U);
}

TEST(HttpHeadTest, RefusesEveryKindOfBody) {
  EXPECT_EQ(refusal("Content-Length: 1\r\n"), 413);
  EXPECT_EQ(refusal("Content-Length: -1\r\n"), 413);
  EXPECT_EQ(refusal("content-length: 00\r\n"), 413);
  EXPECT_EQ(refusal("Transfer-Encoding: chunked\r\n"), 411);
  EXPECT_EQ(refusal("Content-Encoding: gzip\r\n"), 415);
  EXPECT_EQ(refusal("Content-Type: Multipart/form-data; boundary=x\r\n"), 415);
  EXPECT_EQ(refusal("Expect: 100-continue\r\n"), 417);
}

TEST(HttpHeadTest, RefusesWhatTwoServersCouldReadInTwoWays) {
  EXPECT_EQ(refusal("Content-Length: 0\r\nContent-Length: 0\r\n"), 400);
  EXPECT_EQ(refusal("Host: other\r\n"), 400);
  EXPECT_EQ(refusal("Transfer-Encoding : chunked\r\n"), 400);
  EXPECT_EQ(refusal("X: a\r\n b\r\n"), 400);
  EXPECT_EQ(refusal("X\r\n"), 400);
  EXPECT_EQ(refusal(": x\r\n"), 400);
  EXPECT_EQ(refusal("X: a\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(refusal("X: a\rb\r\n"), 400);
  EXPECT_EQ(refusal(std::string("X: a\0b\r\n", 8)), 400);
}

TEST(HttpHeadTest, RefusesOtherMethodsTargetsAndVersions) {
  EXPECT_EQ(refusal("", "POST / HTTP/1.1"), 405);
  EXPECT_EQ(refusal("", "get / HTTP/1.1"), 405);
  EXPECT_EQ(refusal("", "G(T / HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", "GET http://h/ HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", "GET /a b HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", "GET /\x7F HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", "GET / HTTP/2.0"), 505);
  EXPECT_EQ(refusal("", "GET /"), 400);
  EXPECT_EQ(refusal("", ""), 400);
  EXPECT_EQ(refusal("", "\x16\x03\x01"), 400) << "TLS at a plain port";
}

TEST(HttpHeadTest, RefusesRanges) { EXPECT_EQ(refusal("Range: bytes=0-0,1-1\r\n"), 416); }

TEST(HttpHeadTest, BoundsLinesAndBytes) {
  EXPECT_EQ(refusal("", "GET /" + std::string(kMostRequestLineBytes, 'x') + " HTTP/1.1"), 414);
  std::string many;
  for (std::size_t i = 0; i < kMostHeaderLines; ++i) many += "X: a\r\n";
  EXPECT_EQ(refusal(many), 431);
  EXPECT_EQ(refusal("X: " + std::string(kMostHeadBytes, 'x') + "\r\n"), 431);
}

TEST(HttpHeadTest, GivesUpOnAHeadThatBecomesTooLong) {
  EXPECT_EQ(refusal_of_unfinished(std::string(kMostRequestLineBytes, 'x')), 0);
  EXPECT_EQ(refusal_of_unfinished(std::string(kMostRequestLineBytes + 1, 'x')), 414);
  EXPECT_EQ(refusal_of_unfinished("GET / HTTP/1.1\r\n" + std::string(kMostHeadBytes, 'x')), 431);
}

}  // namespace
}  // namespace weir::sync
