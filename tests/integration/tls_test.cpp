// The curl transport against servers whose certificates are wrong. There is no switch that makes it
// accept them.
#include <gtest/gtest.h>

#include "http/curl_transport.h"
#include "support/temporary_folder.h"
#include "support/tls_server.h"

namespace weir::http {
namespace {

using namespace std::chrono_literals;
using testing::Certificate;
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
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(response.error().may_have_been_sent);
  EXPECT_NE(response.error().message.find("certificate"), std::string::npos)
      << response.error().message;
}

TEST(Tls, TalksToAServerWhoseCertificateIsTrustedAndItsOwn) {
  const Result<HttpResponse> response = get_trusting(Certificate("localhost", kDay));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
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

}  // namespace
}  // namespace weir::http
