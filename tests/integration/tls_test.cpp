// The curl transport against servers whose certificates are wrong. There is no switch that makes it
// accept them.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "http/curl_transport.h"
#include "support/connect_proxy.h"
#include "support/temporary_folder.h"
#include "support/tls_server.h"

namespace weir::http {
namespace {

using namespace std::chrono_literals;
using testing::Certificate;
using testing::ConnectProxy;
using testing::EnvironmentVariable;
using testing::TemporaryFolder;
using testing::TlsServer;

constexpr long kDay = 24L * 60 * 60;

Result<HttpResponse> get(const std::string& url, const std::string& ca_file) {
  const auto transport =
      curl_transport(
          {.base_url = url, .connect_timeout = 5s, .max_answer_bytes = 1 << 20, .ca_file = ca_file})
          .value();
  return transport->send({.method = "GET", .path = "/api/v2/datasource", .timeout = 5s});
}

// Trusts the very certificate that the server shows, so that nothing but its content can be wrong.
Result<HttpResponse> get_trusting(const Certificate& certificate) {
  const TemporaryFolder folder;
  certificate.write(folder.file("ca.pem"));
  const TlsServer server(certificate);
  return get(server.url(), folder.file("ca.pem"));
}

// Nothing of the request left, so the call is refunded.
void expect_refused(const Result<HttpResponse>& response) {
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUntrusted);
  EXPECT_FALSE(response.error().may_have_been_sent);
  EXPECT_NE(response.error().message.find("certificate"), std::string::npos)
      << response.error().message;
}

TEST(Tls, TalksToAServerWhoseCertificateIsTrustedAndItsOwn) {
  const Result<HttpResponse> response = get_trusting(Certificate("localhost", kDay));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
}

TEST(Tls, ShakesHandsAndSendsNothing) {
  const TemporaryFolder folder;
  const Certificate certificate("localhost", kDay);
  certificate.write(folder.file("ca.pem"));
  const TlsServer server(certificate);
  EXPECT_TRUE(shake_hands({.base_url = server.url(), .ca_file = folder.file("ca.pem")}));
  const Result<void> stranger = shake_hands({.base_url = server.url()});
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().code, ErrorCode::kUntrusted) << stranger.error().message;
}

TEST(Tls, RefusesACertificateThatSignsItself) {
  const TlsServer server(Certificate("localhost", kDay));
  expect_refused(get(server.url(), ""));
}

TEST(Tls, RefusesAnExpiredCertificate) {
  expect_refused(get_trusting(Certificate("localhost", -60)));
}

TEST(Tls, RefusesTheCertificateOfAnotherHost) {
  expect_refused(get_trusting(Certificate("forms.example.com", kDay)));
}

// A server of this name, whose chain is trusted as given, reached directly or by a proxy.
class TrustTest : public ::testing::TestWithParam<bool> {
 protected:
  bool by_proxy() const { return GetParam(); }
  std::string name() const { return by_proxy() ? "platform.invalid" : "localhost"; }

  Result<HttpResponse> get_from(const Certificate& shown, const std::string& ca_file) {
    const TlsServer server(shown);
    if (!by_proxy()) return get(server.url(), ca_file);
    const ConnectProxy proxy("HTTP/1.1 200 Connection established\r\n\r\n", server.port());
    const EnvironmentVariable variable("https_proxy", "http://" + proxy.address());
    return get("https://platform.invalid", ca_file);
  }
  Result<HttpResponse> get_trusting_itself(const Certificate& shown) {
    shown.write(folder_.file("ca.pem"));
    return get_from(shown, folder_.file("ca.pem"));
  }
  static void expect_refused_for(const Result<HttpResponse>& response, const std::string& words) {
    expect_refused(response);
    EXPECT_NE(response.error().message.find(words), std::string::npos) << response.error().message;
  }

  TemporaryFolder folder_;
};

TEST_P(TrustTest, TakesOneThatIsTrusted) {
  EXPECT_TRUE(get_trusting_itself(Certificate(name(), kDay)));
}

TEST_P(TrustTest, SaysThatItHasExpired) {
  expect_refused_for(get_trusting_itself(Certificate(name(), -60)), "has expired");
}

TEST_P(TrustTest, SaysThatItIsNotValidYet) {
  expect_refused_for(get_trusting_itself(Certificate(name(), 2 * kDay, nullptr, kDay)),
                     "not valid yet");
}

TEST_P(TrustTest, SaysThatItIsNotValidYetThoughItsIssuerIs) {
  const Certificate issuer("An issuer", 3 * kDay);
  issuer.write(folder_.file("ca.pem"));
  expect_refused_for(get_from(Certificate(name(), 2 * kDay, &issuer, kDay), folder_.file("ca.pem")),
                     "not valid yet");
}

TEST_P(TrustTest, SaysThatItHasExpiredThoughItsIssuerHasNot) {
  const Certificate issuer("An issuer", kDay);
  issuer.write(folder_.file("ca.pem"));
  expect_refused_for(get_from(Certificate(name(), -60, &issuer), folder_.file("ca.pem")),
                     "has expired");
}

TEST_P(TrustTest, SaysThatItIsForAnotherHost) {
  expect_refused_for(get_trusting_itself(Certificate("other.example", kDay)),
                     "for another host, not for " + name());
}

TEST_P(TrustTest, SaysThatItSignsItself) {
  Certificate("somebody else", kDay).write(folder_.file("ca.pem"));
  expect_refused_for(get_from(Certificate(name(), kDay), folder_.file("ca.pem")), "by itself");
}

TEST_P(TrustTest, SaysThatTheIssuerIsNotKnown) {
  const Certificate issuer("An issuer", kDay);
  Certificate("somebody else", kDay).write(folder_.file("ca.pem"));
  expect_refused_for(get_from(Certificate(name(), kDay, &issuer), folder_.file("ca.pem")),
                     "issuer is not known");
}

INSTANTIATE_TEST_SUITE_P(Way, TrustTest, ::testing::Bool(),
                         [](const auto& way) { return way.param ? "ByProxy" : "Directly"; });

// The platform has not had a byte of what a proxy stops.
TEST(Proxy, IsToldWhatItAnsweredAndNothingWasSent) {
  struct Stopped {
    std::string answer;
    std::string words;
  };
  for (const Stopped& stopped : {
           Stopped{"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
                   "answered 407: check the user and password in https_proxy"},
           Stopped{"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "answered 403"},
           Stopped{"HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n\r\n", "answered 429"},
           Stopped{"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "answered 502"},
           Stopped{"HTTP/1.1 511 Sign in\r\nContent-Length: 0\r\n\r\n", "answered 511"},
           Stopped{"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
                   "answered 302"},
           Stopped{"nonsense\r\n\r\n", "127.0.0.1"},
           Stopped{"", "127.0.0.1"},
       }) {
    const ConnectProxy proxy(stopped.answer);
    const EnvironmentVariable variable("https_proxy", "http://weir:s3cr3t@" + proxy.address());
    const Result<HttpResponse> response = get("https://platform.invalid", "");
    ASSERT_FALSE(response) << stopped.answer;
    const Error& error = response.error();
    EXPECT_FALSE(error.may_have_been_sent) << stopped.answer;
    EXPECT_NE(error.message.find(stopped.words), std::string::npos) << error.message;
    EXPECT_NE(error.message.find(proxy.address()), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("s3cr3t"), std::string::npos) << error.message;
    EXPECT_EQ(proxy.connections(), 1);
  }
}

TEST(Proxy, DoesNotShadowTheHeadersOfThePlatform) {
  const TemporaryFolder folder;
  const Certificate certificate("platform.invalid", kDay);
  certificate.write(folder.file("ca.pem"));
  const TlsServer server(certificate);
  const ConnectProxy proxy(
      "HTTP/1.1 200 Connection established\r\nDate: Tue, 13 Apr 2049 00:00:00 GMT\r\n"
      "Retry-After: 86400\r\nETag: \"proxy\"\r\nContent-Range: bytes 0-1/2\r\n\r\n",
      server.port());
  const EnvironmentVariable variable("https_proxy", "http://" + proxy.address());
  const Result<HttpResponse> response = get("https://platform.invalid", folder.file("ca.pem"));
  ASSERT_TRUE(response) << response.error().message;
  for (const char* name : {"date", "retry-after", "etag", "content-range"})
    EXPECT_EQ(response->header(name), "") << name;
}

TEST(CaFile, IsLookedAtBeforeAnythingIsConnected) {
  const TemporaryFolder folder;
  const std::string path = folder.file("ca.pem");
  Certificate("a", kDay).write(path);
  std::ifstream file(path);
  const std::string whole((std::istreambuf_iterator<char>(file)), {});
  const auto accepted = [&](const std::string& content) {
    std::ofstream(path) << content;
    const auto transport = curl_transport({.base_url = "https://h", .ca_file = path});
    if (transport) return true;
    EXPECT_EQ(transport.error().code, ErrorCode::kInvalidConfig);
    EXPECT_NE(transport.error().message.find(path), std::string::npos);
    return false;
  };
  EXPECT_TRUE(accepted(whole));
  EXPECT_TRUE(accepted("# a comment\r\n" + whole + "\n" + whole));
  EXPECT_FALSE(accepted(""));
  EXPECT_FALSE(accepted("\n \n"));
  EXPECT_FALSE(accepted("not PEM at all"));
  EXPECT_FALSE(accepted("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  EXPECT_FALSE(accepted("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
  for (std::size_t size = 30; size + 2 < whole.size(); size += 23)
    EXPECT_FALSE(accepted(whole.substr(0, size))) << size;
  EXPECT_FALSE(accepted(whole + whole.substr(0, whole.size() / 2)));
  EXPECT_FALSE(curl_transport({.base_url = "https://h", .ca_file = folder.path()}));
}

}  // namespace
}  // namespace weir::http
