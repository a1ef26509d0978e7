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
  for (const std::string url :
       {"http://example.com", "http://127.0.0.1.evil.com", "http://localhost.evil.com",
        "http://1270.0.0.1", "http://127.0.0.1.5", "http://[::1].evil.com", "http://[::2]"}) {
    const Result<BaseUrl> parsed = parse_base_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidConfig);
  }
}

TEST(BaseUrl, RefusesWhatNoBaseUrlHas) {
  for (const std::string url :
       {"", "ftp://h", "example.com", "https://", "https://user:pw@h", "https://h?x=1",
        "https://h#f", "https://h\r\nX: 1", "https://a b", "http://127.0.0.1\\@evil.com",
        "https://h.invalid,", "https://h;", "https://h!", "https://h'", "https://h{a}",
        "https://[::1", "https://[]", "https://[::g,]", "https://h%20"}) {
    EXPECT_FALSE(parse_base_url(url)) << url;
  }
}

TEST(BaseUrl, LooksAtThePortAndTakesASchemeInAnyCase) {
  for (const char* url : {"HTTPS://forms.example.com", "Https://forms.example.com:443",
                          "HTTP://127.0.0.1:8080", "https://[::1]:65535", "https://h:1"})
    EXPECT_TRUE(parse_base_url(url)) << url;
  for (const char* url :
       {"https://h:0", "https://h:99999", "https://h:65536", "https://h:", "https://h:80x",
        "https://h:-1", "https://[::1]80", "https://[::1]x80", "ftp://h", "HTTP://h"})
    EXPECT_FALSE(parse_base_url(url)) << url;
}

TEST(Url, EncodesWhateverIsNotPlain) {
  const BaseUrl base = *parse_base_url("https://h/base/");
  EXPECT_EQ(full_url(base, "/api/x", {{"a b", "c&d=\r\n"}, {"Key", "ü"}}),
            "https://h/base/api/x?a%20b=c%26d%3D%0D%0A&Key=%C3%BC");
}

TEST(Url, OfOneThingIsTakenAsItIs) {
  for (const char* url : {"https://h/hook?token=a%2Fb&x=", "https://h/hook/",
                          "http://127.0.0.1:8/x", "https://h?x", "https://h"}) {
    const Result<BaseUrl> address = parse_address(url);
    ASSERT_TRUE(address) << url;
    EXPECT_EQ(full_url(*address, "", {}), url);
  }
  EXPECT_EQ(parse_address("https://h:1/x?y")->host, "h");
}

TEST(Url, OfOneThingIsRefusedWhenItCannotBeOne) {
  for (const char* url :
       {"", "h/x", "ftp://h/x", "http://h/x", "https://u:p@h/x", "https://h/x#y", "https://h/a b",
        "https://h/?a b", "https://", "https://?x", "https://h:0/"})
    EXPECT_FALSE(parse_address(url)) << url;
}

}  // namespace
}  // namespace weir::http
