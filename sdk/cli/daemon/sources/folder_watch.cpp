#include "daemon/sources/folder_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace weir::daemon {
namespace {

constexpr std::uint32_t kWatched = IN_MOVED_TO | IN_MOVED_FROM | IN_MODIFY | IN_CLOSE_WRITE |
                                   IN_DELETE | IN_ATTRIB | IN_MOVE_SELF | IN_ONLYDIR;

FileEvent kind_of(std::uint32_t mask) {
  if ((mask & IN_MOVED_TO) != 0) return FileEvent::kMovedIn;
  if ((mask & IN_CLOSE_WRITE) != 0) return FileEvent::kClosed;
  if ((mask & IN_MODIFY) != 0) return FileEvent::kWriting;
  return FileEvent::kOther;
}

class Inotify;

class WatchedFolder final : public FolderWatch::Watched {
 public:
  WatchedFolder(std::shared_ptr<Inotify> inotify, FileEventSink sink);
  ~WatchedFolder() override;
  WatchedFolder(const WatchedFolder&) = delete;
  WatchedFolder& operator=(const WatchedFolder&) = delete;

  bool is_alive() const override;

 private:
  friend class Inotify;
  const std::shared_ptr<Inotify> inotify_;
  const FileEventSink sink_;
  int number_ = -1;  // inotify's; -1: not alive. Guarded by the mutex of inotify_
};

class Inotify final : public FolderWatch, public std::enable_shared_from_this<Inotify> {
 public:
  Inotify(int descriptor, int stop) : descriptor_(descriptor), stop_(stop) {
    thread_ = std::thread([this] { run(); });
  }
  ~Inotify() override {
    ::eventfd_write(stop_, 1);
    thread_.join();
    ::close(descriptor_);
    ::close(stop_);
  }
  Inotify(const Inotify&) = delete;
  Inotify& operator=(const Inotify&) = delete;

  std::unique_ptr<Watched> watch(const std::string& folder, FileEventSink sink) override {
    auto watched = std::make_unique<WatchedFolder>(shared_from_this(), std::move(sink));
    // Without the lock: a file system that does not answer holds up nobody else.
    const int number = ::inotify_add_watch(descriptor_, folder.c_str(), kWatched);
    if (number < 0) return watched;
    const std::lock_guard lock(mutex_);
    watched->number_ = number;
    watched_[number].push_back(watched.get());
    return watched;
  }

  void end(WatchedFolder& watched) {
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(watched.number_);
    if (found == watched_.end()) return;
    std::erase(found->second, &watched);
    if (!found->second.empty()) return;
    ::inotify_rm_watch(descriptor_, found->first);
    watched_.erase(found);
  }

  bool is_alive(const WatchedFolder& watched) const {
    const std::lock_guard lock(mutex_);
    return watched.number_ >= 0;
  }

 private:
  void run() {
    alignas(inotify_event) std::array<char, 64 * 1024> buffer;
    while (true) {
      std::array<pollfd, 2> waits = {{{descriptor_, POLLIN, 0}, {stop_, POLLIN, 0}}};
      if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
      if (waits[1].revents != 0) return;
      const ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
      if (size > 0) tell_all(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
    }
  }

  void tell_all(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    while (bytes.size() >= sizeof(inotify_event)) {
      inotify_event event = {};
      std::memcpy(&event, bytes.data(), sizeof(event));
      const std::string_view name = bytes.substr(sizeof(event), event.len);
      tell(event, name.substr(0, name.find('\0')));
      bytes.remove_prefix(std::min(bytes.size(), sizeof(event) + event.len));
    }
  }

  void tell(const inotify_event& event, std::string_view name) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      for (const auto& [number, folders] : watched_) {
        for (const WatchedFolder* folder : folders) folder->sink_(FileEvent::kLost, "");
      }
      return;
    }
    const auto found = watched_.find(event.wd);
    if (found == watched_.end()) return;
    if ((event.mask & (IN_IGNORED | IN_MOVE_SELF | IN_UNMOUNT)) != 0) {
      const std::vector<WatchedFolder*> folders = std::move(found->second);
      if ((event.mask & IN_IGNORED) == 0) ::inotify_rm_watch(descriptor_, event.wd);
      watched_.erase(found);
      for (WatchedFolder* folder : folders) {
        folder->number_ = -1;
        folder->sink_(FileEvent::kLost, "");
      }
      return;
    }
    for (const WatchedFolder* folder : found->second) folder->sink_(kind_of(event.mask), name);
  }

  const int descriptor_;
  const int stop_;
  mutable std::mutex mutex_;                            // held while sinks are called
  std::map<int, std::vector<WatchedFolder*>> watched_;  // guarded by mutex_
  std::thread thread_;
};

WatchedFolder::WatchedFolder(std::shared_ptr<Inotify> inotify, FileEventSink sink)
    : inotify_(std::move(inotify)), sink_(std::move(sink)) {}
WatchedFolder::~WatchedFolder() { inotify_->end(*this); }
bool WatchedFolder::is_alive() const { return inotify_->is_alive(*this); }

}  // namespace

Result<std::shared_ptr<FolderWatch>> FolderWatch::start() {
  const int descriptor = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  const int stop = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor >= 0 && stop >= 0)
    return std::shared_ptr<FolderWatch>(std::make_shared<Inotify>(descriptor, stop));
  const std::string words = std::strerror(errno);
  if (descriptor >= 0) ::close(descriptor);
  if (stop >= 0) ::close(stop);
  return Error{.code = ErrorCode::kUnavailable,
               .message = "files cannot be watched: " + words +
                          "; see fs.inotify.max_user_instances of sysctl"};
}

bool may_be_remote(const std::string& folder) {
  // As linux/magic.h has them, which lacks some.
  constexpr std::array<std::uint32_t, 8> kRemote = {0x6969,     0xFF534D42, 0xFE534D42, 0x517B,
                                                    0x65735546, 0x00C36400, 0x01021997, 0x5346414F};
  struct statfs found = {};
  if (::statfs(folder.c_str(), &found) != 0) return true;
  const auto kind = static_cast<std::uint32_t>(found.f_type);
  return std::find(kRemote.begin(), kRemote.end(), kind) != kRemote.end();
}

}  // namespace weir::daemon
