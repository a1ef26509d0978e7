// The check of a client's options before anything is opened. Pure, thread-safe.
#pragma once

#include <weir/client_options.h>
#include <weir/result.h>

namespace weir {

// kInvalidConfig names the first option that cannot be used, and what to do about it.
Result<void> check_options(const ClientOptions& options);

}  // namespace weir
