#include "daemon/sources/dropped_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <set>
#include <utility>

#include "input/input_error.h"

namespace weir::daemon {
namespace {

Error cannot(const std::string& what) {
  return {.code = ErrorCode::kUnavailable, .message = what + ": " + std::strerror(errno)};
}

// The file of this name itself, not what a link leads to.
std::optional<struct stat> file_at(int folder, const std::string& name) {
  struct stat found = {};
  if (::fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return found;
}

// A move changes the time of the last change, and nothing else.
bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_size == other.st_size &&
         one.st_mtim.tv_sec == other.st_mtim.tv_sec && one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

// When it was written, as a part of a name: 20261130T081500Z.
std::string time_for_name(const struct stat& file) {
  std::tm utc = {};
  std::array<char, 32> text = {};
  if (::gmtime_r(&file.st_mtim.tv_sec, &utc) == nullptr) return "again";
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc);
  return text.data();
}

}  // namespace

Result<void> DroppedFiles::look(TimePoint now) {
  const std::map<std::string, FolderEvents::Told> told = events_.take();
  DIR* folder = ::opendir(directory_.path.c_str());
  if (folder == nullptr)
    return cli::input_error(directory_.path,
                            std::string("the folder cannot be listed: ") + std::strerror(errno));
  std::map<std::string, FoundFile> found;
  others_.clear();
  for (const dirent* entry = ::readdir(folder); entry != nullptr; entry = ::readdir(folder)) {
    const std::string name = entry->d_name;
    // Hidden files are those of programs that are not done with them.
    if (name.starts_with('.') ||
        ::fnmatch(directory_.pattern.c_str(), name.c_str(), FNM_PERIOD) != 0)
      continue;
    const std::optional<struct stat> file = file_at(::dirfd(folder), name);
    if (!file || S_ISDIR(file->st_mode)) continue;
    if (S_ISREG(file->st_mode)) {
      found.emplace(name, as_found(*file));
    } else {
      others_.insert(name);
    }
  }
  ::closedir(folder);
  std::erase_if(files_, [&](const auto& file) { return !found.contains(file.first); });
  for (const auto& [name, file] : found) {
    const auto own = told.find(name);
    files_[name].note(file, own == told.end() ? std::nullopt : std::optional(own->second), now,
                      directory_.settle);
  }
  return {};
}

Result<std::optional<cli::PinnedFile>> DroppedFiles::pin(const std::string& name) const {
  Result<std::optional<cli::PinnedFile>> pinned = cli::PinnedFile::open(path(name));
  if (!pinned || !*pinned) return pinned;
  struct stat file = {};
  const bool is_known = ::fstat((*pinned)->descriptor(), &file) == 0 &&
                        as_found(file).version == files_.at(name).version();
  return is_known ? std::move(pinned) : Result(std::optional<cli::PinnedFile>());
}

bool DroppedFiles::is_as_found(const std::string& name) const {
  const std::optional<struct stat> file = file_at(AT_FDCWD, path(name));
  return file && as_found(*file).version == files_.at(name).version();
}

std::vector<std::string> DroppedFiles::names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : files_) names.push_back(name);
  return names;
}

TimePoint DroppedFiles::readable_at(const std::string& name, TimePoint now) const {
  return files_.at(name).readable_at(now, directory_.settle);
}

Result<void> DroppedFiles::finish(const std::string& name) {
  switch (directory_.done) {
    case DirectoryOrigin::Done::kKeep:
      return {};
    case DirectoryOrigin::Done::kDelete:
      if (!is_as_found(name)) return {};
      if (::unlink(path(name).c_str()) != 0 && errno != ENOENT)
        return cannot(path(name) + " was taken, but cannot be deleted");
      break;
    case DirectoryOrigin::Done::kMove: {
      const Result<Descriptor> folder = open_folder(directory_.move_to);
      if (!folder) return folder.error();
      const Result<std::string> moved = move(name, *folder, directory_.move_to);
      if (!moved) return moved.error();
      if (moved->empty()) return {};
      break;
    }
  }
  files_.erase(name);
  return {};
}

Result<void> DroppedFiles::refuse(const std::string& name, const std::string& reason) {
  const Result<Descriptor> folder = open_folder(directory_.failed);
  if (!folder) return folder.error();
  const Result<std::string> moved = move(name, *folder, directory_.failed);
  if (!moved) return moved.error();
  if (moved->empty()) return {};
  files_.erase(name);
  const std::string beside = *moved + ".reason";
  ::unlinkat(folder->get(), beside.c_str(), 0);
  const Descriptor file(::openat(folder->get(), beside.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  const std::string line = reason + "\n";
  if (!file.is_open() ||
      ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    return cannot(directory_.failed + "/" + beside + " cannot be written");
  return {};
}

// Made where it is missing. Of what lies in the drop folder no link is followed.
Result<Descriptor> DroppedFiles::open_folder(const std::string& folder) const {
  const std::string inside = directory_.path + "/";
  if (!folder.starts_with(inside)) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    Descriptor opened(::open(folder.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
    if (!opened.is_open()) return cannot("the folder " + folder + " cannot be made or opened");
    return opened;
  }
  Descriptor at(::open(directory_.path.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
  for (const auto& part : std::filesystem::path(folder.substr(inside.size()))) {
    if (!at.is_open()) break;
    ::mkdirat(at.get(), part.c_str(), 0777);
    at = Descriptor(
        ::openat(at.get(), part.c_str(), O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  }
  if (!at.is_open())
    return cannot("the folder " + folder + " cannot be made or opened (a link is not followed)");
  return at;
}

// Never over a file that is there: it may be the only copy of another one of this name. What was
// exchanged at the last moment goes back.
Result<std::string> DroppedFiles::move(const std::string& name, const Descriptor& folder,
                                       const std::string& shown) {
  const std::string from = path(name);
  const std::optional<struct stat> file = file_at(AT_FDCWD, from);
  if (!file || as_found(*file).version != files_.at(name).version()) return std::string();
  constexpr int kMostTries = 100;
  const std::string stamp = name + "." + time_for_name(*file);
  for (int i = 0; i < kMostTries; ++i) {
    const std::string to = i == 0 ? name : (i == 1 ? stamp : stamp + "." + std::to_string(i));
    bool is_moved =
        ::renameat2(AT_FDCWD, from.c_str(), folder.get(), to.c_str(), RENAME_NOREPLACE) == 0;
    // Not every file system knows how not to replace.
    if (!is_moved && errno == EINVAL && !file_at(folder.get(), to))
      is_moved = ::renameat(AT_FDCWD, from.c_str(), folder.get(), to.c_str()) == 0;
    if (is_moved) {
      const std::optional<struct stat> there = file_at(folder.get(), to);
      if (!there || is_same(*there, *file)) return to;
      if (::renameat2(folder.get(), to.c_str(), AT_FDCWD, from.c_str(), RENAME_NOREPLACE) == 0)
        return std::string();
      return cannot("another file came as " + from + " while it was moved, and is in " + shown +
                    " now, unread: drop it again");
    }
    if (errno == ENOENT) return std::string();
    if (errno != EEXIST && errno != EINVAL) break;
  }
  return cannot(from + " cannot be moved to " + shown);
}

}  // namespace weir::daemon
