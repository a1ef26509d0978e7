#include "os/ballast.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "os/store_file.h"

namespace weir::os {
namespace {

constexpr std::int64_t kLargest = 8 * 1024 * 1024;
constexpr std::int64_t kShareOfDisk = 8;

bool ask_disk(const std::string& path, struct statvfs& disk) {
  const std::string folder = folder_of(path);
  return ::statvfs(folder.c_str(), &disk) == 0;
}

}  // namespace

Ballast::Ballast(const std::string& store) : path_(store + ".ballast") {
  struct statvfs disk = {};
  if (!ask_disk(path_, disk)) return;
  const auto in_all = static_cast<std::int64_t>(disk.f_blocks * disk.f_frsize);
  size_ = std::min(kLargest, in_all / kShareOfDisk);
}

bool Ballast::ensure() {
  struct stat found = {};
  const bool is_there = ::lstat(path_.c_str(), &found) == 0;
  // A link that somebody laid there is not followed: what it points to is not ours to fill.
  if (is_there && (!S_ISREG(found.st_mode) || found.st_size >= size_)) return true;
  struct statvfs disk = {};
  if (!ask_disk(path_, disk)) return true;
  if (static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize) < 2 * size_) return false;
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                          S_IRUSR | S_IWUSR);
  if (file < 0) return true;
  give_to_owner_of_folder(file, path_);
  const bool is_held = ::posix_fallocate(file, 0, size_) == 0;
  ::close(file);
  if (!is_held) release();
  return true;
}

void Ballast::release() { static_cast<void>(::unlink(path_.c_str())); }

}  // namespace weir::os
