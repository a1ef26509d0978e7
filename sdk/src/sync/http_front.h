// HttpFront: the part of the HTTP server that is cpp-httplib's: it accepts connections, parses a
// head that was found good, and lays out the head of the answer. It never touches a socket's bytes.
// Thread-safe once it listens.
#pragma once

#include <httplib.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "sync/http_server.h"

namespace weir::sync {

struct HttpAnswer {
  std::string head = {};
  std::unique_ptr<HttpBody> body = {};
  bool has_unknown_size = false;
  bool in_chunks = false;
  bool closes = false;
};

class HttpFront final : private httplib::Server {
 public:
  // `adopt` owns each socket that it is given.
  HttpFront(const HttpOptions& options, HttpHandler handler, std::function<void(int)> adopt);
  ~HttpFront() override;

  // The port, or 0 when the address cannot be had.
  int listen(const std::string& host, int port);
  void stop_accepting();

  // `is_last`: the connection ends after this answer.
  HttpAnswer answer(std::string_view head, const std::string& remote_address, bool is_last);

 private:
  bool process_and_close_socket(socket_t socket) override;
  void reply(const httplib::Request& request, httplib::Response& response) const;
  void lay_out(HttpReply reply, const httplib::Request& request, httplib::Response& response) const;

  const HttpHandler handler_;
  const std::function<void(int)> adopt_;
  std::thread accepting_;
};

}  // namespace weir::sync
