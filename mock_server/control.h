// The control endpoints below /_mock/: usage, clock, rows and faults. Unmetered, and answered to
// loopback only.
#pragma once

#include "platform.h"

namespace httplib {
class Server;
}

namespace weir::mock {

void add_control_routes(httplib::Server& server, Platform& platform);

}  // namespace weir::mock
