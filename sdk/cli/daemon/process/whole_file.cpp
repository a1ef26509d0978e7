#include "daemon/process/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "daemon/process/child.h"
#include "os/replaced_file.h"

namespace weir::daemon {
namespace {

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Error cannot_be_written(const std::string& path) {
  return {.code = ErrorCode::kUnavailable,
          .message = path + " cannot be written: " + std::strerror(errno)};
}

Error cannot_be_read(const std::string& path) {
  return {.code = ErrorCode::kUnavailable,
          .message = path + " cannot be read: " + std::strerror(errno)};
}

}  // namespace

Result<void> write_whole_file(const std::string& place, std::string_view content) {
  const Result<std::string> replaced = os::file_to_replace(place);
  if (!replaced) return replaced.error();
  const std::string& path = *replaced;
  const std::string part = path + ".part";
  // One that is left over may have another mode.
  ::unlink(part.c_str());
  const Descriptor file(
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return cannot_be_written(path);
  if (!write_all(file.get(), content) || ::fsync(file.get()) != 0 ||
      std::rename(part.c_str(), path.c_str()) != 0) {
    const Error error = cannot_be_written(path);
    ::unlink(part.c_str());
    return error;
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor opened(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // The content is there in any case; only a power cut could bring the old one back.
  if (opened.is_open()) ::fsync(opened.get());
  return {};
}

Result<std::string> read_whole_file(const std::string& path) {
  // Without a wait at a pipe that somebody has laid there.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return std::string();
  struct stat found = {};
  if (!file.is_open() || ::fstat(file.get(), &found) != 0) return cannot_be_read(path);
  if (!S_ISREG(found.st_mode))
    return Error{.code = ErrorCode::kUnavailable, .message = path + " is no plain file"};
  std::string content;
  std::array<char, 4096> piece;
  while (true) {
    const ssize_t size = ::read(file.get(), piece.data(), piece.size());
    if (size == 0) return content;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return cannot_be_read(path);
    content.append(piece.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace weir::daemon
