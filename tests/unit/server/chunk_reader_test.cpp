#include "server/chunk_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::server {
namespace {

using namespace std::string_literals;

struct Read {
  std::string body = {};
  std::string rest = {};
  bool is_whole = false;
  bool is_wrong = false;

  bool operator==(const Read&) const = default;
};

// As it arrives in pieces of this size.
Read read(const std::string& bytes, std::size_t piece) {
  ChunkReader reader;
  Read result;
  std::size_t at = 0;
  while (at < bytes.size() && !reader.is_whole() && !reader.is_wrong()) {
    const std::string arrives = bytes.substr(at, piece);
    at += reader.read(arrives, result.body);
  }
  result.rest = bytes.substr(at);
  result.is_whole = reader.is_whole();
  result.is_wrong = reader.is_wrong();
  return result;
}

void expect_wrong(const std::string& bytes) {
  for (const std::size_t piece : {1UL, 3UL, 100'000UL})
    EXPECT_TRUE(read(bytes, piece).is_wrong) << bytes.substr(0, 60) << " by " << piece;
}

TEST(ChunkReaderTest, ReadsABodyHoweverItArrivesAndLeavesWhatFollows) {
  const std::string bytes =
      "5\r\nhello\r\n1;name=\"a;b\"\r\n \r\n00A\r\n0123456789\r\n000\r\nX-Sum: 1\r\n\r\nGET /";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    EXPECT_EQ(read(bytes, piece),
              (Read{.body = "hello 0123456789", .rest = "GET /", .is_whole = true}))
        << piece;
  }
}

TEST(ChunkReaderTest, WaitsForWhatIsMissing) {
  const std::string bytes = "5\r\nhello\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Read begun = read(bytes.substr(0, length), 100);
    EXPECT_FALSE(begun.is_whole || begun.is_wrong) << length;
    EXPECT_EQ(begun.rest, "");
  }
}

TEST(ChunkReaderTest, RefusesSizesThatTwoServersCouldReadInTwoWays) {
  for (const std::string size :
       {"", " 5", "5 ", "5\t", "+5", "-1", "0x5", "5h", "5,5", "5 ;a", "\"5\"",
        "\x0B"
        "5",
        "12345678901234567", "FFFFFFFFFFFFFFFF"}) {
    expect_wrong(size + "\r\nhello\r\n0\r\n\r\n");
  }
}

TEST(ChunkReaderTest, RefusesOtherLineEndsEverywhere) {
  expect_wrong("5\nhello\r\n0\r\n\r\n");
  expect_wrong("5\r\nhello\n0\r\n\r\n");
  expect_wrong("5\r\nhello\r\n0\n\n");
  expect_wrong("5\r\nhello\r\n0\r\n\n");
  expect_wrong("5\r\nhello\r\n0\r\nX: y\n\r\n");
  expect_wrong("5\r\r\nhello\r\n0\r\n\r\n");
  expect_wrong("5;a\nb\r\nhello\r\n0\r\n\r\n");
  expect_wrong("5;a\rb\r\nhello\r\n0\r\n\r\n");
  expect_wrong("5;a\0b\r\nhello\r\n0\r\n\r\n"s);
}

TEST(ChunkReaderTest, RefusesDataOfAnotherLengthThanWasTold) {
  expect_wrong("4\r\nhello\r\n0\r\n\r\n");
  expect_wrong("6\r\nhello\r\n0\r\n\r\n");
  expect_wrong("5\r\nhello0\r\n\r\n");
}

TEST(ChunkReaderTest, RefusesTrailersThatAreNoHeaders) {
  expect_wrong("0\r\nno colon\r\n\r\n");
  expect_wrong("0\r\nX: a\r\n b\r\n\r\n");
  expect_wrong("0\r\nX : a\r\n\r\n");
}

TEST(ChunkReaderTest, BoundsWhatIsNoBody) {
  const std::string half(ChunkReader::kMostFramingBytes / 2, 'x');
  expect_wrong("5;" + half + half);
  expect_wrong("1;" + half + "\r\nx\r\n1;" + half + "\r\nx\r\n1;" + half + "\r\nx\r\n");
  expect_wrong("0\r\nX: " + half + "\r\nY: " + half + "\r\nZ: " + half + "\r\n");
}

TEST(ChunkReaderTest, TakesManySmallChunks) {
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) bytes += "1\r\nx\r\n";
  const Read all = read(bytes + "0\r\n\r\n", 1000);
  EXPECT_TRUE(all.is_whole);
  EXPECT_EQ(all.body.size(), 20'000U);
}

}  // namespace
}  // namespace weir::server
