#include "os/socket_watch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "os/process.h"

namespace weir::os {
namespace {

constexpr Milliseconds kLookAtAll = std::chrono::seconds{1};
constexpr Milliseconds kLongestAtTheEnd = std::chrono::seconds{3};

}  // namespace

// What the thread sees of a socket.
struct SocketWatch::Watched {
  Watched(int watched_socket, SilenceLimits silence_limits)
      : socket(::fcntl(watched_socket, F_DUPFD_CLOEXEC, 0)), limits(std::move(silence_limits)) {}
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  ~Watched() {
    if (socket >= 0) ::close(socket);
  }

  void look_at(Milliseconds now) {
    const std::lock_guard lock(mutex);
    if (limits.stop.stop_requested() && !stopped_at) stopped_at = now;
    if (!asked_at || was_silent || socket < 0) return;
    Milliseconds until = *asked_at + limits.longest;
    if (stopped_at) until = std::min(until, std::max(*asked_at, *stopped_at) + kLongestAtTheEnd);
    if (now <= until) return;
    was_silent = true;
    ::shutdown(socket, SHUT_RDWR);
  }

  // A duplicate, whose number is no other's while this is there.
  const int socket;
  const SilenceLimits limits;
  std::mutex mutex;
  std::optional<Milliseconds> asked_at = {};    // guarded by mutex, as what follows
  std::optional<Milliseconds> stopped_at = {};  // as far as seen
  bool was_silent = false;
};

class SocketWatch::Watcher {
 public:
  // The one of the process, which ends with the last socket.
  static std::shared_ptr<Watcher> shared() {
    static std::mutex mutex;
    static std::weak_ptr<Watcher> last;
    const std::lock_guard lock(mutex);
    std::shared_ptr<Watcher> watcher = last.lock();
    if (watcher && watcher->process_ == process_id()) return watcher;
    // In a child of fork() the parent's has no thread, so nothing of it can be ended there.
    watcher = std::shared_ptr<Watcher>(new Watcher, [](Watcher* made) {
      if (made->process_ == process_id()) delete made;
    });
    last = watcher;
    return watcher;
  }

  void add(const std::shared_ptr<Watched>& watched) {
    const std::lock_guard lock(mutex_);
    std::erase_if(all_, [](const auto& each) { return each.expired(); });
    all_.push_back(watched);
  }

  Milliseconds now() const { return clock_->steady_now(); }

 private:
  Watcher() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      for (const auto& each : all_) {
        if (const std::shared_ptr<Watched> watched = each.lock()) watched->look_at(now());
      }
      ended_.wait_for(lock, stop, kLookAtAll, [] { return false; });
    }
  }

  const std::int64_t process_ = process_id();
  const std::shared_ptr<Clock> clock_ = system_clock();
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::vector<std::weak_ptr<Watched>> all_;  // guarded by mutex_
  std::jthread thread_;                      // uses all the others
};

SocketWatch::SocketWatch(int socket, SilenceLimits limits)
    : watcher_(Watcher::shared()), watched_(std::make_shared<Watched>(socket, std::move(limits))) {
  watcher_->add(watched_);
}

SocketWatch::~SocketWatch() = default;

void SocketWatch::expect_answer() {
  const std::lock_guard lock(watched_->mutex);
  watched_->asked_at = watcher_->now();
}

void SocketWatch::expect_nothing() {
  const std::lock_guard lock(watched_->mutex);
  watched_->asked_at.reset();
}

bool SocketWatch::was_silent() const {
  const std::lock_guard lock(watched_->mutex);
  return watched_->was_silent;
}

}  // namespace weir::os
