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
#include <fstream>
#include <set>
#include <utility>

#include "input/input_error.h"

namespace weir::daemon {
namespace {

Error cannot(const std::string& what) {
  return {.code = ErrorCode::kUnavailable, .message = what + ": " + std::strerror(errno)};
}

bool is_regular(const std::string& path) {
  struct stat found = {};
  return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

// When it was written, as a part of a name: 20261130T081500Z.
std::string time_for_name(const std::string& path) {
  struct stat found = {};
  std::tm utc = {};
  std::array<char, 32> text = {};
  if (::stat(path.c_str(), &found) != 0 || ::gmtime_r(&found.st_mtim.tv_sec, &utc) == nullptr)
    return "again";
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
  std::set<std::string> found;
  for (const dirent* entry = ::readdir(folder); entry != nullptr; entry = ::readdir(folder)) {
    const std::string name = entry->d_name;
    // Hidden files are those of programs that are not done with them.
    if (::fnmatch(directory_.pattern.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    if (name.starts_with('.') || !is_regular(path(name))) continue;
    found.insert(name);
  }
  ::closedir(folder);
  std::erase_if(files_, [&](const auto& file) { return !found.contains(file.first); });
  for (const std::string& name : found) {
    const auto own = told.find(name);
    files_[name].note(look_at(path(name)),
                      own == told.end() ? std::nullopt : std::optional(own->second), now,
                      directory_.settle);
  }
  return {};
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
      if (::unlink(path(name).c_str()) != 0 && errno != ENOENT)
        return cannot(path(name) + " was taken, but cannot be deleted");
      break;
    case DirectoryOrigin::Done::kMove:
      if (Result<std::string> moved = move(name, directory_.move_to); !moved) return moved.error();
      break;
  }
  files_.erase(name);
  return {};
}

Result<void> DroppedFiles::refuse(const std::string& name, const std::string& reason) {
  const Result<std::string> moved = move(name, directory_.failed);
  if (!moved) return moved.error();
  files_.erase(name);
  std::ofstream file(*moved + ".reason", std::ios::binary);
  file << reason << '\n';
  if (!file.flush()) return cannot(*moved + ".reason cannot be written");
  return {};
}

// Never over a file that is there: it may be the only copy of another one of this name.
Result<std::string> DroppedFiles::move(const std::string& name, const std::string& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) {
    errno = problem.value();
    return cannot("the folder " + folder + " cannot be made");
  }
  constexpr int kMostTries = 100;
  const std::string stamp = name + "." + time_for_name(path(name));
  for (int i = 0; i < kMostTries; ++i) {
    const std::string to =
        folder + "/" + (i == 0 ? name : (i == 1 ? stamp : stamp + "." + std::to_string(i)));
    if (::renameat2(AT_FDCWD, path(name).c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ||
        errno == ENOENT)
      return to;
    // Not every file system knows how not to replace.
    if (errno == EINVAL && ::access(to.c_str(), F_OK) != 0 &&
        std::rename(path(name).c_str(), to.c_str()) == 0)
      return to;
    if (errno != EEXIST && errno != EINVAL) break;
  }
  return cannot(path(name) + " cannot be moved to " + folder);
}

}  // namespace weir::daemon
