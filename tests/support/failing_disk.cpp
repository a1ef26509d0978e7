#include "support/failing_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

namespace weir::testing {

constinit thread_local long disk_calls_left = -1;
constinit thread_local bool disk_stays_broken = false;
constinit thread_local int disk_failures = 0;

namespace {

bool fails() {
  if (disk_calls_left < 0) return false;
  if (disk_calls_left > 0) {
    --disk_calls_left;
    return false;
  }
  if (!disk_stays_broken) disk_calls_left = -1;
  ++disk_failures;
  errno = EIO;
  return true;
}

// Not of sockets and the like.
bool file_fails(int descriptor) {
  struct stat about = {};
  return disk_calls_left >= 0 && ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) &&
         fails();
}

// Devices are no files of the disk's.
bool opening_fails(const char* path) {
  struct stat about = {};
  const bool is_device = ::stat(path, &about) == 0 && S_ISCHR(about.st_mode);
  return !is_device && fails();
}

int opened(const char* path, int flags, mode_t mode) {
  if (opening_fails(path)) return -1;
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

}  // namespace
}  // namespace weir::testing

using weir::testing::file_fails;
using weir::testing::opened;

// The mode is there only when a file may be made.
#define WEIR_MODE_OF(flags)                     \
  mode_t mode = 0;                              \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0) { \
    va_list more;                               \
    va_start(more, flags);                      \
    mode = va_arg(more, mode_t);                \
    va_end(more);                               \
  }

extern "C" {

int open(const char* path, int flags, ...) {
  WEIR_MODE_OF(flags)
  return opened(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  WEIR_MODE_OF(flags)
  return opened(path, flags, mode);
}
ssize_t write(int file, const void* bytes, size_t size) {
  return file_fails(file) ? -1 : ::syscall(SYS_write, file, bytes, size);
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return file_fails(file) ? -1 : ::syscall(SYS_pwrite64, file, bytes, size, offset);
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  return file_fails(file) ? -1 : ::syscall(SYS_pwrite64, file, bytes, size, offset);
}
int fsync(int file) { return file_fails(file) ? -1 : static_cast<int>(::syscall(SYS_fsync, file)); }
int fdatasync(int file) {
  return file_fails(file) ? -1 : static_cast<int>(::syscall(SYS_fdatasync, file));
}
int ftruncate(int file, off_t size) noexcept {
  return file_fails(file) ? -1 : static_cast<int>(::syscall(SYS_ftruncate, file, size));
}
int ftruncate64(int file, off64_t size) noexcept {
  return file_fails(file) ? -1 : static_cast<int>(::syscall(SYS_ftruncate, file, size));
}

}  // extern "C"
