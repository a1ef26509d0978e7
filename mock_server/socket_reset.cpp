#include "socket_reset.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <vector>

namespace weir::mock {
namespace {

using NameOf = int (*)(int, sockaddr*, socklen_t*);

int port_by(NameOf name_of, int descriptor) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  if (name_of(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
  return address.sin_family == AF_INET ? ntohs(address.sin_port) : -1;
}

bool is_connection(int descriptor, int server_port, int client_port) {
  const int peer = port_by(&::getpeername, descriptor);
  return port_by(&::getsockname, descriptor) == server_port && peer > 0 &&
         (client_port == 0 || peer == client_port);
}

// The HTTP library hides the sockets of its requests, so they are found among the process's
// descriptors by their two ports; any client's for `client_port` 0.
std::vector<int> connections(int server_port, int client_port) {
  std::vector<int> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), &::closedir);
  if (!folder) return found;
  while (const dirent* entry = ::readdir(folder.get())) {
    int descriptor = -1;
    std::from_chars(entry->d_name, entry->d_name + std::strlen(entry->d_name), descriptor);
    if (descriptor >= 0 && is_connection(descriptor, server_port, client_port))
      found.push_back(descriptor);
  }
  return found;
}

}  // namespace

void end_connections(int server_port) {
  // Another thread may close one and open something else under its number meanwhile: what is no
  // socket is not harmed by this.
  for (const int descriptor : connections(server_port, 0)) ::shutdown(descriptor, SHUT_RDWR);
}

void reset_connection(int server_port, int client_port) {
  const std::vector<int> found = connections(server_port, client_port);
  if (found.empty()) return;
  const int descriptor = found.front();
  const linger abort_at_close = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort_at_close, sizeof(abort_at_close));
  // Putting another file in the socket's place closes the socket, with a reset, while the library
  // still owns the number.
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup3(nowhere, descriptor, O_CLOEXEC);
  ::close(nowhere);
}

}  // namespace weir::mock
