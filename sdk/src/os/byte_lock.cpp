#include "os/byte_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "os/store_file.h"

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

// Follows no link that somebody else may have laid there, and does not wait at a pipe.
HeldDescriptor open_lock_file(const std::string& path) {
  HeldDescriptor file(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR);
  if (file.number() >= 0) give_to_owner_of_folder(file.number(), path);
  return file;
}

// A lock on a file that was removed meanwhile excludes nobody who comes later.
bool is_still_there(int descriptor, const std::string& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(descriptor, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

}  // namespace

Result<std::optional<ByteLock>> ByteLock::try_lock(const std::string& path, std::int64_t offset) {
  while (true) {
    HeldDescriptor file = open_lock_file(path);
    if (file.number() < 0) return failed(path, "open", errno);
    struct flock range = range_of(offset);
    if (::fcntl(file.number(), F_OFD_SETLK, &range) != 0) {
      if (errno == EAGAIN || errno == EACCES) return std::optional<ByteLock>();
      return failed(path, "lock a byte of", errno);
    }
    ByteLock lock(std::move(file));
    if (is_still_there(lock.file_.number(), path)) return std::optional(std::move(lock));
  }
}

Result<bool> ByteLock::is_locked(const std::string& path, std::int64_t offset) {
  const HeldDescriptor file = open_lock_file(path);
  if (file.number() < 0) return failed(path, "open", errno);
  struct flock range = range_of(offset);
  if (::fcntl(file.number(), F_OFD_GETLK, &range) != 0) return failed(path, "look at", errno);
  return range.l_type != F_UNLCK;
}

ByteLock& ByteLock::operator=(ByteLock&& other) noexcept {
  if (this == &other) return *this;
  unlock();
  file_ = std::move(other.file_);
  return *this;
}

ByteLock::~ByteLock() { unlock(); }

// Closing alone would leave the lock with a child that has the same open file.
void ByteLock::unlock() const {
  if (file_.number() < 0) return;
  struct flock all = {};
  all.l_type = F_UNLCK;
  all.l_whence = SEEK_SET;
  static_cast<void>(::fcntl(file_.number(), F_OFD_SETLK, &all));
}

}  // namespace weir::os
