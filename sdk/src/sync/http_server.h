// HttpServer: answers GET requests of many devices, over cpp-httplib, so that no client can hold up
// the others.
//
// A few workers share all connections: one that is idle, slow to ask or slow to read costs a socket
// and no thread. A head is read within limits and checked whole (http_head.h) before the library
// sees it; bodies of requests are refused; an answer is taken piece by piece as the client takes
// it. While all workers wait within the handler, as for a source that is slow to read, more are
// started, so that other questions are answered. When all connections are taken, the one that has
// been idle longest makes room. For TLS put a proxy in front. Thread-safe.
//
//   auto server = HttpServer::start({.port = 8088}, [](const HttpQuestion& question) {
//     return HttpReply{.status = 404};
//   });
#pragma once

#include <weir/clock.h>
#include <weir/result.h>
#include <weir/sync/sync_http.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace weir::sync {

// Good during the handler's call.
struct HttpQuestion {
  std::string_view method = {};  // GET or HEAD
  std::string_view target = {};  // path and query, percent-encoded as they came
  std::string_view accept_encoding = {};
  std::string_view remote_address = {};  // of the socket, never from a header
};

// Asked by one worker at a time, as fast as the client takes the pieces; a body of unknown size is
// sent in chunks.
using HttpBody = SyncBody;

struct HttpReply {
  int status = 200;
  // Of constants only: nothing here is checked.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::unique_ptr<HttpBody> body = {};  // null: none
};

// Called by several workers at once. What it throws becomes a bare 500.
using HttpHandler = std::function<HttpReply(const HttpQuestion&)>;

// Throws std::system_error when the system gives no thread.
using StartThread = std::function<std::thread(std::function<void()> work)>;

struct HttpOptions {
  std::string host = "127.0.0.1";
  int port = 0;                         // 0: any free one
  std::size_t workers = 0;              // 0: one a processor, at least 2
  std::size_t most_workers = 256;       // while the handler is slow
  std::size_t most_connections = 1000;  // at most what the process may open, less a reserve
  std::size_t requests_per_connection = 1000;
  Milliseconds head_time{5'000};    // for a whole head, from its first byte or the connection
  Milliseconds idle_time{15'000};   // between two requests
  Milliseconds stall_time{30'000};  // in which a device takes nothing of its answer
  std::shared_ptr<Clock> clock = system_clock();
  StartThread start_worker = [](auto work) { return std::thread(std::move(work)); };
};

struct HttpCounts {
  std::size_t connections = 0;  // open now
  std::size_t idle = 0;         // of them, between two requests
  std::uint64_t requests = 0;   // handed to the handler so far
  std::uint64_t refused = 0;    // heads refused so far
  std::uint64_t cut_off = 0;    // connections ended by a time limit, or to make room, so far
};

class HttpServer {
 public:
  // kUnavailable: the address cannot be listened to.
  static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options, HttpHandler handler);
  ~HttpServer();

  int port() const;
  HttpCounts counts() const;
  // Takes no new connection, lets answers under way end within two seconds, and returns.
  void stop();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::sync
