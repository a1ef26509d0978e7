// A temporary file without a name, so that nothing is left behind however the program ends.
#pragma once

#include <string>

namespace weir::os {

struct TemporaryFile {
  int descriptor = -1;     // the caller's to close
  std::string place = {};  // for messages: a folder, or "memory"
};

// In TMPDIR, else /tmp, else /var/tmp; where the system is read-only, in memory. Empty place and -1
// when there is no room for even that.
TemporaryFile make_temporary_file();

}  // namespace weir::os
