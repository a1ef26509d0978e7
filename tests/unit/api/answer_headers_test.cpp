#include "api/answer_headers.h"

#include <gtest/gtest.h>

namespace weir::api {
namespace {

using namespace std::chrono_literals;

std::optional<std::chrono::seconds> wait(const std::string& retry_after,
                                         const std::string& date = "") {
  HttpResponse response{.status = 429, .headers = {{"retry-after", retry_after}}, .body = ""};
  if (!date.empty()) response.headers.emplace_back("date", date);
  return weir::api::retry_after(response);
}

TEST(RetryAfter, ReadsSeconds) {
  EXPECT_EQ(wait("0"), 0s);
  EXPECT_EQ(wait("120"), 120s);
}

TEST(RetryAfter, ReadsADateAsTheDistanceFromTheServersOwn) {
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT"), 30s);
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:07 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"), 0s);
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:37 GMT"), std::nullopt);
}

TEST(RetryAfter, ReadsADateByOurClockWhereTheServerHasNone) {
  const HttpResponse response{
      .status = 503, .headers = {{"retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"}}, .body = ""};
  const std::chrono::sys_seconds then{784111777s};
  EXPECT_EQ(weir::api::retry_after(response, then - 30s), 30s);
  EXPECT_EQ(weir::api::retry_after(response, then + 30s), 0s);
  EXPECT_EQ(weir::api::retry_after(response, then - 240h), 24h);
}

TEST(RetryAfter, WaitsNoLongerThanADay) {
  EXPECT_EQ(wait("999999"), 24h);
  EXPECT_EQ(wait("99999999999999999999"), 24h);
}

TEST(RetryAfter, IgnoresNonsense) {
  for (const std::string text : {"", "soon", "-5", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT",
                                 "Sun, 06 Foo 1994 08:49:37 GMT"}) {
    EXPECT_EQ(wait(text, "Sun, 06 Nov 1994 08:49:37 GMT"), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace weir::api
