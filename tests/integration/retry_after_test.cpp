// What a platform asks of those who try again (Retry-After): requests are counted, for each costs a
// call of the day.
#include "sending_fixture.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Asked {
  std::string header;  // empty: it asks for nothing
  int requests;        // of a drain that has thirty seconds
  bool is_long = false;
};

// The doubling alone is a request after 1, 3, 7, 15 and 31 seconds.
const std::vector<Asked> kAsked = {{"", 5},
                                   {"0", 5},
                                   {"1", 5},
                                   {"3600", 1, true},
                                   {"86400", 1, true},
                                   {"99999999999999999999", 1, true},
                                   {"-5", 5},
                                   {"soon", 5},
                                   {"Mon, 05 Feb 2024 21:00:00 GMT", 1, true},
                                   {"Mon, 05 Feb 2024 19:00:00 GMT", 5}};

bool is_time(const std::string& header) {
  return !header.empty() && header != "-5" && header != "soon";
}

class RetryAfterTest : public SendingTest, public ::testing::WithParamInterface<int> {
 protected:
  PlayedPlatform::Answer failing(const std::string& asked) {
    return [this, asked](const HttpRequest&) -> Result<HttpResponse> {
      ++requests_;
      HttpResponse response{.status = GetParam(),
                            .headers = {{"date", "Mon, 05 Feb 2024 20:00:00 GMT"}},
                            .body = R"({"ResponseStatus":{"ErrorCode":"Exception"}})"};
      if (!asked.empty()) response.headers.emplace_back("retry-after", asked);
      return response;
    };
  }

  int requests_ = 0;
};

TEST_P(RetryAfterTest, IsHeededByWhoSends) {
  for (const Asked& asked : kAsked) {
    requests_ = 0;
    open(options(failing(asked.header)));
    change("S");
    const auto sent = client_->drain(30s);
    ASSERT_FALSE(sent) << asked.header;
    // One that asks for no time at all is left alone for a minute.
    const bool is_bare_429 = GetParam() == 429 && !is_time(asked.header);
    EXPECT_EQ(requests_, is_bare_429 ? 1 : asked.requests) << asked.header;
    if (asked.is_long) {
      EXPECT_THAT(sent.error().message, HasSubstr("asks to wait"));
    }
    EXPECT_THAT(sent.error().message, Not(HasSubstr(" 0 s")));
    ASSERT_TRUE(client_->data_source("S").discard());
  }
}

TEST_P(RetryAfterTest, IsHeededByTheBackgroundAndNoLongerThanADay) {
  for (const char* asked : {"3600", "999999999"}) {
    requests_ = 0;
    open(options(failing(asked)));
    change("S");
    EXPECT_FALSE(client_->drain(0s));
    const int hours = std::string(asked) == "3600" ? 1 : 24;
    for (int minutes = 0; minutes < hours * 60 - 1; ++minutes) {
      clock_->advance(1min);
      static_cast<void>(client_->send_due());
    }
    EXPECT_EQ(requests_, 1) << asked;
    clock_->advance(2min);
    static_cast<void>(client_->send_due());
    EXPECT_EQ(requests_, 2) << asked;
    ASSERT_TRUE(client_->data_source("S").discard());
  }
}

TEST_P(RetryAfterTest, IsHeededByPolls) {
  open(options(failing("3600")));
  const auto poll =
      client_->form_entries("F").poll([](const FormEntry&) { return Result<void>(); });
  ASSERT_TRUE(client_->poll_due());
  for (int minutes = 0; minutes < 59; ++minutes) {
    clock_->advance(1min);
    static_cast<void>(client_->poll_due());
  }
  EXPECT_EQ(requests_, 1);
}

TEST_P(RetryAfterTest, IsHeededByWhoReadsAPage) {
  open(options(failing("3600")));
  EXPECT_FALSE(client_->data_source("S").describe());
  EXPECT_EQ(requests_, 1);
}

INSTANTIATE_TEST_SUITE_P(Of, RetryAfterTest, ::testing::Values(429, 500, 502, 503, 504));

}  // namespace
}  // namespace weir
