// SyncServer: a ready web server for a SyncService, with limits on time, size and connections.
//
// Speaks plain HTTP; for TLS a proxy stands in front (docs/platform-sync.md, "Behind nginx"). A few
// workers share all connections, so a device that is slow costs no thread. Serves until it is
// stopped or destroyed; the service must outlive it. In a child of fork() there is no server, and
// neither stop() nor its end touches the parent's. Thread-safe.
//
//   auto server = weir::SyncServer::start(*service, {.port = 8088});
#pragma once

#include <weir/clock.h>
#include <weir/export.h>
#include <weir/log.h>
#include <weir/result.h>
#include <weir/sync/sync_service.h>

#include <cstddef>
#include <memory>
#include <string>

namespace weir::inline v0 {

struct SyncServerOptions {
  // 127.0.0.1: only this machine reaches it, such as a proxy. At another address the private token
  // travels in plain text; a warning is logged.
  std::string host = "127.0.0.1";
  // 0 picks a free one; see SyncServer::port().
  int port = 0;
  // Threads; 0 is one for each processor, at least 2; more rarely help. The server adds workers
  // while all are blocked on a slow source.
  std::size_t workers = 0;
  // When all are taken, the connection that has been idle or silent longest makes room.
  std::size_t connections = 1000;
  std::size_t requests_per_connection = 1000;
  // How long a request may take to arrive, how long a connection may be idle between two, and how
  // long a device may take no byte of its answer.
  Milliseconds request_time = std::chrono::seconds{5};
  Milliseconds idle_time = std::chrono::seconds{15};
  Milliseconds stall_time = std::chrono::seconds{30};

  // Receives a line for each request, without its query string. Empty: silent.
  LogSink log = {};
  // Seam for tests. Empty: the system's clocks.
  std::shared_ptr<Clock> clock = {};
};

class WEIR_EXPORT SyncServer {
 public:
  // Listens when it returns. kUnavailable: the address cannot be had. kInvalidConfig names the
  // option that cannot be.
  static Result<SyncServer> start(SyncService& service, SyncServerOptions options);

  SyncServer(SyncServer&&) noexcept;
  SyncServer& operator=(SyncServer&&) noexcept;
  ~SyncServer();

  int port() const;
  // Such as http://127.0.0.1:8088.
  std::string url() const;

  // Takes no more connections, lets the answers under way end within two seconds, and returns.
  void stop();

 private:
  class Impl;
  explicit SyncServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::inline v0
