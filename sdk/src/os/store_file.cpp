#include "os/store_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir::os {
namespace {

Error unusable(const std::string& path, const std::string& why) {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "cannot use the store " + path + ": " + why};
}

Result<void> create(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor >= 0) ::close(descriptor);
  if (descriptor >= 0 || errno == EEXIST) return {};
  if (errno == ENOENT)
    return unusable(path, "its folder does not exist. Create the folder, or give another path.");
  return unusable(path,
                  std::string(std::strerror(errno)) + ". Check the folder and its permissions.");
}

}  // namespace

Result<void> prepare_store_file(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return create(path);
  if (S_ISDIR(found.st_mode))
    return unusable(path, "it is a folder. Give the path of a file in it.");
  const bool marked_read_only = (found.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0;
  if (marked_read_only || ::access(path.c_str(), R_OK | W_OK) != 0) {
    return unusable(
        path,
        "it is read-only for this user. Without writing no call can be spent: change its "
        "permissions, or give another path.");
  }
  return {};
}

std::int64_t process_id() { return ::getpid(); }

}  // namespace weir::os
