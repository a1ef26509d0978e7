#include "os/byte_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace weir::os {
namespace {

struct flock range_of(std::int64_t offset) {
  struct flock range = {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = offset;
  range.l_len = 1;
  return range;
}

Error failed(const std::string& path, const char* what, int error) {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "cannot " + std::string(what) + " the lock file " + path + ": " +
                     std::strerror(error) +
                     ". Check that its folder exists and that this user may write to it."};
}

int open_lock_file(const std::string& path) {
  return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

}  // namespace

Result<std::optional<ByteLock>> ByteLock::try_lock(const std::string& path, std::int64_t offset) {
  const int descriptor = open_lock_file(path);
  if (descriptor < 0) return failed(path, "open", errno);
  ByteLock lock(descriptor);
  struct flock range = range_of(offset);
  if (::fcntl(descriptor, F_OFD_SETLK, &range) == 0) return std::optional(std::move(lock));
  if (errno == EAGAIN || errno == EACCES) return std::optional<ByteLock>();
  return failed(path, "lock a byte of", errno);
}

Result<bool> ByteLock::is_locked(const std::string& path, std::int64_t offset) {
  const int descriptor = open_lock_file(path);
  if (descriptor < 0) return failed(path, "open", errno);
  const ByteLock closes_it(descriptor);
  struct flock range = range_of(offset);
  if (::fcntl(descriptor, F_OFD_GETLK, &range) != 0) return failed(path, "look at", errno);
  return range.l_type != F_UNLCK;
}

ByteLock::ByteLock(ByteLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

ByteLock& ByteLock::operator=(ByteLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

ByteLock::~ByteLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace weir::os
