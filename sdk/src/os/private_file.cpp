#include "os/private_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir::os {

Result<void> require_private_file(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0 || ::access(path.c_str(), R_OK) != 0) {
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "cannot read the key file " + path + ": " + std::strerror(errno)};
  }
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error{
        .code = ErrorCode::kInvalidConfig,
        .message = "other users may read the key file " + path + ". Run: chmod 600 " + path};
  }
  return {};
}

}  // namespace weir::os
