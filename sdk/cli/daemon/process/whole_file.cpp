#include "daemon/process/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

}  // namespace weir::daemon
