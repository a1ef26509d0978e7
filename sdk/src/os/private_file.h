// Reading a file that holds a key: nobody but its owner may read it, and its owner is the user that
// this process runs as, or root. Root also takes one of the owner of its folder, so that root and a
// daemon of that user work with the same file.
#pragma once

#include <weir/result.h>

#include <string>

namespace weir::os {

// The content, looked at and read through one descriptor, so that nobody can exchange the file in
// between. kInvalidConfig: it is not there, cannot be read, is no plain file, a link, another
// user's, or others may read it; the message says how to mend that.
Result<std::string> read_private_file(const std::string& path);

}  // namespace weir::os
