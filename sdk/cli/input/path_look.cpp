#include "input/path_look.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "input/bounded_call.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{5};
constexpr int kMostLinks = 40;  // as the kernel follows

// A blank in a name is \040 in the table of mounts.
std::string unescaped(std::string_view field) {
  std::string name;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 3 >= field.size()) {
      name += field[i];
      continue;
    }
    name += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 +
                              (field[i + 3] - '0'));
    i += 3;
  }
  return name;
}

std::string mount_table() {
  std::string table;
  const int file = ::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  std::array<char, 16 * 1024> piece;
  while (file >= 0) {
    const ssize_t size = ::read(file, piece.data(), piece.size());
    if (size <= 0) break;
    table.append(piece.data(), static_cast<std::size_t>(size));
  }
  if (file >= 0) ::close(file);
  return table;
}

bool is_within(const std::string& path, const std::string& folder) {
  return folder == "/" || path == folder || path.starts_with(folder + "/");
}

// Where the file system of a path without links is mounted, by the table alone: no file system is
// asked.
std::string mount_of(const std::string& path) {
  std::string mount = "/";
  std::istringstream table(mount_table());
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; i < 5; ++i) fields >> field;
    const std::string point = unescaped(field);
    if (point.size() > mount.size() && is_within(path, point)) mount = point;
  }
  return mount;
}

// The mounts that somebody waits for in vain, once for each who does.
class SilentMounts {
 public:
  void add(const std::string& mount) {
    const std::lock_guard lock(mutex_);
    mounts_.insert(mount);
  }
  void remove(const std::string& mount) {
    const std::lock_guard lock(mutex_);
    mounts_.erase(mounts_.find(mount));
  }
  // The one that this path is on.
  std::optional<std::string> around(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (mounts_.empty()) return std::nullopt;
    const std::string mount = mount_of(path);
    return mounts_.contains(mount) ? std::optional(mount) : std::nullopt;
  }

 private:
  std::mutex mutex_;
  std::multiset<std::string> mounts_;
};

// Never destroyed: a thread that waits for a file system may outlive main().
SilentMounts& silent_mounts() {
  static SilentMounts& mounts = *new SilentMounts;
  return mounts;
}

// One way along a path, and who waits for its end.
class Walk {
 public:
  explicit Walk(const fs::path& path) {
    for (const fs::path& part : path) ahead_.push_back(part.string());
  }

  // By the thread that may hang.
  void go() {
    std::string done = "/";
    while (!ahead_.empty()) {
      const std::string part = std::exchange(ahead_.front(), "");
      ahead_.pop_front();
      if (part.empty() || part == "." || part == "/") continue;
      if (part == "..") {
        done = fs::path(done).parent_path().string();
        continue;
      }
      const std::string next = (done == "/" ? "" : done) + "/" + part;
      struct stat found = {};
      if (!may_touch(next) || ::lstat(next.c_str(), &found) != 0) break;
      if (!S_ISLNK(found.st_mode)) {
        done = next;
      } else if (!follow(next, done)) {
        break;
      }
    }
    end();
  }

  // By the other one.
  Result<void> wait(const std::string& path, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const bool is_over = over_.wait_for(lock, stop, kPatience, [&] { return is_over_; });
    if (!is_over && stop.stop_requested())
      return Error{.code = ErrorCode::kCancelled,
                   .message = "stopped while " + path + " was looked at"};
    if (!is_over) {
      waited_for_ = silent_ = mount_of(at_);
      silent_mounts().add(*waited_for_);
    }
    if (!silent_) return {};
    return Error{.code = ErrorCode::kUnavailable,
                 .message = path + ": the file system mounted at " + *silent_ +
                            " does not answer; check the server or the disk that it is on"};
  }

 private:
  bool may_touch(const std::string& next) {
    std::optional<std::string> silent = silent_mounts().around(next);
    const std::lock_guard lock(mutex_);
    if (waited_for_) return false;
    at_ = next;
    silent_ = std::move(silent);
    return !silent_;
  }

  // False: it leads nowhere.
  bool follow(const std::string& link, std::string& done) {
    std::error_code unreadable;
    const fs::path target = fs::read_symlink(link, unreadable);
    if (unreadable || ++links_ > kMostLinks) return false;
    if (target.is_absolute()) done = "/";
    std::deque<std::string> parts;
    for (const fs::path& part : target) parts.push_back(part.string());
    ahead_.insert(ahead_.begin(), parts.begin(), parts.end());
    return true;
  }

  void end() {
    const std::lock_guard lock(mutex_);
    if (waited_for_) silent_mounts().remove(*waited_for_);
    is_over_ = true;
    over_.notify_all();
  }

  std::deque<std::string> ahead_;  // of the thread that walks, as the links
  int links_ = 0;
  std::mutex mutex_;
  std::condition_variable_any over_;
  std::string at_;                     // what is looked at now; guarded by mutex_, as what follows
  std::optional<std::string> silent_;  // the mount that does not answer,
  std::optional<std::string> waited_for_;  // also after the patience with this walk was over
  bool is_over_ = false;
};

}  // namespace

Result<void> look_along(const std::string& path, const std::stop_token& stop) {
  std::error_code unknown;
  const fs::path whole = fs::absolute(path, unknown);
  const auto walk = std::make_shared<Walk>(unknown ? fs::path(path) : whole);
  if (run_apart([walk] { walk->go(); })) return walk->wait(path, stop);
  return Error{.code = ErrorCode::kUnavailable,
               .message = path +
                          " cannot be looked at: no more threads can be begun; see to what "
                          "else does not answer, and to the limits of this process"};
}

}  // namespace weir::cli
