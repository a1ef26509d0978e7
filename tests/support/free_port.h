// Ports of 127.0.0.1 that nobody listens to, for programs that cannot pick one themselves.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <string>

namespace weir::testing {

// Whether nobody has it; 0 is replaced by one that the system picks.
inline bool is_free(int& port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof address;
  const bool is_bound =
      ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(descriptor);
  port = ntohs(address.sin_port);
  return is_bound;
}

inline std::string free_port() {
  int port = 0;
  is_free(port);
  return std::to_string(port);
}

// For a server that goes away for a while: the system gives it to no connection meanwhile, not even
// to that of a client which tries to reach the server and would then reach itself.
inline std::string lasting_port() {
  int first_given = 32768;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first_given;
  std::random_device random;
  std::uniform_int_distribution<int> any(10'000, first_given - 1);
  int port = any(random);
  while (!is_free(port)) port = any(random);
  return std::to_string(port);
}

}  // namespace weir::testing
