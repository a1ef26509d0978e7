// Whether the platform's words are about the limit of calls. Others have limits too: columns, rows,
// sizes, storage. Pure, thread-safe.
#pragma once

#include "api/response_status.h"

namespace weir::api {

// A sentence names a limit or quota, and calls (api, call, daily, usage), and nothing else that has
// a limit. What stands in quotes is somebody's data and says nothing.
bool speaks_of_a_limit_of_calls(const ResponseStatus& status);

// A sentence names a limit or quota of something else, and none one of calls.
bool speaks_of_another_limit(const ResponseStatus& status);

}  // namespace weir::api
