// The paths of the platform that the mock knows by name only: tasks, users, folders and the like.
// Pure functions, thread-safe.
#pragma once

#include <httplib.h>

#include <string>

namespace weir::mock {

// Whether the real platform has something there, below /api/v2/ or /api/v1/.
bool is_other_path(const std::string& path);

// Who asks: by the query, or by the members of a JSON body.
struct Caller {
  std::string company_id = {};
  std::string integration_key = {};
};
Caller caller_of(const httplib::Request& request);

}  // namespace weir::mock
