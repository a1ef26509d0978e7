// A look at all that a path leads through, in a thread of its own: where a file system does not
// answer, as that of a server which is away, every call for its files waits in the kernel, and
// neither a time nor a stop ends that.
//
// Whoever is about to use a path that others have named looks along it first. Thread-safe.
#pragma once

#include <weir/result.h>

#include <stop_token>
#include <string>

namespace weir::cli {

// Nothing, also of a path that leads nowhere: the file systems on the way have answered.
// kUnavailable: one of them has not, for some seconds; the thread that waits for it is left behind,
// and until it comes back each look at that file system ends at once and begins no other thread.
// kCancelled: a stop was requested.
Result<void> look_along(const std::string& path, const std::stop_token& stop);

}  // namespace weir::cli
