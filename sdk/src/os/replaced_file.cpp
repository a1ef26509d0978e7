#include "os/replaced_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace weir::os {
namespace {

// As many as the kernel follows.
constexpr int kMostLinks = 40;

Error cannot_write(const std::string& path, const std::string& why) {
  return {.code = ErrorCode::kInvalidArgument, .message = "cannot write " + path + ": " + why};
}

const char* name_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  return S_ISSOCK(mode) ? "a socket" : "a device";
}

// In a folder where everybody may write, somebody else may have laid it there for us, to have a
// file of ours overwritten. The kernel does not follow such a link either.
bool is_laid_by_somebody_else(const std::filesystem::path& link, const struct stat& found) {
  const std::filesystem::path parent = link.parent_path();
  struct stat folder = {};
  if (::stat(parent.empty() ? "." : parent.c_str(), &folder) != 0) return true;
  const bool is_for_everybody = (folder.st_mode & S_ISVTX) != 0 && (folder.st_mode & S_IWOTH) != 0;
  return is_for_everybody && found.st_uid != ::geteuid() && found.st_uid != folder.st_uid;
}

}  // namespace

Result<std::string> file_to_replace(const std::string& path) {
  std::filesystem::path file = path;
  for (int links = 0; links <= kMostLinks; ++links) {
    struct stat found = {};
    if (::lstat(file.c_str(), &found) != 0) {
      if (errno == ENOENT) return file.string();
      return cannot_write(path, std::string(std::strerror(errno)) +
                                    ". Check its folder, and that this user may write to it.");
    }
    if (S_ISREG(found.st_mode)) return file.string();
    if (!S_ISLNK(found.st_mode))
      return cannot_write(path, std::string("it is ") + name_of(found.st_mode) +
                                    ", which would be lost. Name a file.");
    if (is_laid_by_somebody_else(file, found))
      return cannot_write(path, "it is a link of another user. Name the file itself.");
    std::error_code unreadable;
    const std::filesystem::path target = std::filesystem::read_symlink(file, unreadable);
    if (unreadable) return cannot_write(path, unreadable.message() + ". Name the file itself.");
    file = file.parent_path() / target;  // an absolute target stands alone
  }
  return cannot_write(path, "its links lead in a circle. Name the file itself.");
}

}  // namespace weir::os
