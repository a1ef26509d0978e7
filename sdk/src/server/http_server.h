// HttpServer: answers the requests of many clients so that none can hold up the others. It is the
// one web server of the SDK: Platform Sync, the daemon's pages and its receiver stand on it.
//
// A few workers share all connections: one that is idle, slow to ask or slow to read costs a socket
// and no thread. A head is read within limits and checked whole (http_head.h). A body is taken only
// where the route wants one, piece by piece, up to the route's limit; an answer is sent piece by
// piece as the client takes it. While all workers wait within a handler, as for a source that is
// slow to read, more are started, so that other questions are answered. When all connections are
// taken, the one that has been idle longest makes room. Replies that go on (HttpStream) share one
// thread of their own (stream_loop.h); how many there are is the handler's to bound. For TLS put a
// proxy in front. Thread-safe.
//
//   auto server = HttpServer::start({.port = 8088}, [](const HttpQuestion& question) {
//     return HttpReply{.status = 404};
//   });
#pragma once

#include <weir/clock.h>
#include <weir/result.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "server/http_exchange.h"

namespace weir::server {

// Throws std::system_error when the system gives no thread.
using StartThread = std::function<std::thread(std::function<void()> work)>;

struct HttpOptions {
  std::string host = "127.0.0.1";       // or unix:/PATH
  int port = 0;                         // 0: any free one
  std::size_t workers = 0;              // 0: one a processor, at least 2
  std::size_t most_workers = 256;       // while the handler is slow
  std::size_t most_connections = 1000;  // at most what the process may open, less a reserve
  std::size_t requests_per_connection = 1000;
  Milliseconds head_time{5'000};    // for a whole head, from its first byte or the connection
  Milliseconds body_time{30'000};   // for a whole body, without the handler's time
  Milliseconds idle_time{15'000};   // between two requests
  Milliseconds stall_time{30'000};  // in which a client takes nothing of its answer or stream
  HttpRoutes routes = {};           // empty: GET and HEAD without a body, whatever the target
  // Not empty: another Host than this address, localhost, 127.0.0.1 or [::1] is answered 421.
  std::string only_for_host = {};
  std::shared_ptr<Clock> clock = system_clock();
  StartThread start_worker = [](auto work) { return std::thread(std::move(work)); };
};

struct HttpCounts {
  std::size_t connections = 0;  // open now
  std::size_t idle = 0;         // of them, between two requests
  std::size_t streams = 0;      // replies that go on, beside these
  std::uint64_t requests = 0;   // handed to the handler so far
  // Requests that the server itself refused so far, by status.
  std::map<int, std::uint64_t> refused = {};
  std::uint64_t late = 0;       // connections ended by a time limit so far
  std::uint64_t made_room = 0;  // connections ended to make room for others so far
};

class HttpServer {
 public:
  // kUnavailable: the address cannot be listened to.
  static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options, HttpHandler handler);
  ~HttpServer();

  int port() const;
  HttpCounts counts() const;
  // Takes no new connection, ends streams, lets answers under way end within two seconds, and
  // returns.
  void stop();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::server
