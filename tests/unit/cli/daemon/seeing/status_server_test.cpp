// The daemon's listener over real sockets.
#include "daemon/seeing/status_server.h"

#include <gtest/gtest.h>
#include <sys/un.h>

#include <atomic>
#include <filesystem>

#include "daemon/seeing/status_events.h"
#include "made_status.h"
#include "support/raw_client.h"
#include "support/temporary_folder.h"

namespace weir::daemon {
namespace {

using testing::RawClient;

class StatusServerTest : public ::testing::Test {
 protected:
  StatusServer start(const std::string& host = "127.0.0.1") {
    return StatusServer::start(host, 0,
                               {.status = [] { return made_status(); },
                                .is_alive = [this] { return is_alive_.load(); },
                                .is_ready = [this] { return is_ready_.load(); }})
        .value();
  }

  static int port_of(const StatusServer& server) {
    return std::stoi(server.url().substr(server.url().rfind(':') + 1));
  }

  static std::string ask(const StatusServer& server, const std::string& target,
                         const std::string& host = "localhost", const std::string& method = "GET") {
    const RawClient client(port_of(server));
    client.send(method + " " + target + " HTTP/1.1\r\nHost: " + host +
                "\r\nConnection: close\r\n\r\n");
    return client.read_to_end();
  }

  std::atomic<bool> is_alive_ = true;
  std::atomic<bool> is_ready_ = false;
};

TEST_F(StatusServerTest, AnswersEachPathByItsKind) {
  const StatusServer server = start();
  for (const auto& [target, type, part] : std::vector<std::array<std::string, 3>>{
           {"/", "text/html", "<!doctype html>"},
           {"/?org=nobody", "text/html", "<!doctype html>"},
           {"/status.css", "text/css", "prefers-color-scheme"},
           {"/status.js", "text/javascript", "use strict"},
           {"/api/v1/status", "application/json", "\"schema\":1"},
           {"/metrics", "text/plain; version=0.0.4", "weir_calls_today"}}) {
    const std::string answer = ask(server, target);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << target << answer;
    EXPECT_NE(answer.find("Content-Type: " + type), std::string::npos) << target;
    EXPECT_NE(answer.find(part), std::string::npos) << target;
  }
  EXPECT_TRUE(ask(server, "/unknown").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask(server, "/", "localhost", "POST").starts_with("HTTP/1.1 405 "));
}

TEST_F(StatusServerTest, TellsBrowsersToTrustNothingElse) {
  const StatusServer server = start();
  for (const std::string target : {"/", "/api/v1/status", "/unknown"}) {
    const std::string answer = ask(server, target);
    for (const std::string header :
         {"Content-Security-Policy: default-src 'self'; frame-ancestors 'none'",
          "X-Content-Type-Options: nosniff", "Cache-Control: no-store",
          "Referrer-Policy: no-referrer"}) {
      EXPECT_NE(answer.find(header + "\r\n"), std::string::npos) << target << header;
    }
  }
}

TEST_F(StatusServerTest, AnswersToItsOwnNamesAlone) {
  const StatusServer server = start();
  for (const std::string host : {"127.0.0.1", "localhost:9464", "[::1]:1"})
    EXPECT_TRUE(ask(server, "/healthz", host).starts_with("HTTP/1.1 200 ")) << host;
  for (const std::string target : {"/", "/metrics", "/api/v1/status", "/healthz"})
    EXPECT_TRUE(ask(server, target, "evil.example").starts_with("HTTP/1.1 421 ")) << target;
  EXPECT_TRUE(ask(start("0.0.0.0"), "/healthz", "any.example").starts_with("HTTP/1.1 200 "));
}

TEST_F(StatusServerTest, TellsHealthAndReadinessApart) {
  const StatusServer server = start();
  EXPECT_TRUE(ask(server, "/healthz").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(ask(server, "/readyz").starts_with("HTTP/1.1 503 "));
  is_ready_ = true;
  is_alive_ = false;
  EXPECT_TRUE(ask(server, "/healthz").starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(ask(server, "/readyz").starts_with("HTTP/1.1 200 "));
}

TEST_F(StatusServerTest, AnswersHeadWithoutABody) {
  const StatusServer server = start();
  EXPECT_TRUE(ask(server, "/", "localhost", "HEAD").ends_with("\r\n\r\n"));
}

// The head and the first event.
std::string events_of(const RawClient& client) {
  client.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::string text;
  while (!text.ends_with("\n\n") || text.ends_with("\r\n\r\n")) {
    const std::string more = client.receive();
    if (more.empty()) break;
    text += more;
  }
  return text;
}

TEST_F(StatusServerTest, StreamsTheStatusAsEvents) {
  StatusServer server = start();
  const RawClient client(port_of(server));
  const std::string begun = events_of(client);
  EXPECT_TRUE(begun.starts_with("HTTP/1.1 200 OK\r\n")) << begun;
  for (const std::string part :
       {"Content-Type: text/event-stream\r\n", "Connection: close\r\n",
        "X-Content-Type-Options: nosniff\r\n", "\r\n\r\nevent: status\ndata: {\"schema\":1,"})
    EXPECT_NE(begun.find(part), std::string::npos) << part << begun;
  EXPECT_EQ(begun.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(ask(server, "/api/v1/events", "localhost", "HEAD").ends_with("\r\n\r\n"));
  EXPECT_TRUE(ask(server, "/api/v1/events", "evil.example").starts_with("HTTP/1.1 421 "));
  server.stop();
  EXPECT_EQ(client.read_to_end().find("status"), std::string::npos) << "the stream is over";
}

TEST_F(StatusServerTest, HasNoMoreStreamsThanItMay) {
  const StatusServer server = start();
  std::vector<RawClient> clients;
  for (int i = 0; i < StatusEvents::kMostStreams; ++i) {
    clients.emplace_back(port_of(server));
    EXPECT_TRUE(events_of(clients.back()).starts_with("HTTP/1.1 200 "));
  }
  EXPECT_TRUE(ask(server, "/api/v1/events").starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(ask(server, "/api/v1/status").starts_with("HTTP/1.1 200 "));
}

std::string ask_socket(const std::string& path) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(::send(socket, request.data(), request.size(), 0),
            static_cast<ssize_t>(request.size()));
  std::string answer(4096, '\0');
  answer.resize(static_cast<std::size_t>(
      std::max<ssize_t>(::recv(socket, answer.data(), answer.size(), MSG_WAITALL), 0)));
  ::close(socket);
  return answer;
}

TEST_F(StatusServerTest, ListensAtASocketInTheFileSystem) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("status.sock");
  {
    const StatusServer server = start("unix:" + path);
    EXPECT_EQ(server.url(), "unix:" + path);
    EXPECT_TRUE(ask_socket(path).starts_with("HTTP/1.1 200 "));
    const auto second = StatusServer::start("unix:" + path, 0, {});
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("another program has it"), std::string::npos);
    EXPECT_TRUE(ask_socket(path).starts_with("HTTP/1.1 200 ")) << "which stays";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(StatusServer::start("unix:" + folder.file("none/status.sock"), 0, {}));
}

}  // namespace
}  // namespace weir::daemon
