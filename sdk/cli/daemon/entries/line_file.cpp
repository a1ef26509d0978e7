#include "daemon/entries/line_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace weir::daemon {
namespace {

// A new name lasts when its folder is on the disk as well.
bool sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor opened(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.is_open() && ::fsync(opened.get()) == 0;
}

}  // namespace

Error LineFile::problem(const std::string& what) const {
  return {.code = ErrorCode::kUnavailable,
          .message = path_ + " cannot be " + what + ": " + std::strerror(errno)};
}

bool LineFile::is_still_there() const {
  struct stat opened = {};
  struct stat named = {};
  return file_.is_open() && ::fstat(file_.get(), &opened) == 0 &&
         ::stat(path_.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

Result<std::int64_t> LineFile::open() {
  if (is_still_there()) return std::int64_t{0};
  file_.close();
  Descriptor opened(
      ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600));
  if (!opened.is_open()) return problem("opened");
  struct stat status = {};
  if (::fstat(opened.get(), &status) != 0) return problem("opened");
  if (!S_ISREG(status.st_mode))
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = path_ + " is not a file; lines can be appended to files only"};
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return Error{.code = ErrorCode::kUnavailable,
                   .message = "another program or poll appends to " + path_ +
                              "; give each a file of its own"};
    return problem("locked");
  }
  file_ = std::move(opened);
  size_ = status.st_size;
  if (!sync_folder_of(path_)) return problem("made durable");
  return cut_torn_line();
}

Error LineFile::is_something_else() {
  file_.close();
  return {.code = ErrorCode::kInvalidArgument,
          .message = path_ + " holds something else than lines of JSON; give another file"};
}

// Whether the byte at this place begins a line of ours.
bool LineFile::begins_object(std::int64_t at) const {
  char first = '\0';
  return ::pread(file_.get(), &first, 1, at) == 1 && first == '{';
}

Result<std::int64_t> LineFile::cut_torn_line() {
  if (size_ > 0 && !begins_object(0)) return is_something_else();
  std::array<char, 65536> buffer = {};
  std::int64_t end = size_;
  while (end > 0) {
    const std::int64_t begin = std::max<std::int64_t>(0, end - std::int64_t{buffer.size()});
    const auto wanted = static_cast<std::size_t>(end - begin);
    if (::pread(file_.get(), buffer.data(), wanted, begin) != static_cast<ssize_t>(wanted))
      return problem("read");
    const std::string_view bytes(buffer.data(), wanted);
    if (const std::size_t found = bytes.rfind('\n'); found != std::string_view::npos) {
      end = begin + static_cast<std::int64_t>(found) + 1;
      break;
    }
    end = begin;
  }
  const std::int64_t torn = size_ - end;
  if (torn > 0 && !begins_object(end)) return is_something_else();
  if (torn > 0 && (::ftruncate(file_.get(), end) != 0 || ::fdatasync(file_.get()) != 0))
    return problem("mended");
  size_ = end;
  return torn;
}

TimePoint LineFile::changed_at() const {
  struct stat status = {};
  if (::fstat(file_.get(), &status) != 0) return {};
  return TimePoint(Milliseconds(std::int64_t{status.st_mtim.tv_sec} * 1000 +
                                status.st_mtim.tv_nsec / 1'000'000));
}

Result<void> LineFile::append(const std::string& lines) {
  std::size_t done = 0;
  while (done < lines.size()) {
    const ssize_t written = ::write(file_.get(), lines.data() + done, lines.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  if (done == lines.size() && ::fdatasync(file_.get()) == 0) {
    size_ += static_cast<std::int64_t>(done);
    return {};
  }
  const Error failed = problem("written to");
  // What cannot be taken back now is cut off at the next opening.
  if (::ftruncate(file_.get(), size_) != 0) errno = 0;
  file_.close();
  return failed;
}

Result<void> LineFile::move_to(const std::string& name) {
  // Never over another file.
  if (::link(path_.c_str(), name.c_str()) != 0 || ::unlink(path_.c_str()) != 0)
    return problem("moved to " + name);
  file_.close();
  if (!sync_folder_of(path_)) return problem("made durable");
  return {};
}

}  // namespace weir::daemon
