#include "daemon/seeing/status_server.h"

#include <algorithm>
#include <utility>

#include "daemon/seeing/metrics_text.h"
#include "daemon/seeing/status_events.h"
#include "daemon/seeing/status_json.h"
#include "daemon/seeing/status_page.h"
#include "server/http_server.h"

namespace weir::daemon {
namespace {

using server::HttpQuestion;
using server::HttpReply;

bool is_unix(const std::string& host) { return host.starts_with("unix:"); }
bool is_any(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

std::string url_of(const std::string& host, int port) {
  if (is_unix(host)) return host;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return "http://" + (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// The value of a parameter as it came.
std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != std::string_view::npos)
      return pair.substr(equals + 1);
  }
  return "";
}

HttpReply words(int status, const std::string& text) {
  return server::text_reply(status, "text/plain; charset=utf-8", text + "\n");
}

}  // namespace

class StatusServer::Impl {
 public:
  explicit Impl(StatusParts parts)
      : parts_(std::move(parts)), events_(parts_.status, system_clock()) {}

  Result<void> start(const std::string& host, int port) {
    server::HttpOptions options;
    options.host = host;
    options.port = port;
    options.workers = 2;
    options.most_workers = 8;
    options.most_connections = 64;
    if (!is_unix(host) && !is_any(host)) options.only_for_host = host;
    auto started = server::HttpServer::start(
        options, [this](const HttpQuestion& question) { return reply(question); });
    if (!started) return started.error();
    server_ = std::move(*started);
    url_ = url_of(host, server_->port());
    return {};
  }

  const std::string& url() const { return url_; }
  void stop() { server_->stop(); }

 private:
  HttpReply reply(const HttpQuestion& question) {
    HttpReply reply = content(question.target);
    reply.headers.insert(reply.headers.end(),
                         {{"Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"},
                          {"X-Content-Type-Options", "nosniff"},
                          {"Cache-Control", "no-store"},
                          {"Referrer-Policy", "no-referrer"}});
    return reply;
  }

  HttpReply content(std::string_view target) {
    const std::size_t mark = target.find('?');
    const std::string_view path = target.substr(0, mark);
    const std::string_view query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
    if (path == "/healthz")
      return parts_.is_alive() ? words(200, "ok") : words(503, "a loop has not ticked lately");
    if (path == "/readyz") return parts_.is_ready() ? words(200, "ok") : words(503, "not yet");
    if (path == "/metrics") {
      return server::text_reply(200, "text/plain; version=0.0.4; charset=utf-8",
                                as_metrics(parts_.measured ? parts_.measured() : parts_.status()));
    }
    if (path == "/api/v1/status")
      return server::text_reply(200, "application/json", as_json(parts_.status()) + "\n");
    if (path == "/api/v1/events") return events();
    if (path == "/status.css")
      return server::text_reply(200, "text/css; charset=utf-8", std::string(kStatusCss));
    if (path == "/status.js")
      return server::text_reply(200, "text/javascript; charset=utf-8", std::string(kStatusJs));
    if (path != "/") return words(404, "there is nothing here; the status page is at /");
    return server::text_reply(
        200, "text/html; charset=utf-8",
        status_page(parts_.status(), {.org = parameter(query, "org"),
                                      .all_sources = parameter(query, "all") == "1"}));
  }

  // What cannot be had is asked for by /api/v1/status.
  HttpReply events() {
    std::unique_ptr<server::HttpStream> stream = events_.open();
    if (stream == nullptr) return words(503, "there are as many streams as there may be");
    return {.headers = {{"Content-Type", "text/event-stream"}}, .stream = std::move(stream)};
  }

  const StatusParts parts_;
  StatusEvents events_;
  std::string url_;
  std::unique_ptr<server::HttpServer> server_;
};

Result<StatusServer> StatusServer::start(const std::string& host, int port, StatusParts parts) {
  auto impl = std::make_unique<Impl>(std::move(parts));
  if (Result<void> started = impl->start(host, port); !started) return started.error();
  return StatusServer(std::move(impl));
}

StatusServer::StatusServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StatusServer::StatusServer(StatusServer&&) noexcept = default;
StatusServer& StatusServer::operator=(StatusServer&&) noexcept = default;
StatusServer::~StatusServer() = default;

const std::string& StatusServer::url() const { return impl_->url(); }
void StatusServer::stop() { impl_->stop(); }

}  // namespace weir::daemon
