// ListeningSocket: an address, of TCP or in the file system, at which connections are accepted. One
// thread accepts; stop() may come from any.
#pragma once

#include <string>

namespace weir::os {

class ListeningSocket {
 public:
  ListeningSocket() = default;
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  // `host` may be unix:/PATH, where the port means nothing. `backlog`: how many connections may
  // wait to be accepted. Port 0 takes a free one. Another server may have ended here just now, but
  // none may be running. Returns 0, or errno, or
  // EADDRNOTAVAIL when no such host is known.
  int listen(const std::string& host, int port, int backlog);

  int port() const { return port_; }

  struct Accepted {
    int socket = -1;       // never blocks, and is not handed to programs that are started
    bool is_over = false;  // nobody will come any more
  };
  // Waits for a connection. Neither a socket nor the end: the system has none to give for now.
  Accepted accept() const;

  // accept() returns, also one that begins later. The backlog is refused when the object is gone.
  void stop() const;

 private:
  int socket_ = -1;
  int port_ = 0;
  std::string path_ = {};  // of a socket in the file system, removed in the end
};

}  // namespace weir::os
