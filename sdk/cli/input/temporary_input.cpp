#include "input/temporary_input.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace weir::cli {

// Without a name, so that nothing is left behind; in memory where no folder takes it.
int open_temporary_file() {
  const char* set = std::getenv("TMPDIR");
  for (const char* folder : {set, "/tmp", "/var/tmp"}) {
    if (folder == nullptr || *folder == '\0') continue;
    const int file = ::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) return file;
    // Not every file system has files without a name.
    std::string name = std::string(folder) + "/weir-XXXXXX";
    if (const int named = ::mkostemp(name.data(), O_CLOEXEC); named >= 0) {
      ::unlink(name.c_str());
      return named;
    }
  }
  return ::memfd_create("weir-input", MFD_CLOEXEC);
}

Result<TemporaryInput> TemporaryInput::make() {
  const int descriptor = open_temporary_file();
  if (descriptor >= 0) return TemporaryInput(descriptor);
  return Error{.code = ErrorCode::kStoreFull,
               .message = "a temporary file cannot be made: " + std::string(std::strerror(errno)) +
                          "; free some space there or set TMPDIR"};
}

TemporaryInput::~TemporaryInput() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> TemporaryInput::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      return Error{
          .code = ErrorCode::kStoreFull,
          .message = "a temporary file cannot be written: " + std::string(std::strerror(errno)) +
                     "; free some space there or set TMPDIR"};
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace weir::cli
