// What a stranger can do to a Platform Sync service, against the real `weir serve` alone and behind
// the real nginx with the shipped configuration. During and after each attack a phone is served in
// less than five seconds, memory stays bounded, and no log holds the token.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

#include <chrono>
#include <optional>
#include <vector>

#include "mock_server/device.h"
#include "support/nginx.h"
#include "support/sanitizers.h"
#include "support/sync_service.h"
#include "support/wire.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::SyncService;
using testing::Wire;

constexpr const char* kSource = R"(
[[source]]
id = "OUTAGES"
csv = "outages.csv"
same_rows_for_all = true
)";
#ifdef WEIR_ADDRESS_SANITIZER
// AddressSanitizer keeps up to 256 MiB of what was freed, and its shadow of it: this only tells a
// service that grows from one that does not.
constexpr double kMostMib = 512;
#else
constexpr double kMostMib = 64;
#endif
constexpr std::size_t kMany = 2000;

const std::string kHost = "Host: localhost\r\n";

class SyncAttackTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // TLS writes to connections that have ended
    allow_many_sockets();
    service_.folder().write("outages.csv", "outage_id,label\n1,a\n");
    service_.start();
    if (behind_nginx()) nginx_.emplace(WEIR_NGINX_CONF, service_.port());
  }

  void TearDown() override {
    expect_good_service();
    EXPECT_LT(service_.peak_mib(), kMostMib);
    EXPECT_EQ(service_.printed().find("CANARY"), std::string::npos);
    if (nginx_) {
      EXPECT_EQ(nginx_->logged().find("CANARY"), std::string::npos);
    }
  }

  static bool behind_nginx() { return GetParam(); }

  static void allow_many_sockets() {
    rlimit limit = {};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }

  int port() const { return nginx_ ? nginx_->port() : service_.port(); }
  Wire connect() const { return {port(), behind_nginx()}; }

  // A phone that begins with nothing, on a connection of its own.
  void expect_good_service() const {
    mock::Device phone({.url = nginx_ ? nginx_->url() : service_.url(),
                        .company_id = 7,
                        .ids = {"OUTAGES"},
                        .email = "ada@example.com",
                        .private_token = SyncService::kToken,
                        .ca_file = nginx_ ? nginx_->root_certificate() : ""});
    const auto start = std::chrono::steady_clock::now();
    for (const mock::SyncProblem& problem : phone.sync()) ADD_FAILURE() << problem.message;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s)
        << "no longer than a slow head may take";
    EXPECT_EQ(phone.rows("OUTAGES"), (std::vector<mock::Row>{{"1", "a"}}));
  }

  // What it answers to a request that must not be served; then the connection is over.
  void expect_refused(const std::string& request) const {
    const Wire wire = connect();
    wire.send(request);
    const std::string answer = wire.read_to_end();
    EXPECT_TRUE(is_refusal(answer)) << request.substr(0, 200) << "\n->\n" << answer;
    EXPECT_EQ(answer.find("HTTP/1.1 ", 1), std::string::npos) << "one answer only: " << answer;
  }

  // An end without a word is one too. 501 and 505 are what HTTP has for what is not known.
  static bool is_refusal(const std::string& answer) {
    return answer.empty() || answer.starts_with("HTTP/1.1 4") ||
           answer.starts_with("HTTP/1.1 501") || answer.starts_with("HTTP/1.1 505");
  }

  // Whether it ends the connection of somebody who never ends, in the time of a slow head at most.
  bool ends(const std::string& head, const std::string& piece) const {
    const Wire wire = connect();
    const auto start = std::chrono::steady_clock::now();
    bool goes_on = wire.send(head);
    while (goes_on && std::chrono::steady_clock::now() - start < 10s) goes_on = wire.send(piece);
    return !goes_on;
  }

  static std::string query(const std::string& more = "") {
    return "/?ids=OUTAGES&providerId=7&email=a%40b&integrationkey=" +
           std::string(SyncService::kToken) + more;
  }

  SyncService service_{WEIR_BINARIES, kSource};
  std::optional<testing::Nginx> nginx_;
};

TEST_P(SyncAttackTest, ChunkedFlood) {
  const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
  for (const std::string method : {"GET", "POST"}) {
    EXPECT_TRUE(
        ends(method + " / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n", chunk));
  }
}

TEST_P(SyncAttackTest, GzipBomb) {
  for (const std::string method : {"GET", "POST"}) {
    expect_refused(method + " / HTTP/1.1\r\n" + kHost +
                   "Content-Encoding: gzip\r\nContent-Length: 306000\r\nConnection: close\r\n\r\n" +
                   std::string(1000, '\x1f'));
  }
}

TEST_P(SyncAttackTest, EndlessLine) {
  EXPECT_TRUE(ends("GET /", std::string(65536, 'x')));
  EXPECT_TRUE(ends("GET / HTTP/1.1\r\nX: ", std::string(65536, 'x')));
  EXPECT_TRUE(ends("", std::string(65536, 'x')));
}

TEST_P(SyncAttackTest, ManyHeaders) {
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_TRUE(ends("GET / HTTP/1.1\r\n" + kHost, lines));
}

TEST_P(SyncAttackTest, DrippingHeadsAndSlowBodies) {
  std::vector<Wire> drips;
  for (int i = 0; i < 40; ++i) {
    drips.push_back(connect());
    drips.back().send(i % 2 == 0 ? "GET / HTTP/1.1\r\n" + kHost + "X-Drip: "
                                 : "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 100\r\n\r\nx");
  }
  expect_good_service();
  // A byte now and then does not lengthen its time: five seconds, and a little.
  const auto start = std::chrono::steady_clock::now();
  const Wire slow = connect();
  slow.send("GET / HTTP/1.1\r\nX-Drip: ");
  while (slow.send("x") && std::chrono::steady_clock::now() - start < 20s)
    ::poll(nullptr, 0, 100);  // the pace of the attack
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST_P(SyncAttackTest, TwoContentLengths) {
  expect_refused("GET / HTTP/1.1\r\n" + kHost +
                 "Content-Length: 0\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde");
}

TEST_P(SyncAttackTest, NegativeLength) {
  expect_refused("GET / HTTP/1.1\r\n" + kHost + "Content-Length: -1\r\nConnection: close\r\n\r\n");
}

TEST_P(SyncAttackTest, OverlappingRanges) {
  std::string ranges = "0-0";
  for (int i = 0; i < 1000; ++i) ranges += ",0-1";
  const Wire wire = connect();
  wire.send("GET " + query() + " HTTP/1.1\r\n" + kHost + "Range: bytes=" + ranges +
            "\r\nConnection: close\r\n\r\n");
  const std::string answer = wire.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ") || answer.starts_with("HTTP/1.1 416 ")) << answer;
  EXPECT_LT(answer.size(), 1000U) << "the rows once, or not at all";
}

TEST_P(SyncAttackTest, HeadersThatPretend) {
  const Wire wire = connect();
  wire.send("GET " + query() + " HTTP/1.1\r\n" + kHost +
            "REMOTE_ADDR: 6.6.6.6\r\nREMOTE_PORT: 1\r\nX-Evil: a%0d%0aSet-Cookie: x=1\r\n"
            "Accept-Encoding: identity%0d%0aX-Evil: 1\r\nConnection: close\r\n\r\n");
  const std::string answer = wire.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_EQ(answer.find("Evil"), std::string::npos) << "nothing is reflected";
  EXPECT_EQ(answer.find("Cookie"), std::string::npos);
  EXPECT_EQ(service_.printed().find("6.6.6.6"), std::string::npos);
}

TEST_P(SyncAttackTest, LineEndsInTheQuery) {
  const Wire wire = connect();
  wire.send(
      "GET /?ids=OUTAGES%0d%0aX-Evil:%201&providerId=7&email=a%0d%0aX-Evil:%201&integrationkey="
      "x HTTP/1.1\r\n" +
      kHost + "Connection: close\r\n\r\n");
  const std::string answer = wire.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 4")) << answer;
  EXPECT_EQ(answer.find("Evil"), std::string::npos);
}

TEST_P(SyncAttackTest, Multipart) {
  expect_refused("POST / HTTP/1.1\r\n" + kHost +
                 "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 200000\r\n"
                 "Connection: close\r\n\r\n--x\r\nContent-Disposition: form-data; filename*=\"" +
                 std::string(100'000, 'a'));
}

TEST_P(SyncAttackTest, OversizeQuery) {
  expect_refused("GET " + query("&x=" + std::string(9000, 'x')) + " HTTP/1.1\r\n" + kHost +
                 "Connection: close\r\n\r\n");
}

TEST_P(SyncAttackTest, ManySilentConnections) {
  std::vector<testing::RawClient> silent;
  for (std::size_t i = 0; i < kMany; ++i) silent.emplace_back(port());
  expect_good_service();
}

TEST_P(SyncAttackTest, ConnectionsThatAreKeptAlive) {
  std::vector<Wire> hogs;
  for (int i = 0; i < 300; ++i) {
    hogs.push_back(connect());
    hogs.back().send("GET /unknown HTTP/1.1\r\n" + kHost + "\r\n");
    EXPECT_FALSE(hogs.back().receive().empty());
  }
  expect_good_service();
}

TEST_P(SyncAttackTest, ManyAnswersThatNobodyReads) {
  std::vector<Wire> greedy;
  const std::string request = "GET " + query() + " HTTP/1.1\r\n" + kHost + "\r\n";
  std::string many;
  for (int i = 0; i < 200; ++i) many += request;
  // From more than 64 connections of one address nginx takes none, as its configuration says.
  const int clients = behind_nginx() ? 60 : 100;
  for (int i = 0; i < clients; ++i) {
    greedy.push_back(connect());
    greedy.back().send(many);
  }
  expect_good_service();
}

TEST_P(SyncAttackTest, Smuggling) {
  const std::string inner = "GET " + query() + " HTTP/1.1\r\n" + kHost + "\r\n";
  for (const std::string& headers :
       {"Content-Length: " + std::to_string(inner.size() + 5) +
            "\r\nTransfer-Encoding: chunked\r\n",
        std::string("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
        std::string("Transfer-Encoding : chunked\r\n"),
        std::string("Transfer-Encoding:\vchunked\r\n"),
        "Content-Length: " + std::to_string(inner.size()) + "\r\n"}) {
    const Wire wire = connect();
    wire.send("POST / HTTP/1.1\r\n" + kHost + headers + "\r\n0\r\n\r\n" + inner);
    const std::string answer = wire.receive();
    EXPECT_TRUE(is_refusal(answer)) << headers << answer;
    EXPECT_EQ(answer.find("LastUpdated"), std::string::npos) << "the inner request was served";
  }
}

std::string name_of(const ::testing::TestParamInfo<bool>& info) {
  return info.param ? "BehindNginx" : "Alone";
}

INSTANTIATE_TEST_SUITE_P(Service, SyncAttackTest, ::testing::Bool(), name_of);

// The certificate chain, and what the proxy adds.
TEST(NginxTest, SendsTheFullChainAndNeedsIt) {
  SyncService service(WEIR_BINARIES, kSource);
  service.folder().write("outages.csv", "outage_id,label\n1,a\n");
  service.start();
  for (const testing::Chain chain : {testing::Chain::kFull, testing::Chain::kLeafOnly}) {
    const testing::Nginx nginx(WEIR_NGINX_CONF, service.port(), chain);
    mock::Device phone({.url = nginx.url() + "api/v2/datasources",
                        .company_id = 7,
                        .ids = {"OUTAGES"},
                        .email = "ada@example.com",
                        .private_token = SyncService::kToken,
                        .ca_file = nginx.root_certificate()});
    EXPECT_EQ(phone.sync().size(), chain == testing::Chain::kFull ? 0U : 1U);
  }
}

TEST(NginxTest, HandsOnTheCompressedAnswerAndHidesTheRest) {
  SyncService service(WEIR_BINARIES, kSource);
  std::string rows = "outage_id,label\n";
  for (int i = 0; i < 5000; ++i) rows += std::to_string(i) + ",crew on its way\n";
  service.folder().write("outages.csv", rows);
  service.start();
  const testing::Nginx nginx(WEIR_NGINX_CONF, service.port());
  const auto ask = [&](const std::string& target, const std::string& headers) {
    const Wire wire(nginx.port(), true);
    wire.send("GET " + target + " HTTP/1.1\r\n" + kHost + headers + "Connection: close\r\n\r\n");
    return wire.read_to_end();
  };
  const std::string target =
      "/?ids=OUTAGES&providerId=7&email=a%40b&integrationkey=" + std::string(SyncService::kToken);
  const std::string packed = ask(target, "Accept-Encoding: gzip, deflate\r\n");
  EXPECT_NE(packed.find("Content-Encoding: gzip\r\n"), std::string::npos) << packed.substr(0, 300);
  EXPECT_GT(ask(target, "Accept-Encoding: gzip;q=0\r\n").size(), 3 * packed.size());
  for (const std::string hidden : {"/metrics", "/healthz", "/anything"})
    EXPECT_TRUE(ask(hidden, "").starts_with("HTTP/1.1 404 ")) << hidden;
  EXPECT_NE(nginx.logged().find("GET / 200"), std::string::npos) << nginx.logged();
  EXPECT_EQ(nginx.logged().find("CANARY"), std::string::npos);
}

}  // namespace
// An old phone that offers nothing better is refused, rather than served by what can be broken.
TEST(NginxTest, SpeaksNoCipherThatKeepsItsKeyOrAuthenticatesAfterwards) {
  SyncService service(WEIR_BINARIES, kSource);
  service.folder().write("outages.csv", "outage_id,label\n1,a\n");
  service.start();
  const testing::Nginx nginx(WEIR_NGINX_CONF, service.port());
  const auto shakes_hands = [&](const std::string& ciphers) {
    return testing::run({"/bin/sh", "-c",
                         "openssl s_client -connect localhost:" + std::to_string(nginx.port()) +
                             " -tls1_2 -cipher '" + ciphers + ":@SECLEVEL=0' </dev/null"},
                        {{"PATH", "/usr/bin:/bin"}})
               .exit_code == 0;
  };
  EXPECT_TRUE(shakes_hands("ECDHE+AESGCM"));
  EXPECT_TRUE(shakes_hands("ECDHE+CHACHA20"));
  for (const char* weak : {"kRSA", "SHA1", "SHA256", "SHA384", "CAMELLIA", "ARIA", "AESCCM"})
    EXPECT_FALSE(shakes_hands(weak)) << weak;
}

}  // namespace weir
