// The control endpoints below /_mock/: usage, clock, rows and faults. Unmetered, and answered to
// loopback only. Of several organizations they mean the first, or that of ?company=ID.
#pragma once

#include "companies.h"

namespace httplib {
class Server;
}

namespace weir::mock {

void add_control_routes(httplib::Server& server, Companies& companies);

}  // namespace weir::mock
