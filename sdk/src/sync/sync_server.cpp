#include <weir/sync/sync_server.h>

#include <atomic>
#include <utility>

#include "os/guarded.h"
#include "os/process.h"
#include "server/http_server.h"
#include "sync/metrics.h"
#include "text/loopback.h"

namespace weir {
namespace {

Error wrong_option(const std::string& what) {
  return {.code = ErrorCode::kInvalidConfig, .message = "SyncServerOptions::" + what};
}

Result<void> check(const SyncServerOptions& options) {
  constexpr std::size_t kMostWorkers = 1024;
  if (options.host.empty()) return wrong_option("host is empty; 127.0.0.1 is this machine alone");
  if (options.port < 0 || options.port > 65535) return wrong_option("port must be from 0 to 65535");
  if (options.workers > kMostWorkers) return wrong_option("workers must be at most 1,024");
  if (options.connections == 0) return wrong_option("connections must be at least 1");
  if (options.requests_per_connection == 0)
    return wrong_option("requests_per_connection must be at least 1");
  for (const Milliseconds time : {options.request_time, options.idle_time, options.stall_time})
    if (time <= Milliseconds{0})
      return wrong_option("request_time, idle_time and stall_time must be above 0");
  return {};
}

}  // namespace

class WEIR_NO_EXPORT SyncServer::Impl {
 public:
  Impl(SyncService& service, SyncServerOptions options)
      : service_(service), options_(std::move(options)) {
    if (!options_.clock) options_.clock = system_clock();
  }
  // The threads and connections are the parent's.
  ~Impl() {
    if (is_forked()) static_cast<void>(server_.release());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    auto server = server::HttpServer::start(
        {.host = options_.host,
         .port = options_.port,
         .workers = options_.workers,
         .most_connections = options_.connections,
         .requests_per_connection = options_.requests_per_connection,
         .head_time = options_.request_time,
         .idle_time = options_.idle_time,
         .stall_time = options_.stall_time,
         .clock = options_.clock},
        [this](const server::HttpQuestion& question) { return reply(question); });
    if (!server) return server.error();
    server_ = std::move(*server);
    counted_ = server_.get();
    if (!text::is_loopback(options_.host)) {
      log(LogLevel::kWarning, "listening on " + options_.host +
                                  ", which others reach: put a proxy with TLS in front, or the "
                                  "private token travels in plain text");
    }
    return {};
  }

  int port() const { return server_->port(); }
  const std::string& host() const { return options_.host; }
  void stop() {
    if (!is_forked()) server_->stop();
  }

 private:
  bool is_forked() const { return os::process_id() != process_; }

  server::HttpReply reply(const server::HttpQuestion& question) {
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
    if (path_of(question.target) == "/metrics" && answer.status == 200 && answer.body != nullptr)
      return with_ours(*answer.body);
    return {.status = answer.status,
            .headers = std::move(answer.headers),
            .body = std::move(answer.body)};
  }

  // The service knows what it has answered, and the server what never came as far as that.
  server::HttpReply with_ours(SyncBody& metrics) const {
    Result<std::string> text = metrics.read_all();
    if (!text) return {.status = 500};
    if (const server::HttpServer* const server = counted_) *text += sync::text_of(server->counts());
    return server::text_reply(200, "text/plain; version=0.0.4; charset=utf-8", std::move(*text));
  }

  static std::string_view path_of(std::string_view target) {
    return target.substr(0, target.find('?'));
  }

  // The query string has the private token in it, and so has the path of a URL whose ? was
  // forgotten.
  static std::string shown(std::string_view target) {
    const std::string_view path = path_of(target);
    if (path != "/" && path != "/api/v2/datasources" && path != "/healthz" && path != "/metrics")
      return "(another path)";
    return std::string(path) + (path.size() == target.size() ? "" : "?…");
  }

  void log(LogLevel level, const std::string& line) const {
    if (options_.log) options_.log(level, line);
  }

  SyncService& service_;
  SyncServerOptions options_;
  // Empty for those who ask while it starts.
  std::atomic<const server::HttpServer*> counted_ = nullptr;
  std::unique_ptr<server::HttpServer> server_;
  const std::int64_t process_ = os::process_id();
};

SyncServer::SyncServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SyncServer::SyncServer(SyncServer&&) noexcept = default;
SyncServer& SyncServer::operator=(SyncServer&&) noexcept = default;
SyncServer::~SyncServer() = default;

Result<SyncServer> SyncServer::start(SyncService& service, SyncServerOptions options) {
  if (Result<void> usable = check(options); !usable) return usable.error();
  options.log = os::quiet(std::move(options.log));
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
