#include "os/stream_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace weir::os {
namespace {

Transfer result_of(ssize_t done, bool zero_is_the_end) {
  if (done > 0) return {.bytes = static_cast<std::size_t>(done)};
  if (done == 0) return {.is_over = zero_is_the_end};
  return {.is_over = errno != EAGAIN && errno != EINTR};
}

}  // namespace

void send_at_once(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

Transfer receive(int socket, std::span<char> buffer) {
  return result_of(::recv(socket, buffer.data(), buffer.size(), 0), true);
}

Transfer send_pieces(int socket, std::span<const std::string_view> pieces) {
  std::array<iovec, kMostPieces> vectors = {};
  const std::size_t count = std::min(pieces.size(), vectors.size());
  for (std::size_t i = 0; i < count; ++i)
    vectors[i] = {.iov_base = const_cast<char*>(pieces[i].data()), .iov_len = pieces[i].size()};
  msghdr message = {};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return result_of(::sendmsg(socket, &message, MSG_NOSIGNAL), false);
}

void shut(int socket) { ::shutdown(socket, SHUT_RDWR); }
void shut_writing(int socket) { ::shutdown(socket, SHUT_WR); }
void close_socket(int socket) { ::close(socket); }

bool has_unread(int socket) {
  int bytes = 0;
  return ::ioctl(socket, FIONREAD, &bytes) == 0 && bytes > 0;
}

std::string peer_address(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  const void* number =
      address.ss_family == AF_INET6
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr)
          : &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr;
  std::array<char, INET6_ADDRSTRLEN> text = {};
  if (::inet_ntop(address.ss_family, number, text.data(), text.size()) == nullptr) return "";
  return text.data();
}

std::size_t most_descriptors() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace weir::os
