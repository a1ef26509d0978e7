// A file system that does not answer: preloaded into a program, this lets no call for files of the
// folder WEIR_TEST_SILENT come back as long as there is a file FOLDER.silent beside it, and none
// that opens them as long as there is FOLDER.unreadable. Each call that waits adds a byte to
// FOLDER.waiting. The table of mounts is FOLDER.mounts.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

const std::string& folder() {
  static const std::string& path = *new std::string(std::getenv("WEIR_TEST_SILENT"));
  return path;
}

bool is_there(const std::string& path) {
  return ::syscall(SYS_faccessat, AT_FDCWD, path.c_str(), F_OK) == 0;
}

bool is_within(std::string_view path) {
  return path.starts_with(folder()) &&
         (path.size() == folder().size() || path[folder().size()] == '/');
}

void tell_of_waiting() {
  const std::string path = folder() + ".waiting";
  const auto file = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path.c_str(),
                                               O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (file < 0) return;
  static_cast<void>(::write(file, "w", 1) > 0);
  ::close(file);
}

void wait_while(const char* path, const char* marker) {
  if (path == nullptr || !is_within(path) || !is_there(folder() + marker)) return;
  tell_of_waiting();
  while (is_there(folder() + marker)) ::poll(nullptr, 0, 10);
}

void look(const char* path) { wait_while(path, ".silent"); }

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

int opened(const char* path, int flags, mode_t mode) {
  look(path);
  wait_while(path, ".unreadable");
  const std::string mounts = folder() + ".mounts";
  if (std::string_view(path) == "/proc/self/mountinfo") path = mounts.c_str();
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

}  // namespace

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
int stat(const char* path, struct stat* about) noexcept {
  look(path);
  return static_cast<int>(::syscall(SYS_newfstatat, AT_FDCWD, path, about, 0));
}
int lstat(const char* path, struct stat* about) noexcept {
  look(path);
  return static_cast<int>(::syscall(SYS_newfstatat, AT_FDCWD, path, about, AT_SYMLINK_NOFOLLOW));
}
int access(const char* path, int mode) noexcept {
  look(path);
  return static_cast<int>(::syscall(SYS_faccessat, AT_FDCWD, path, mode));
}
int statfs(const char* path, struct statfs* about) noexcept {
  look(path);
  return static_cast<int>(::syscall(SYS_statfs, path, about));
}
int inotify_add_watch(int watch, const char* path, std::uint32_t events) noexcept {
  look(path);
  return static_cast<int>(::syscall(SYS_inotify_add_watch, watch, path, events));
}
DIR* opendir(const char* path) {
  look(path);
  static const auto kOpen = next<DIR* (*)(const char*)>("opendir");
  return kOpen(path);
}

}  // extern "C"
