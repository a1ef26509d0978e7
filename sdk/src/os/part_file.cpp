#include "os/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "os/process.h"
#include "os/replaced_file.h"

namespace weir::os {
namespace {

bool is_full(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

Error cannot(const char* what, const std::string& path, int error) {
  const std::string advice =
      is_full(error) ? "Make room and try again: the part that has arrived is kept."
                     : "Check that its folder exists and that this user may write to it.";
  return {.code = is_full(error) ? ErrorCode::kStoreFull : ErrorCode::kInvalidArgument,
          .message = "cannot " + std::string(what) + " " + path + ": " + std::strerror(error) +
                     ". " + advice};
}

// Follows no link that somebody else may have laid there, and does not wait at a pipe.
HeldDescriptor open_for_writing(const std::string& path, int more) {
  return {path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | more, S_IRUSR | S_IWUSR};
}

// Whoever had the lock before may have renamed the file: then the lock is on a finished one.
bool is_still_there(int descriptor, const std::string& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(descriptor, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         S_ISREG(opened.st_mode) && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

Result<void> write_all(int descriptor, std::string_view bytes, const std::string& path,
                       std::int64_t* size = nullptr) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot("write", path, errno);
    if (size != nullptr) *size += written;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// What can be read of a small file: nothing of a link or a pipe.
std::string content_of(const std::string& path) {
  const HeldDescriptor file(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  std::string content;
  std::array<char, 1024> piece = {};
  ssize_t size = 0;
  while (file.number() >= 0 && (size = ::read(file.number(), piece.data(), piece.size())) > 0)
    content.append(piece.data(), static_cast<std::size_t>(size));
  return content;
}

// A rename is durable only when the folder is.
Result<void> sync_folder_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return cannot("open", folder, errno);
  const bool synced = ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  if (!synced) return cannot("sync", folder, error);
  return {};
}

// Of a line that is whole.
std::optional<std::int64_t> number_of(std::string_view line) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(line.data(), line.data() + line.size(), number);
  const bool is_whole = failed == std::errc() && end != line.data() + line.size() && *end == '\n';
  return is_whole && number >= 0 ? std::optional(number) : std::nullopt;
}

}  // namespace

PartFile::PartFile(std::string final_path, std::string remote, HeldDescriptor file)
    : final_path_(std::move(final_path)), remote_(std::move(remote)), file_(std::move(file)) {}

PartFile& PartFile::operator=(PartFile&& other) noexcept {
  if (this == &other) return *this;
  unlock();
  final_path_ = std::move(other.final_path_);
  remote_ = std::move(other.remote_);
  file_ = std::move(other.file_);
  size_ = other.size_;
  version_ = std::move(other.version_);
  total_ = other.total_;
  return *this;
}

PartFile::~PartFile() { unlock(); }

// Closing alone would leave the lock with a child that has the same open file.
void PartFile::unlock() const {
  if (file_.number() >= 0) static_cast<void>(::flock(file_.number(), LOCK_UN));
}

Result<PartFile> PartFile::open(const std::string& final_path, const std::string& remote) {
  const Result<std::string> final_file = file_to_replace(final_path);
  if (!final_file) return final_file.error();
  const std::string path = *final_file + ".part";
  while (true) {
    PartFile part(*final_file, remote, open_for_writing(path, O_APPEND));
    if (part.file_.number() < 0) return cannot("open", path, errno);
    struct stat opened = {};
    if (::fstat(part.file_.number(), &opened) != 0) return cannot("look at", path, errno);
    if (!S_ISREG(opened.st_mode)) return cannot("write", path, EINVAL);
    if (::flock(part.file_.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return cannot("lock", path, errno);
      return Error{.code = ErrorCode::kBusy,
                   .message = "another download is writing " + path + "; wait until it is done"};
    }
    if (!is_still_there(part.file_.number(), path)) continue;
    // Whoever owns it, or has another name for it, could read what arrives.
    if (opened.st_uid != ::geteuid() || opened.st_nlink != 1) {
      if (::unlink(path.c_str()) != 0) return cannot("remove", path, errno);
      continue;
    }
    if (::fchmod(part.file_.number(), S_IRUSR | S_IWUSR) != 0)
      return cannot("close to others", path, errno);
    part.read_what_is_there();
    return part;
  }
}

// What the file of the version begins with when it is about these bytes.
std::string PartFile::version_head() const { return remote_ + "\n" + host_id() + "\n"; }

void PartFile::read_what_is_there() {
  struct stat found = {};
  if (::fstat(file_.number(), &found) == 0) size_ = found.st_size;
  const std::string text = content_of(version_path());
  const std::string head = version_head();
  // One that was cut short does not end its line.
  if (size_ == 0 || !text.starts_with(head) || !text.ends_with('\n')) return;
  const std::size_t end = text.find('\n', head.size());
  version_ = text.substr(head.size(), end - head.size());
  total_ = number_of(std::string_view(text).substr(end + 1));
}

Result<void> PartFile::write_version() const {
  const HeldDescriptor file = open_for_writing(version_path(), O_TRUNC);
  if (file.number() < 0) return cannot("write", version_path(), errno);
  const std::string total = total_ ? std::to_string(*total_) + "\n" : "";
  return write_all(file.number(), version_head() + version_ + "\n" + total, version_path());
}

// The old version goes first and the new one comes last: bytes of one version never stand beside
// the name of another.
Result<void> PartFile::restart(const std::string& version, std::optional<std::int64_t> total) {
  if (::unlink(version_path().c_str()) != 0 && errno != ENOENT)
    return cannot("remove", version_path(), errno);
  if (::ftruncate(file_.number(), 0) != 0) return cannot("empty", part_path(), errno);
  size_ = 0;
  version_ = version;
  total_ = total;
  return version.empty() ? Result<void>() : write_version();
}

Result<void> PartFile::append(std::string_view bytes) {
  return write_all(file_.number(), bytes, part_path(), &size_);
}

Result<void> PartFile::finish() {
  // Something else may have come there meanwhile.
  const Result<std::string> still = file_to_replace(final_path_);
  if (!still) return still.error();
  if (::fsync(file_.number()) != 0) {
    const int error = errno;
    // What did not reach the disk may be dropped from memory as well: none of it can be trusted.
    static_cast<void>(restart(""));
    return cannot("sync", part_path(), error);
  }
  if (::rename(part_path().c_str(), final_path_.c_str()) != 0)
    return cannot("rename", part_path(), errno);
  ::unlink(version_path().c_str());
  return sync_folder_of(final_path_);
}

void PartFile::discard() {
  ::unlink(version_path().c_str());
  ::unlink(part_path().c_str());
}

}  // namespace weir::os
