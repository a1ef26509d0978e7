#include "server/http_head.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::server {
namespace {

HttpHead head_of(const std::string& lines,
                 const std::string& request_line = "GET /?ids=A HTTP/1.1") {
  static std::string bytes;  // the head is parts of it
  bytes = request_line + "\r\nHost: h\r\n" + lines + "\r\n";
  return read_head(bytes);
}

int refusal(const std::string& lines, const std::string& request_line = "GET /?ids=A HTTP/1.1") {
  return head_of(lines, request_line).refusal;
}

TEST(HttpHeadTest, TellsWhatAClientAsks) {
  const HttpHead head = head_of("Content-Length: 12\r\nExpect: 100-Continue\r\nX-One: \t a b \r\n",
                                "PUT /a?b=%20 HTTP/1.1");
  EXPECT_EQ(head.refusal, 0);
  EXPECT_EQ(head.method, "PUT");
  EXPECT_EQ(head.target, "/a?b=%20");
  EXPECT_EQ(head.host, "h");
  EXPECT_EQ(head.length, 12U);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_TRUE(head.keeps_alive);
  EXPECT_FALSE(head.is_chunked || head.expects_other || head.wants_range || head.has_coded_body);
  EXPECT_EQ(header_value(head.lines, "x-one"), "a b");
  EXPECT_EQ(header_value(head.lines, "x-two"), "");
  EXPECT_EQ(header_value(head.lines, "x"), "");
}

TEST(HttpHeadTest, LetsThroughWhatADeviceSends) {
  EXPECT_EQ(refusal("Accept-Encoding: gzip, deflate\r\nUser-Agent: App/1 (\xC3\xA4)\r\n"), 0);
  EXPECT_EQ(refusal("Connection: keep-alive\r\nX-Empty:\r\nContent-Length: 0\r\n"), 0);
  EXPECT_EQ(refusal("Content-Type: application/json\r\n"), 0);
  EXPECT_EQ(refusal("", "HEAD / HTTP/1.0"), 0);
  EXPECT_EQ(read_head("GET / HTTP/1.0\r\n\r\n").refusal, 0) << "which knows no Host";
}

TEST(HttpHeadTest, KnowsWhoseConnectionStays) {
  EXPECT_TRUE(head_of("").keeps_alive);
  EXPECT_FALSE(head_of("Connection: x, Close\r\n").keeps_alive);
  EXPECT_FALSE(head_of("Connection: keep-alive\r\nConnection: close\r\n").keeps_alive);
  EXPECT_FALSE(head_of("", "GET / HTTP/1.0").keeps_alive);
  EXPECT_TRUE(head_of("Connection: Keep-Alive\r\n", "GET / HTTP/1.0").keeps_alive);
  EXPECT_FALSE(
      head_of("Connection: close\r\nConnection: keep-alive\r\n", "GET / HTTP/1.0").keeps_alive);
}

TEST(HttpHeadTest, FindsTheEndOfAHead) {
  EXPECT_EQ(head_length("GET / HTTP/1.1\r\n\r"), 0U);
  EXPECT_EQ(head_length("GET / HTTP/1.1\r\n\r\nnext"), 18U);
}

TEST(HttpHeadTest, TellsWhatNotEveryRouteTakes) {
  EXPECT_TRUE(head_of("Transfer-Encoding: Chunked\r\n").is_chunked);
  EXPECT_TRUE(head_of("Content-Encoding: gzip\r\n").has_coded_body);
  EXPECT_TRUE(head_of("Expect: 200-maybe\r\n").expects_other);
  EXPECT_TRUE(head_of("Range: bytes=0-0,1-1\r\n").wants_range);
  EXPECT_EQ(head_of("Content-Length: 00\r\n").length, 0U);
}

TEST(HttpHeadTest, RefusesLengthsThatTwoServersCouldReadInTwoWays) {
  for (const std::string length : {"", "-1", "+1", "0x3", "1 2", "3, 3", "3,", "1.0", "\"3\"",
                                   "18446744073709551617", "1000000000000000000"}) {
    EXPECT_EQ(refusal("Content-Length: " + length + "\r\n"), 400) << length;
  }
  EXPECT_EQ(refusal("Content-Length: 0\r\nContent-Length: 0\r\n"), 400);
  EXPECT_EQ(refusal("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(refusal("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400);
  EXPECT_EQ(refusal("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"), 400);
  for (const std::string coding : {"", "identity", "xchunked", "gzip", "gzip, chunked",
                                   "chunked, chunked", "chunked;a=b", "\"chunked\""}) {
    EXPECT_EQ(refusal("Transfer-Encoding: " + coding + "\r\n"), 400) << coding;
  }
  EXPECT_EQ(refusal("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400);
}

TEST(HttpHeadTest, RefusesWhatTwoServersCouldReadInTwoWays) {
  EXPECT_EQ(refusal("Host: other\r\n"), 400);
  EXPECT_EQ(read_head("GET / HTTP/1.1\r\nHost: a b\r\n\r\n").refusal, 400) << "no host";
  EXPECT_EQ(read_head("GET / HTTP/1.1\r\n\r\n").refusal, 400) << "no Host";
  EXPECT_EQ(refusal("Transfer-Encoding : chunked\r\n"), 400);
  EXPECT_EQ(refusal("Transfer-Encoding:\vchunked\r\n"), 400);
  EXPECT_EQ(refusal("X: a\r\n b\r\n"), 400);
  EXPECT_EQ(refusal("X\r\n"), 400);
  EXPECT_EQ(refusal(": x\r\n"), 400);
  EXPECT_EQ(refusal("X: a\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(refusal("X: a\rb\r\n"), 400);
  EXPECT_EQ(refusal(std::string("X: a\0b\r\n", 8)), 400);
}

TEST(HttpHeadTest, RefusesOtherTargetsAndVersions) {
  EXPECT_EQ(refusal("", "G(T / HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", " / HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", "GET http://h/ HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", "OPTIONS * HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", "GET /a b HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", "GET /a#b HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", "GET /\x7F HTTP/1.1"), 400);
  EXPECT_EQ(refusal("", "GET / HTTP/2.0"), 505);
  EXPECT_EQ(refusal("", "GET /"), 400);
  EXPECT_EQ(refusal("", ""), 400);
  EXPECT_EQ(refusal("", "\x16\x03\x01"), 400) << "TLS at a plain port";
}

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

TEST(HttpHeadTest, WaitsForNothingThatCouldMendABrokenHead) {
  EXPECT_EQ(refusal_of_unfinished("GET / HTTP/1.1\r\nHost: h\r\n\r"), 0);
  EXPECT_EQ(refusal_of_unfinished("GET / HTTP/1.1\nHost: h\n\n"), 400);
  EXPECT_EQ(refusal_of_unfinished("\n"), 400);
  EXPECT_EQ(refusal_of_unfinished("GET / HTTP/1.1\r\nX: a\rb"), 400);
  EXPECT_EQ(refusal_of_unfinished(std::string("GET /\0", 6)), 400);
  EXPECT_EQ(refusal_of_unfinished("\x16\x03\x01"), 400) << "TLS at a plain port";
}

}  // namespace
}  // namespace weir::server
