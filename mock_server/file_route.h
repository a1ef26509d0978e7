// GET /api/v2/formentry/file: exempt, so it is logged and not counted. Serves whole files and
// single ranges of them, with the condition If-Range (RFC 9110, 13.1.5 and 14).
#pragma once

#include "companies.h"

namespace httplib {
class Server;
}

namespace weir::mock {

inline constexpr const char* kFilePath = "/api/v2/formentry/file";

// `port` is the server's own, known once it listens.
void add_file_route(httplib::Server& server, Companies& companies, const int& port);

}  // namespace weir::mock
