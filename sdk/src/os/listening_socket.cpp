#include "os/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace weir::os {
namespace {

int port_of(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

// The descriptor, or -1 and errno.
int listen_at(const addrinfo& address, int backlog) {
  const int socket =
      ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol);
  if (socket < 0) return -1;
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(socket, address.ai_addr, address.ai_addrlen) == 0 && ::listen(socket, backlog) == 0)
    return socket;
  const int fault = errno;
  ::close(socket);
  errno = fault;
  return -1;
}

constexpr std::string_view kUnix = "unix:";

// One that an earlier server has left is removed; one that somebody listens at is not.
bool is_free(const sockaddr_un& address) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int fault = connected == 0 ? 0 : errno;
  ::close(socket);
  if (fault == ECONNREFUSED) ::unlink(address.sun_path);
  return fault == ECONNREFUSED || fault == ENOENT;
}

// The descriptor, or -1 and errno.
int listen_at_path(const std::string& path, int backlog) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  errno = ENAMETOOLONG;
  if (path.size() >= sizeof address.sun_path) return -1;
  path.copy(address.sun_path, path.size());
  if (!is_free(address)) {
    errno = EADDRINUSE;
    return -1;
  }
  const addrinfo wanted = {.ai_flags = 0,
                           .ai_family = AF_UNIX,
                           .ai_socktype = SOCK_STREAM,
                           .ai_protocol = 0,
                           .ai_addrlen = sizeof address,
                           .ai_addr = reinterpret_cast<sockaddr*>(&address),
                           .ai_canonname = nullptr,
                           .ai_next = nullptr};
  return listen_at(wanted, backlog);
}

}  // namespace

ListeningSocket::~ListeningSocket() {
  if (socket_ < 0) return;
  ::close(socket_);
  if (!path_.empty()) ::unlink(path_.c_str());
}

int ListeningSocket::listen(const std::string& host, int port, int backlog) {
  if (host.starts_with(kUnix)) {
    const std::string path = host.substr(kUnix.size());
    socket_ = listen_at_path(path, backlog);
    if (socket_ < 0) return errno;
    path_ = path;
    return 0;
  }
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const char* const name = host.empty() ? nullptr : host.c_str();
  if (::getaddrinfo(name, std::to_string(port).c_str(), &wanted, &found) != 0) return EADDRNOTAVAIL;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr && socket_ < 0;
       address = address->ai_next) {
    socket_ = listen_at(*address, backlog);
  }
  if (socket_ < 0) return errno;
  port_ = port_of(socket_);
  return 0;
}

ListeningSocket::Accepted ListeningSocket::accept() const {
  while (true) {
    const int socket = ::accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) return {.socket = socket};
    // A client that went away while it waited; others follow.
    if (errno == EINTR || errno == ECONNABORTED) continue;
    return {.is_over = errno == EINVAL || errno == EBADF};
  }
}

void ListeningSocket::stop() const { ::shutdown(socket_, SHUT_RDWR); }

}  // namespace weir::os
