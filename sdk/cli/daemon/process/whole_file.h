// A file that is written and read as a whole, readable by its owner alone: after a crash it is the
// old one or the new one. Thread-safe for different files.
#pragma once

#include <weir/result.h>

#include <string>
#include <string_view>

namespace weir::daemon {

// Takes the place of the file that is there or that a link leads to, and is on the disk when it
// returns. kUnavailable: it cannot be written; kInvalidArgument: what is there is no plain file. In
// both cases it stays.
Result<void> write_whole_file(const std::string& place, std::string_view content);

// The content; "" when nothing is there. kUnavailable: it cannot be read, or is no plain file.
Result<std::string> read_whole_file(const std::string& path);

}  // namespace weir::daemon
