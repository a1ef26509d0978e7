// FaultyPlatform: a way to the mock server on which each request meets one fault, from "nobody
// listens" to an answer that is a lie. Counts the requests that came, as the platform would.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "support/raw_client.h"
#include "support/raw_server.h"

namespace weir::testing {

// How far a request gets.
enum class Reach {
  kNoSuchHost,
  kNobodyListens,
  kNoConnection,  // the other end takes no connection, and does not refuse it either
  kNoTls,
  kSeen,     // it arrives, and the platform does nothing
  kApplied,  // it arrives, and the platform does what it asks; only the answer goes wrong
};

struct PlatformFault {
  std::string name = {};
  Reach reach = Reach::kSeen;
  RawAnswer answer = {};
  bool refuses_the_content = false;

  bool leaves_this_host() const { return reach == Reach::kSeen || reach == Reach::kApplied; }
};

inline void PrintTo(const PlatformFault& fault, std::ostream* out) { *out << fault.name; }

// A port whose queue of connections is full, so that the kernel answers no further one.
class FullQueue {
 public:
  FullQueue() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 0) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("cannot listen");
    port_ = ntohs(address.sin_port);
    waiting_.emplace_back(port_);
  }
  ~FullQueue() { ::close(listener_); }
  FullQueue(const FullQueue&) = delete;
  FullQueue& operator=(const FullQueue&) = delete;

  int port() const { return port_; }

 private:
  int listener_;
  int port_ = 0;
  std::vector<RawClient> waiting_;
};

class FaultyPlatform {
 public:
  // `platform_port`: where the mock server listens.
  FaultyPlatform(PlatformFault fault, int platform_port)
      : fault_(std::move(fault)),
        server_(RawServer::answering([this, platform_port](const std::string& request) {
          if (fault_.reach == Reach::kApplied) {
            const RawClient platform(platform_port);
            platform.send(request);
            static_cast<void>(platform.read_answer());
          }
          return fault_.answer;
        })) {}

  std::string url() const {
    switch (fault_.reach) {
      case Reach::kNoSuchHost:
        // A label may have 63 bytes: nobody is asked for this name.
        return "https://" + std::string(64, 'x') + ".invalid";
      case Reach::kNobodyListens:
        return "http://127.0.0.1:1";
      case Reach::kNoConnection:
        return "http://127.0.0.1:" + std::to_string(full_.port());
      case Reach::kNoTls:
        return "https://127.0.0.1:" + std::to_string(server_.port());
      default:
        return server_.url();
    }
  }

  int requests() const { return server_.requests(); }

 private:
  PlatformFault fault_;
  FullQueue full_;
  RawServer server_;
};

}  // namespace weir::testing
