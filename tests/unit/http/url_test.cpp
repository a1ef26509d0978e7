#include "http/url.h"

#include <gtest/gtest.h>

namespace weir::http {
namespace {

TEST(BaseUrl, AcceptsHttpsAndLoopback) {
  for (const std::string url :
       {"https://secure.example.com", "https://h/base/", "http://127.0.0.1:8080",
        "http://localhost", "http://[::1]:9", "http://127.8.9.1"}) {
    EXPECT_TRUE(parse_base_url(url)) << url;
  }
}

TEST(BaseUrl, RefusesPlainHttpBeyondLoopback) {
  for (const std::string url : {"http://example.com", "http://127.0.0.1.evil.com",
                                "http://localhost.evil.com", "http://1270.0.0.1", "http://[::2]"}) {
    const Result<BaseUrl> parsed = parse_base_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidConfig);
  }
}

TEST(BaseUrl, RefusesWhatNoBaseUrlHas) {
  for (const std::string url :
       {"", "ftp://h", "example.com", "https://", "https://user:pw@h", "https://h?x=1",
        "https://h#f", "https://h\r\nX: 1", "https://a b", "http://127.0.0.1\\@evil.com"}) {
    EXPECT_FALSE(parse_base_url(url)) << url;
  }
}

TEST(Url, EncodesWhateverIsNotPlain) {
  const BaseUrl base = *parse_base_url("https://h/base/");
  EXPECT_EQ(full_url(base, "/api/x", {{"a b", "c&d=\r\n"}, {"Key", "ü"}}),
            "https://h/base/api/x?a%20b=c%26d%3D%0D%0A&Key=%C3%BC");
}

}  // namespace
}  // namespace weir::http
