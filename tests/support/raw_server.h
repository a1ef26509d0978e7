// RawServer: a server of 127.0.0.1 that answers each request with bytes from a script, or with a
// reset, and counts the requests that reached it whole. For what a well-behaved HTTP library would
// never do.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {

class RawServer {
 public:
  // An empty answer resets the connection.
  explicit RawServer(std::deque<std::string> answers) : answers_(std::move(answers)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }

  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  int requests() const { return requests_; }
  // The last request as it came.
  std::string last_request() const {
    std::lock_guard lock(mutex_);
    return last_request_;
  }

 private:
  void serve() {
    while (true) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      while (serve_request(connection)) {
      }
      ::close(connection);
    }
  }

  // False when the connection is over.
  bool serve_request(int connection) {
    if (!read_request(connection)) return false;
    ++requests_;
    const std::string answer = answers_.empty() ? "" : answers_.front();
    if (!answers_.empty()) answers_.pop_front();
    if (answer.empty()) {
      const linger abort_at_close = {.l_onoff = 1, .l_linger = 0};
      ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &abort_at_close, sizeof(abort_at_close));
      return false;
    }
    ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    return answer.find("Connection: close") == std::string::npos;
  }

  bool read_request(int connection) {
    std::string request;
    std::size_t expected = std::string::npos;
    while (expected == std::string::npos || request.size() < expected) {
      char buffer[4096];
      const ssize_t got = ::recv(connection, buffer, sizeof(buffer), 0);
      if (got <= 0) return false;
      request.append(buffer, static_cast<std::size_t>(got));
      if (expected != std::string::npos) continue;
      const std::size_t head = request.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const std::size_t length = request.find("Content-Length: ");
      expected = head + 4 + (length < head ? std::stoul(request.substr(length + 16, 20)) : 0);
    }
    std::lock_guard lock(mutex_);
    last_request_ = request;
    return true;
  }

  std::deque<std::string> answers_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> requests_ = 0;
  mutable std::mutex mutex_;
  std::string last_request_;
  std::thread thread_;
};

}  // namespace weir::testing
