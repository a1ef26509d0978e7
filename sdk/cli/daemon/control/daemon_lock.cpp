#include "daemon/control/daemon_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "os/store_file.h"

namespace weir::daemon {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "daemon.lock";
constexpr const char* kNotPlain = "it is no plain file. Move it away";

Error unusable(const std::string& what, const std::string& why) {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "the state directory cannot be used: " + what + ": " + why};
}

Error unusable(const std::string& what, int error) { return unusable(what, std::strerror(error)); }

bool is_plain(int descriptor) {
  struct stat found = {};
  return ::fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode);
}

std::string holder(int descriptor) {
  char text[32] = {};
  const ssize_t size = ::pread(descriptor, text, sizeof text - 1, 0);
  std::string number(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!number.empty() && number.back() == '\n') number.pop_back();
  return number.empty() ? "another process" : "process " + number;
}

}  // namespace

Result<DaemonLock> DaemonLock::take(const std::string& state_directory) {
  std::error_code failed;
  if (fs::create_directories(state_directory, failed); failed)
    return unusable(state_directory, failed.value());
  const std::string path = (fs::path(state_directory) / kFile).string();
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (descriptor < 0) return unusable(path, errno);
  DaemonLock lock(descriptor);
  if (!is_plain(descriptor)) return unusable(path, kNotPlain);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return unusable(path, errno);
    return Error{.code = ErrorCode::kStoreBusy,
                 .message = "weir run is there already for " + state_directory + ": " +
                            holder(descriptor) +
                            ". Stop it first, or give this one a state_directory of its own"};
  }
  os::give_to_owner_of_folder(descriptor, path);
  const std::string number = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, number.data(), number.size(), 0) != static_cast<ssize_t>(number.size()))
    return unusable(path, errno);
  return lock;
}

bool DaemonLock::is_taken(const std::string& state_directory) {
  const std::string path = (fs::path(state_directory) / kFile).string();
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return false;
  // Shared, so that two checks do not take each other for a daemon.
  const bool is_taken = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return is_taken;
}

std::optional<std::string> DaemonLock::problem(const std::string& state_directory) {
  const std::string path = (fs::path(state_directory) / kFile).string();
  struct stat found = {};
  if (::lstat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode)) return std::nullopt;
  return unusable(path, kNotPlain).message;
}

DaemonLock::~DaemonLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void give_to_owner_of_folder(const std::string& path) {
  struct stat folder = {};
  if (::geteuid() != 0 || ::stat(fs::path(path).parent_path().c_str(), &folder) != 0) return;
  static_cast<void>(::lchown(path.c_str(), folder.st_uid, folder.st_gid) == 0);
}

}  // namespace weir::daemon
