#include "input/input_bytes.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>

#include "input/input_error.h"
#include "input/stop_event.h"
#include "input/temporary_input.h"
#include "signals.h"

namespace weir::cli {
namespace {

constexpr const char* kStandardInput = "-";

Error cannot_open(const std::string& path) {
  const std::string why = std::strerror(errno);
  return input_error(path,
                     "the file cannot be opened (" + why + "); check its name and permissions");
}

// A file that is replaced by a rename has another inode; one that is written, another time or size.
std::string version_of(const struct stat& found) {
  return std::to_string(found.st_dev) + "-" + std::to_string(found.st_ino) + "-" +
         std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec) + "-" +
         std::to_string(found.st_size);
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

bool write_all(int file, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(file, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

// All that comes, until the end or a stop.
Result<void> copy(const std::string& path, int from, int to) {
  const StopEvent stop(stop_of_process());
  std::array<char, 64 * 1024> buffer;
  while (true) {
    std::array<pollfd, 2> waits = {{{from, POLLIN, 0}, {stop.descriptor(), POLLIN, 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return cannot_open(path);
    if (waits[1].revents != 0)
      return Error{.code = ErrorCode::kCancelled,
                   .message = "stopped while " + shown_input(path) + " was read"};
    if (waits[0].revents == 0) continue;
    const ssize_t size = ::read(from, buffer.data(), buffer.size());
    if (size == 0) return {};
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0)
      return input_error(shown_input(path),
                         std::string("it cannot be read: ") + std::strerror(errno));
    if (!write_all(to, buffer.data(), static_cast<std::size_t>(size)))
      return input_error(shown_input(path), "it cannot be put into a temporary file: " +
                                                std::string(std::strerror(errno)) +
                                                "; free some space there or set TMPDIR");
  }
}

// Of what is read from a descriptor that is open already, by its name: what can be read only once,
// and what is pinned.
class OpenInputs {
 public:
  void pin(const std::string& path, int descriptor) {
    const std::lock_guard lock(mutex_);
    files_.emplace(path, descriptor);
  }

  void unpin(const std::string& path) {
    const std::lock_guard lock(mutex_);
    files_.erase(path);
  }

  std::optional<std::string> version(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto known = files_.find(path);
    struct stat found = {};
    if (known == files_.end() || ::fstat(known->second, &found) != 0) return std::nullopt;
    return version_of(found);
  }

  // A descriptor of the bytes; empty when the path names a regular file.
  Result<std::optional<int>> find(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (const auto known = files_.find(path); known != files_.end())
      return std::optional(known->second);
    struct stat found = {};
    if (path != kStandardInput) {
      if (::stat(path.c_str(), &found) != 0) return cannot_open(path);
      if (S_ISDIR(found.st_mode)) return input_error(path, "it is a folder, not a file");
      if (S_ISREG(found.st_mode)) return std::optional<int>();
    }
    // Without O_NONBLOCK, opening a pipe that nobody writes to could not be stopped.
    Descriptor input(path == kStandardInput
                         ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                         : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (input.number() < 0) return cannot_open(shown_input(path));
    Descriptor kept(open_temporary_file());
    if (kept.number() < 0) return input_error(shown_input(path), "there is no room to keep it");
    if (Result<void> copied = copy(path, input.number(), kept.number()); !copied)
      return copied.error();
    files_.emplace(path, kept.number());
    return std::optional(kept.release());
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> files_;  // guarded by mutex_
};

OpenInputs& open_inputs() {
  static OpenInputs inputs;
  return inputs;
}

}  // namespace

std::string shown_input(const std::string& path) {
  return path == kStandardInput ? "standard input" : path;
}

Result<std::string> file_version(const std::string& path) {
  struct stat found = {};
  if (path == kStandardInput) return std::string(kStandardInput);
  if (auto known = open_inputs().version(path)) return *known;
  if (::stat(path.c_str(), &found) != 0) return cannot_open(path);
  return S_ISREG(found.st_mode) ? version_of(found) : path;
}

Result<InputBytes> InputBytes::open(const std::string& path) {
  Result<std::optional<int>> kept = open_inputs().find(path);
  if (!kept) return kept.error();
  const int descriptor = *kept ? ::fcntl(**kept, F_DUPFD_CLOEXEC, 0)
                               : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return cannot_open(path);
  return InputBytes(descriptor);
}

InputBytes::~InputBytes() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::optional<PinnedFile>> PinnedFile::open(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY));
  if (file.number() < 0 && (errno == ENOENT || errno == ELOOP)) return std::optional<PinnedFile>();
  if (file.number() < 0) return cannot_open(path);
  struct stat found = {};
  if (::fstat(file.number(), &found) != 0 || !S_ISREG(found.st_mode))
    return std::optional<PinnedFile>();
  return std::optional(PinnedFile(path, file.release()));
}

PinnedFile::PinnedFile(std::string path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {
  open_inputs().pin(path_, descriptor_);
}

PinnedFile::~PinnedFile() {
  if (descriptor_ < 0) return;
  open_inputs().unpin(path_);
  ::close(descriptor_);
}

std::size_t InputBytes::read(std::span<char> buffer) {
  ssize_t size = 0;
  do {
    size = ::pread(descriptor_, buffer.data(), buffer.size(), at_);
  } while (size < 0 && errno == EINTR);
  failed_ = failed_ || size < 0;
  if (size <= 0) return 0;
  at_ += size;
  return static_cast<std::size_t>(size);
}

std::string InputBytes::version() const {
  struct stat found = {};
  return ::fstat(descriptor_, &found) == 0 ? version_of(found) : "";
}

}  // namespace weir::cli
