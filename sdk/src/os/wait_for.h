// Waiting at one socket. Thread-safe.
#pragma once

#include <weir/clock.h>

namespace weir::os {

// Until it can be read, or written; false when `longest` has passed first, or it is broken.
bool wait_for(int socket, bool to_read, Milliseconds longest);

}  // namespace weir::os
