#include "os/wait_for.h"

#include <poll.h>

#include <cerrno>

namespace weir::os {

bool wait_for(int socket, bool to_read, Milliseconds longest) {
  if (socket < 0) return false;
  pollfd wanted = {
      .fd = socket, .events = static_cast<short>(to_read ? POLLIN : POLLOUT), .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&wanted, 1, static_cast<int>(longest.count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace weir::os
