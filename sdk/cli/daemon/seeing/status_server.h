// StatusServer: the daemon's listener for people and monitoring: the status page, /api/v1/status,
// /api/v1/events, /metrics, /healthz and /readyz. It answers GET and HEAD and changes nothing.
// Thread-safe.
//
//   auto server = StatusServer::start("127.0.0.1", 9464, {.status = …, .is_alive = …, .is_ready =
//   …}); server->url()  // http://127.0.0.1:9464
#pragma once

#include <weir/result.h>

#include <functional>
#include <memory>
#include <string>

#include "daemon/seeing/status.h"

namespace weir::daemon {

// Called by several threads at once.
struct StatusParts {
  std::function<Status()> status;  // for the page and the JSON
  std::function<bool()> is_alive;  // every loop has ticked lately
  std::function<bool()> is_ready;  // configuration, stores and listeners are up
  // With what only the metrics tell; empty: nothing.
  std::function<Status()> measured = {};
};

class StatusServer {
 public:
  // `host` is an address of this machine, or unix:/PATH, where `port` means nothing; port 0 takes a
  // free one. Another Host than the address or localhost is answered 421, but at 0.0.0.0 and ::,
  // which have any name. kUnavailable: nobody can listen there.
  static Result<StatusServer> start(const std::string& host, int port, StatusParts parts);

  StatusServer(StatusServer&&) noexcept;
  StatusServer& operator=(StatusServer&&) noexcept;
  ~StatusServer();

  // Such as http://127.0.0.1:9464, with the real port.
  const std::string& url() const;

  // Streams of events end at once, answers under way within two seconds.
  void stop();

 private:
  class Impl;
  explicit StatusServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::daemon
