#include "daemon/entries/receiver.h"

#include <mutex>
#include <utility>

#include "server/http_server.h"

namespace weir::daemon {
namespace {

// What a delivery may hold is checked again by whoever takes it.
constexpr std::uint64_t kMostBodyBytes = 16 * 1024 * 1024;

constexpr std::string_view kPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

// The letters of one part of a path.
std::string encoded(const std::string& name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : name) {
    if (kPlain.find(c) != std::string_view::npos) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += {'%', kDigits[byte / 16], kDigits[byte % 16]};
  }
  return text;
}

}  // namespace

std::string Receiver::path_of(const std::string& org, const std::string& poll) {
  return (org.empty() ? "/" : "/" + encoded(org) + "/") + encoded(poll);
}

Result<std::unique_ptr<Receiver>> Receiver::start(const std::string& host, int port) {
  std::unique_ptr<Receiver> receiver(new Receiver);
  auto server = server::HttpServer::start(
      {.host = host,
       .port = port,
       .routes =
           [](std::string_view, std::string_view) {
             return server::HttpRoute{.methods = "POST", .most_body_bytes = kMostBodyBytes};
           }},
      [taker = receiver.get()](const server::HttpQuestion& question) {
        const ConnectorAnswer answer = taker->take(question.method, question.target, question.body);
        return server::text_reply(answer.status, "application/json", answer.body);
      });
  if (!server) return server.error();
  receiver->server_ = std::move(*server);
  return receiver;
}

Receiver::~Receiver() {
  if (server_) server_->stop();
}

int Receiver::port() const { return server_->port(); }

void Receiver::serve(const std::string& path, FormEntries entries,
                     std::function<void()> delivered) {
  const std::unique_lock lock(mutex_);
  takers_.insert_or_assign(path, Taker{.receiver = FormConnectorReceiver(std::move(entries)),
                                       .delivered = std::move(delivered)});
}

void Receiver::forget(const std::string& path) {
  const std::unique_lock lock(mutex_);
  takers_.erase(path);
}

ConnectorAnswer Receiver::take(std::string_view method, std::string_view target,
                               std::string_view body) {
  const std::shared_lock lock(mutex_);
  const auto found = takers_.find(std::string(target.substr(0, target.find('?'))));
  if (found == takers_.end())
    return {.status = 404, .body = R"({"error":"no poll takes deliveries here"})"};
  Taker& taker = found->second;
  ConnectorAnswer answer =
      taker.receiver.handle({.method = std::string(method), .body = std::string(body)});
  if (answer.status == 200 && taker.delivered) taker.delivered();
  return answer;
}

}  // namespace weir::daemon
