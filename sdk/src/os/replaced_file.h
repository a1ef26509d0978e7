// Which file a new content written to a path takes the place of.
//
// A file is written beside the old one and renamed over it. Renamed over a link, it would leave the
// link's target as it was; renamed over a device or a pipe, it would destroy it. Thread-safe: no
// state.
#pragma once

#include <weir/result.h>

#include <string>

namespace weir::os {

// The plain file behind `path`, whether it is there yet or not: where its links lead.
// kInvalidArgument: a folder, a device, a pipe or a socket is there, or the links lead in a circle.
Result<std::string> file_to_replace(const std::string& path);

}  // namespace weir::os
