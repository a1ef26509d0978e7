#include "daemon/sources/quiet_file.h"

#include <cerrno>

namespace weir::daemon {

FoundFile as_found(const struct stat& found) {
  const auto moment = [](const timespec& time) {
    return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
  };
  return {.version = std::to_string(found.st_dev) + "-" + std::to_string(found.st_ino) + "-" +
                     std::to_string(found.st_size) + "-" + moment(found.st_mtim) + "-" +
                     moment(found.st_ctim),
          .written_at = TimePoint(std::chrono::duration_cast<Milliseconds>(
              std::chrono::seconds(found.st_mtim.tv_sec) +
              std::chrono::nanoseconds(found.st_mtim.tv_nsec))),
          .is_there = true};
}

FoundFile look_at(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return {.version = "gone " + std::to_string(errno)};
  return as_found(found);
}

}  // namespace weir::daemon
