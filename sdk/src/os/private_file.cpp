#include "os/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "os/held_descriptor.h"

namespace weir::os {
namespace {

// More than any key, and less than hurts.
constexpr std::size_t kMostBytes = 64 * 1024;

Error unusable(const std::string& message) {
  return {.code = ErrorCode::kInvalidConfig, .message = message};
}

Error cannot_read(const std::string& path, int error) {
  if (error == ELOOP)
    return unusable("the secret file " + path +
                    " is a symbolic link. Give the path of the file that it points to.");
  return unusable("cannot read the secret file " + path + ": " + std::strerror(error));
}

// Who could exchange each file in it, whoever's it is; empty: nobody knows.
std::optional<uid_t> owner_of_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  struct stat found = {};
  if (::stat(folder.c_str(), &found) != 0) return std::nullopt;
  return found.st_uid;
}

std::optional<Error> objection(const struct stat& found, const std::string& path) {
  if (!S_ISREG(found.st_mode)) return unusable("the secret file " + path + " is not a plain file");
  const uid_t me = ::geteuid();
  const bool is_of_folder = me == 0 && found.st_uid == owner_of_folder(path);
  if (found.st_uid != me && found.st_uid != 0 && !is_of_folder) {
    const std::string owner = std::to_string(found.st_uid);
    const std::string whose =
        "the secret file " + path + " belongs to user " + owner + ", who could ";
    // Given to root, it could not be read by a daemon of its owner.
    if (me == 0)
      return unusable(whose + "change it. Run this as that user (setpriv --reuid=" + owner +
                      " --clear-groups COMMAND), or, if nobody else needs the file: chown 0 " +
                      path);
    return unusable(whose + "change it. Run: chown " + std::to_string(me) + " " + path);
  }
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return unusable("other users may read the secret file " + path + ". Run: chmod 600 " + path);
  return std::nullopt;
}

}  // namespace

Result<std::string> read_private_file(const std::string& path) {
  const HeldDescriptor file(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  if (file.number() < 0) return cannot_read(path, errno);
  struct stat found = {};
  if (::fstat(file.number(), &found) != 0) return cannot_read(path, errno);
  if (const auto error = objection(found, path)) return *error;
  std::string content(kMostBytes, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.number(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  content.resize(size);
  return content;
}

}  // namespace weir::os
