#include "daemon/check/listener_check.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "daemon/config/unit_line.h"

namespace weir::daemon {
namespace {

// Of bind(); 0: it worked. Two sockets that both allow it may be bound to one port as long as none
// listens.
int bound(const addrinfo& address) {
  const int socket =
      ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol);
  if (socket < 0) return errno;
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const int fault = ::bind(socket, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  ::close(socket);
  return fault;
}

// One that was left behind refuses. A full queue is somebody's, too.
bool somebody_listens(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return false;
  const bool is_answered =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN;
  ::close(socket);
  return is_answered;
}

ListenerProblem path_problem(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un{}.sun_path))
    return {.text = "is too long for a socket; give a shorter path"};
  const std::string folder = std::filesystem::path(path).parent_path().string();
  std::error_code unknown;
  if (!std::filesystem::is_directory(folder, unknown))
    return {.text = "is in a folder that is not there. Run: mkdir -p " + folder +
                    unit_line("RuntimeDirectory=weir")};
  if (const auto problem = folder_problem(folder))
    return {.text = "is in a folder that cannot be written: " + *problem};
  if (std::filesystem::exists(path, unknown) && !std::filesystem::is_socket(path, unknown))
    return {.text = "is there already, and is no socket"};
  if (somebody_listens(path)) return {.text = "is taken", .is_taken = true};
  return {};
}

ListenerProblem problem_of(int fault, int port) {
  switch (fault) {
    case 0:
      return {};
    case EADDRINUSE:
      return {.text = "is taken", .is_taken = true};
    case EADDRNOTAVAIL:
      return {.text = "is no address of this machine"};
    case EACCES:
      return {.text = "needs the right to ports below 1024; give a port above, such as " +
                      std::to_string(8000 + port % 1000) +
                      unit_line("AmbientCapabilities=CAP_NET_BIND_SERVICE")};
    default:
      return {.text = std::strerror(fault)};
  }
}

}  // namespace

ListenerProblem listener_problem(const ListenAddress& address) {
  if (!address.socket.empty()) return path_problem(address.socket);
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &wanted, &found) !=
      0)
    return {.text = "is no address of this machine: the name is not known"};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  int fault = EADDRNOTAVAIL;
  for (const addrinfo* one = found; one != nullptr && fault != 0; one = one->ai_next)
    fault = bound(*one);
  return problem_of(fault, address.port);
}

}  // namespace weir::daemon
