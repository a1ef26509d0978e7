#include "os/store_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace weir::os {
namespace {

Error unusable(const std::string& path, const std::string& why) {
  return {.code = ErrorCode::kStoreUnusable,
          .message = "cannot use the store " + path + ": " + why};
}

constexpr const char* kReadOnlyMount =
    "its file system is mounted read-only. Without writing no call can be spent: mount it for "
    "writing, or give another path.";

// The numbers by which Linux knows them (linux/magic.h, and the sources of the kernel's drivers).
constexpr std::array<std::uint32_t, 10> kNetworkFileSystems = {
    0x6969,      // NFS
    0x517B,      // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB 2 and 3
    0x564C,      // NCP
    0x5346414F,  // AFS
    0x00C36400,  // Ceph
    0x01021997,  // 9P
    0x0BD00BD0,  // Lustre
    0x47504653,  // GPFS
};

Result<void> check_file_system(const std::string& path) {
  const std::string folder = folder_of(path);
  struct statfs found = {};
  if (::statfs(folder.c_str(), &found) != 0) return {};  // creating the file says more
  if (!is_network_file_system(static_cast<std::uint32_t>(found.f_type))) return {};
  return unusable(path,
                  "it is on a network file system, where locks do not hold. Give a path on a local "
                  "disk, or use PostgreSQL to share a store between hosts.");
}

Result<void> create(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor >= 0) {
    give_to_owner_of_folder(descriptor, path);
    ::close(descriptor);
    return {};
  }
  if (errno == EEXIST) return {};
  if (errno == EROFS) return unusable(path, kReadOnlyMount);
  if (errno == ENOENT)
    return unusable(path, "its folder does not exist. Create the folder, or give another path.");
  return unusable(path,
                  std::string(std::strerror(errno)) + ". Check the folder and its permissions.");
}

}  // namespace

std::optional<FileId> id_of_file(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return FileId{.device = found.st_dev, .number = found.st_ino};
}

// Not by its absolute path, which a current folder that was deleted has not.
std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

void give_to_owner_of_folder(int descriptor, const std::string& path) {
  if (::geteuid() != 0) return;
  struct stat file = {};
  struct stat folder = {};
  if (::fstat(descriptor, &file) != 0 || ::stat(folder_of(path).c_str(), &folder) != 0) return;
  // A second name may be that of a file of root's, which somebody has linked into the folder.
  const bool is_roots_own = S_ISREG(file.st_mode) && file.st_uid == 0 && file.st_nlink == 1;
  if (!is_roots_own || folder.st_uid == 0) return;
  static_cast<void>(::fchown(descriptor, folder.st_uid, folder.st_gid) == 0);
}

std::string absolute_path(const std::string& path) {
  std::error_code problem;
  const std::filesystem::path found = std::filesystem::weakly_canonical(path, problem);
  return problem ? path : found.string();
}

std::string file_number(const std::string& path) {
  struct statx found = {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &found) != 0) {
    // Where a sandbox does not know that call.
    const std::optional<FileId> id = id_of_file(path);
    return std::to_string(id ? id->number : 0);
  }
  const std::string number = std::to_string(found.stx_ino);
  if ((found.stx_mask & STATX_BTIME) == 0) return number;
  const auto made = std::chrono::seconds(found.stx_btime.tv_sec) +
                    std::chrono::nanoseconds(found.stx_btime.tv_nsec);
  return number + "@" + std::to_string(std::chrono::nanoseconds(made).count());
}

std::string machine_id() {
  std::ifstream file("/etc/machine-id");
  std::string id;
  std::getline(file, id);
  return id;
}

bool is_network_file_system(std::uint32_t type) {
  return std::find(kNetworkFileSystems.begin(), kNetworkFileSystems.end(), type) !=
         kNetworkFileSystems.end();
}

Result<void> check_store_kind(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) {
    return errno == ENOENT || errno == ENOTDIR
               ? unusable(path, "there is no such file. Is it the path of another store?")
               : Result<void>();
  }
  if (S_ISREG(found.st_mode)) return {};
  if (S_ISDIR(found.st_mode))
    return unusable(path, "it is a folder. Give the path of a file in it.");
  return unusable(path, "it is a pipe, a socket or a device. Give the path of a plain file.");
}

Result<void> prepare_store_file(const std::string& path) {
  if (Result<void> local = check_file_system(path); !local) return local;
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return create(path);
  if (Result<void> plain = check_store_kind(path); !plain) return plain;
  if (::access(path.c_str(), W_OK) != 0 && errno == EROFS) return unusable(path, kReadOnlyMount);
  const bool marked_read_only = (found.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0;
  if (marked_read_only || ::access(path.c_str(), R_OK | W_OK) != 0) {
    const bool is_mine = marked_read_only || found.st_uid == ::geteuid();
    return unusable(
        path,
        "it is read-only for this user, or not readable. Without writing no call can be spent: " +
            (is_mine ? "change its permissions (as its owner: chmod u+rw " + path + ")"
                     : "run this as user " + std::to_string(found.st_uid) +
                           ", whose it is, or change its owner") +
            ", or give another path.");
  }
  return {};
}

}  // namespace weir::os
