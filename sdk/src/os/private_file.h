// The check of a file that holds a key: nobody but its owner may read it.
#pragma once

#include <weir/result.h>

#include <string>

namespace weir::os {

// kInvalidConfig: the file is not there, cannot be read, or others may read it; the message says
// how to mend that.
Result<void> require_private_file(const std::string& path);

}  // namespace weir::os
