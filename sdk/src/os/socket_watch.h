// SocketWatch: ends the wait for an answer of a server that hangs.
//
// For libraries that wait without a bound, such as libpq. One thread looks at all watched sockets
// of the process, and shuts down one that should have been answered by now, which the library finds
// as a lost connection. A SocketWatch is for the thread that uses the socket; a child of fork() has
// a thread of its own.
#pragma once

#include <weir/clock.h>

#include <memory>
#include <stop_token>

namespace weir::os {

struct SilenceLimits {
  // How long an answer may take.
  Milliseconds longest = std::chrono::seconds{35};
  // Once this is requested, only some seconds more.
  std::stop_token stop = {};
};

class SocketWatch {
 public:
  // The socket stays its owner's. Without a descriptor to spare nothing is ended.
  SocketWatch(int socket, SilenceLimits limits);
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  // Something is sent next, whose answer has its time from now on.
  void expect_answer();
  // Nothing is waited for.
  void expect_nothing();

  // Whether the socket was shut down.
  bool was_silent() const;

 private:
  struct Watched;
  class Watcher;

  const std::shared_ptr<Watcher> watcher_;
  const std::shared_ptr<Watched> watched_;
};

}  // namespace weir::os
