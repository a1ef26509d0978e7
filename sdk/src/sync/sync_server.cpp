#include <weir/sync/sync_server.h>

#include <utility>

#include "sync/http_server.h"

namespace weir {
namespace {

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

class SyncServer::Impl {
 public:
  Impl(SyncService& service, SyncServerOptions options)
      : service_(service), options_(std::move(options)) {
    if (!options_.clock) options_.clock = system_clock();
  }

  Result<void> start() {
    auto server = sync::HttpServer::start(
        {.host = options_.host,
         .port = options_.port,
         .workers = options_.workers,
         .most_connections = options_.connections,
         .requests_per_connection = options_.requests_per_connection,
         .head_time = options_.request_time,
         .idle_time = options_.idle_time,
         .stall_time = options_.stall_time,
         .clock = options_.clock},
        [this](const sync::HttpQuestion& question) { return reply(question); });
    if (!server) return server.error();
    server_ = std::move(*server);
    if (!is_loopback(options_.host)) {
      log(LogLevel::kWarning, "listening on " + options_.host +
                                  ", which others reach: put a proxy with TLS in front, or the "
                                  "private token travels in plain text");
    }
    return {};
  }

  int port() const { return server_->port(); }
  const std::string& host() const { return options_.host; }
  void stop() { server_->stop(); }

 private:
  sync::HttpReply reply(const sync::HttpQuestion& question) {
    const Milliseconds begun = options_.clock->steady_now();
    SyncHttpAnswer answer = service_.handle({.method = question.method,
                                             .target = question.target,
                                             .accept_encoding = question.accept_encoding});
    if (options_.log) {
      const Milliseconds took = options_.clock->steady_now() - begun;
      log(LogLevel::kInfo, std::string(question.remote_address) + " " +
                               std::string(question.method) + " " + shown(question.target) + " " +
                               std::to_string(answer.status) + " in " +
                               std::to_string(took.count()) + " ms");
    }
    return {.status = answer.status,
            .headers = std::move(answer.headers),
            .body = std::move(answer.body)};
  }

  // The query string has the private token in it.
  static std::string shown(std::string_view target) {
    const std::size_t query = target.find('?');
    std::string text(target.substr(0, query));
    for (char& c : text) c = c > ' ' && c < '\x7f' ? c : '?';
    return query == std::string_view::npos ? text : text + "?…";
  }

  void log(LogLevel level, const std::string& line) const {
    if (options_.log) options_.log(level, line);
  }

  SyncService& service_;
  SyncServerOptions options_;
  std::unique_ptr<sync::HttpServer> server_;
};

SyncServer::SyncServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SyncServer::SyncServer(SyncServer&&) noexcept = default;
SyncServer& SyncServer::operator=(SyncServer&&) noexcept = default;
SyncServer::~SyncServer() = default;

Result<SyncServer> SyncServer::start(SyncService& service, SyncServerOptions options) {
  auto impl = std::make_unique<Impl>(service, std::move(options));
  if (Result<void> started = impl->start(); !started) return started.error();
  return SyncServer(std::move(impl));
}

int SyncServer::port() const { return impl_->port(); }

std::string SyncServer::url() const {
  const bool is_ipv6 = impl_->host().find(':') != std::string::npos;
  return "http://" + (is_ipv6 ? "[" + impl_->host() + "]" : impl_->host()) + ":" +
         std::to_string(port());
}

void SyncServer::stop() { impl_->stop(); }

}  // namespace weir
