// ConnectProxy: an HTTP proxy of 127.0.0.1 that answers CONNECT with bytes from the test and, when
// they say 200, carries what follows to one port, whatever host was asked for. And an environment
// variable that is set as long as the test needs it.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace weir::testing {

class EnvironmentVariable {
 public:
  EnvironmentVariable(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
  ~EnvironmentVariable() { ::unsetenv(name_.c_str()); }

 private:
  const std::string name_;
};

class ConnectProxy {
 public:
  // Empty bytes reset the connection. Port 0: nothing is carried on.
  explicit ConnectProxy(std::string answer, int target_port = 0)
      : answer_(std::move(answer)), target_port_(target_port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;
  ~ConnectProxy() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }

 private:
  static sockaddr_in loopback(int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
  }

  void serve() {
    while (true) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      ++connections_;
      if (read_head(client)) answer(client);
      ::close(client);
    }
  }

  static bool read_head(int client) {
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
      char c = 0;
      if (::recv(client, &c, 1, 0) != 1) return false;
      head += c;
    }
    return true;
  }

  void answer(int client) {
    if (answer_.empty()) {
      const linger abort_at_close = {.l_onoff = 1, .l_linger = 0};
      ::setsockopt(client, SOL_SOCKET, SO_LINGER, &abort_at_close, sizeof(abort_at_close));
      return;
    }
    ::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    if (target_port_ != 0) carry(client);
  }

  void carry(int client) const {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(target_port_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      std::array<pollfd, 2> both = {{{.fd = client, .events = POLLIN, .revents = 0},
                                     {.fd = server, .events = POLLIN, .revents = 0}}};
      while (::poll(both.data(), both.size(), -1) > 0) {
        if (both[0].revents != 0 && !pass(client, server)) break;
        if (both[1].revents != 0 && !pass(server, client)) break;
      }
    }
    ::close(server);
  }

  static bool pass(int from, int to) {
    std::array<char, 16 * 1024> bytes;
    const ssize_t got = ::recv(from, bytes.data(), bytes.size(), 0);
    return got > 0 && ::send(to, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
  }

  const std::string answer_;
  const int target_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace weir::testing
