#include "api/file_api.h"

#include <gtest/gtest.h>

namespace weir::api {
namespace {

HttpResponse head(int status, std::vector<std::pair<std::string, std::string>> headers) {
  return {.status = status, .headers = std::move(headers)};
}

TEST(FileApi, AsksForTheRestOnlyOfTheSameVersion) {
  const Credentials credentials{.company_id = 7,
                                .integration_key = Secret::from_string("k", "the test")};
  EXPECT_TRUE(file_request(credentials, {.entry_id = "e", .file_name = "f"}).headers.empty());
  const HttpRequest rest = file_request(
      credentials, {.entry_id = "e", .file_name = "f", .from = 100, .version = "\"v\""});
  EXPECT_EQ(rest.headers, (std::vector<std::pair<std::string, std::string>>{
                              {"Range", "bytes=100-"}, {"If-Range", "\"v\""}}));
  const HttpRequest piece =
      file_request(credentials, {.entry_id = "e", .file_name = "f", .most = 50});
  EXPECT_EQ(piece.headers,
            (std::vector<std::pair<std::string, std::string>>{{"Range", "bytes=0-49"}}));
}

TEST(FileApi, ReadsWhereAPartBelongs) {
  const auto part = parse_file_part(
      head(206, {{"content-range", "bytes 100-199/200"}, {"content-length", "100"}}));
  EXPECT_EQ(part->from, 100);
  EXPECT_EQ(part->total, 200);
  EXPECT_EQ(parse_file_part(head(206, {{"content-range", "bytes 1-9/*"}}))->total, std::nullopt);
}

TEST(FileApi, RefusesAPartThatDoesNotSayWhereItBelongs) {
  for (const char* range : {"", "bytes", "bytes -", "bytes a-b/c", "items 1-2/3", "bytes */200",
                            "bytes -1-2/3", "bytes 99999999999999999999-1/2"}) {
    EXPECT_FALSE(parse_file_part(head(206, {{"content-range", range}}))) << range;
  }
}

TEST(FileApi, RefusesACodingThatWasNotAskedFor) {
  EXPECT_FALSE(parse_file_part(head(200, {{"content-encoding", "gzip"}})));
  EXPECT_TRUE(parse_file_part(head(200, {{"content-encoding", "identity"}})));
}

TEST(FileApi, TakesOnlyWhatPromisesTheSameBytesAsAVersion) {
  EXPECT_EQ(parse_file_part(head(200, {{"etag", "\"a\""}}))->version, "\"a\"");
  EXPECT_EQ(parse_file_part(head(200, {{"etag", "W/\"a\""}}))->version, "");
  const std::string changed = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(parse_file_part(
                head(200, {{"last-modified", changed}, {"date", "Sun, 06 Nov 1994 08:51:00 GMT"}}))
                ->version,
            changed);
  EXPECT_EQ(parse_file_part(
                head(200, {{"last-modified", changed}, {"date", "Sun, 06 Nov 1994 08:49:38 GMT"}}))
                ->version,
            "")
      << "it may change again within the second";
  EXPECT_EQ(parse_file_part(head(200, {{"last-modified", changed}}))->version, "");
}

TEST(FileApi, KnowsAPartOfAnotherVersion) {
  EXPECT_TRUE(is_of_version({.version = "\"a\""}, "\"a\""));
  EXPECT_FALSE(is_of_version({.version = "\"b\""}, "\"a\""));
  EXPECT_FALSE(is_of_version({}, "\"a\"")) << "the tag must be repeated";
  EXPECT_TRUE(is_of_version({}, "Sun, 06 Nov 1994 08:49:37 GMT"));
}

TEST(FileApi, ReadsTheSizeOfAFileThatIsShorterThanAsked) {
  EXPECT_EQ(size_when_out_of_range(head(416, {{"content-range", "bytes */200"}})), 200);
  EXPECT_EQ(size_when_out_of_range(head(416, {})), std::nullopt);
  EXPECT_EQ(size_when_out_of_range(head(200, {{"content-range", "bytes */200"}})), std::nullopt);
}

}  // namespace
}  // namespace weir::api
