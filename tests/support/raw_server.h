// RawServer: a server of 127.0.0.1 that answers each request with bytes from a script or a
// function, ends connections as told, and counts the requests that reached it whole. For what a
// well-behaved HTTP library would never do.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {

// What happens to the connection after the bytes of an answer.
enum class AfterAnswer {
  kKeep,
  kClose,
  kReset,
  kStall,  // nothing more comes until the client hangs up
  kDrip,   // a byte every 20 ms until the client hangs up
};

struct RawAnswer {
  std::string bytes = {};
  AfterAnswer after = AfterAnswer::kClose;
};

class RawServer {
 public:
  using AnswerTo = std::function<RawAnswer(const std::string& request)>;

  // One answer after another; an empty one resets the connection.
  explicit RawServer(std::deque<std::string> answers)
      : RawServer(kByFunction, [answers = std::move(answers)](const std::string&) mutable {
          RawAnswer answer{.after = AfterAnswer::kKeep};
          if (!answers.empty()) {
            answer.bytes = std::move(answers.front());
            answers.pop_front();
          }
          if (answer.bytes.empty()) answer.after = AfterAnswer::kReset;
          if (answer.bytes.find("Connection: close") != std::string::npos)
            answer.after = AfterAnswer::kClose;
          return answer;
        }) {}

  static RawServer answering(AnswerTo answer_to) {
    return RawServer(kByFunction, std::move(answer_to));
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
  enum ByFunction { kByFunction };

  RawServer(ByFunction, AnswerTo answer_to) : answer_to_(std::move(answer_to)) {
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
    const RawAnswer answer = answer_to_(last_request());
    ::send(connection, answer.bytes.data(), answer.bytes.size(), MSG_NOSIGNAL);
    switch (answer.after) {
      case AfterAnswer::kKeep:
        return true;
      case AfterAnswer::kClose:
        break;
      case AfterAnswer::kReset: {
        const linger abort_at_close = {.l_onoff = 1, .l_linger = 0};
        ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &abort_at_close, sizeof(abort_at_close));
        break;
      }
      case AfterAnswer::kStall:
        wait_for_hang_up(connection, -1);
        break;
      case AfterAnswer::kDrip:
        while (!wait_for_hang_up(connection, 20)) ::send(connection, " ", 1, MSG_NOSIGNAL);
        break;
    }
    return false;
  }

  static bool wait_for_hang_up(int connection, int milliseconds) {
    pollfd wanted = {.fd = connection, .events = POLLIN | POLLRDHUP, .revents = 0};
    return ::poll(&wanted, 1, milliseconds) > 0;
  }

  bool read_request(int connection) {
    std::string request;
    std::size_t expected = std::string::npos;
    while (expected == std::string::npos || request.size() < expected) {
      char buffer[4096];
      const ssize_t got = ::recv(connection, buffer, sizeof(buffer), 0);
      if (got <= 0) return false;
      request.append(buffer, static_cast<std::size_t>(got));
      if (request.front() == '\x16') return false;  // the hello of TLS, which it does not speak
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

  AnswerTo answer_to_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> requests_ = 0;
  mutable std::mutex mutex_;
  std::string last_request_;
  std::thread thread_;
};

}  // namespace weir::testing
